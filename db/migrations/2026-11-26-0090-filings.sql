-- 备案 and 待遇资格 stand in the body that settlements read. Here is what stands behind each of them: the document,
-- and where it came from. `subject` is the place of a registration ('' for everywhere), the disease or drug of a
-- certificate.
create table filings (
  tenant_id text not null,
  person_id text not null,
  what text not null check (what in ('registration', 'certificate')),
  kind text not null,
  subject text not null,
  from_day date not null,
  document text not null,
  source text not null,
  primary key (tenant_id, person_id, what, kind, subject, from_day),
  foreign key (tenant_id, person_id) references persons (tenant_id, id)
);
alter table filings enable row level security;
create policy tenant_rows on filings using (tenant_id = current_setting('kangyang.tenant', true));

-- The merges of a person, on either side.
create index merges_of_from on merges (tenant_id, from_id);
create index merges_of_into on merges (tenant_id, into_id);
-- Where a person worked on sites.
create index site_workers_of_person on site_workers (tenant_id, person_id);
