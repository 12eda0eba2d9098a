-- Construction sites: workers come and go, and the policy names none of them beforehand. It covers so many at a
-- time, or whoever works on so many square metres.

create table sites (
  tenant_id text not null,
  id text not null,
  name text not null,
  employer_id text not null,
  scheme text not null,
  from_day date not null,
  until_day date not null check (until_day >= from_day),
  headcount int check (headcount > 0),
  area_m2 int check (area_m2 > 0),
  check ((headcount is null) <> (area_m2 is null)),
  primary key (tenant_id, id),
  foreign key (tenant_id, employer_id) references employers (tenant_id, id)
);

-- Who worked there, once they are named.
create table site_workers (
  tenant_id text not null,
  site_id text not null,
  person_id text not null,
  from_day date not null,
  until_day date not null check (until_day >= from_day),
  primary key (tenant_id, site_id, person_id, from_day),
  foreign key (tenant_id, site_id) references sites (tenant_id, id),
  foreign key (tenant_id, person_id) references persons (tenant_id, id)
);

alter table sites enable row level security;
create policy tenant_rows on sites using (tenant_id = current_setting('kangyang.tenant', true));
alter table site_workers enable row level security;
create policy tenant_rows on site_workers using (tenant_id = current_setting('kangyang.tenant', true));
