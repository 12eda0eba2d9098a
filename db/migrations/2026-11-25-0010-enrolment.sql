-- Who a person is, and who covers them. The row of a person stays the one that everything about the person locks:
-- settlement keeps its totals, enrolment its identity and, once `enrolled`, its body.

alter table persons
  add column enrolled boolean not null default false,
  -- The id-card number is sealed; it is found by a keyed digest.
  add column id_sealed bytea,
  add column id_digest bytea,
  add column sex text check (sex in ('male', 'female')),
  add column died_on date,
  add column merged_into text;
create unique index persons_by_id_number on persons (tenant_id, id_digest) where id_digest is not null;

create sequence person_numbers;

create table memberships (
  tenant_id text not null,
  person_id text not null,
  scheme text not null,
  from_day date not null,
  until_day date check (until_day >= from_day),
  enrolled_on date not null,
  answers jsonb not null,
  employer_id text,
  primary key (tenant_id, person_id, scheme, from_day)
);
create index memberships_of_employer on memberships (tenant_id, employer_id) where employer_id is not null;

create table statuses (
  tenant_id text not null,
  person_id text not null,
  attribute text not null,
  from_day date not null,
  until_day date check (until_day >= from_day),
  value text not null,
  primary key (tenant_id, person_id, attribute, from_day)
);

create table repairs (
  tenant_id text not null,
  person_id text not null,
  scheme text not null,
  from_day date not null,
  until_day date not null check (until_day >= from_day),
  paid_on date not null,
  primary key (tenant_id, person_id, scheme, from_day)
);

create table conditions (
  tenant_id text not null,
  person_id text not null,
  disease text not null,
  since date not null,
  state text not null check (state in ('declared', 'found', 'confirmed', 'rejected')),
  primary key (tenant_id, person_id, disease)
);

-- What one membership costs each payer: what is due, what came, what went back.
create table premiums (
  tenant_id text not null,
  person_id text not null,
  scheme text not null,
  from_day date not null,
  payer text not null check (payer in ('self', 'employer', 'government', 'assistance')),
  due bigint not null check (due >= 0),
  collected bigint not null default 0,
  refunded bigint not null default 0 check (refunded between 0 and collected),
  primary key (tenant_id, person_id, scheme, from_day, payer)
);

create table families (
  tenant_id text not null,
  owner_id text not null,
  member_id text not null check (member_id <> owner_id),
  relation text not null check (relation in ('spouse', 'parent', 'child', 'other')),
  from_day date not null,
  until_day date check (until_day >= from_day),
  primary key (tenant_id, owner_id, member_id, from_day),
  foreign key (tenant_id, owner_id) references persons (tenant_id, id),
  foreign key (tenant_id, member_id) references persons (tenant_id, id)
);
create index families_of_member on families (tenant_id, member_id);

create table employers (
  tenant_id text not null references tenants (id),
  id text not null,
  name text not null,
  primary key (tenant_id, id)
);

create table rosters (
  tenant_id text not null,
  employer_id text not null,
  person_id text not null,
  from_day date not null,
  until_day date check (until_day >= from_day),
  primary key (tenant_id, employer_id, person_id, from_day),
  foreign key (tenant_id, employer_id) references employers (tenant_id, id),
  foreign key (tenant_id, person_id) references persons (tenant_id, id)
);
create index rosters_of_person on rosters (tenant_id, person_id);

create table institutions (
  tenant_id text not null references tenants (id),
  id text not null,
  name text not null,
  kind text not null check (kind in ('hospital', 'clinic', 'pharmacy', 'care')),
  primary key (tenant_id, id)
);

create table institution_levels (
  tenant_id text not null,
  institution_id text not null,
  from_day date not null,
  level text not null,
  document text not null,
  primary key (tenant_id, institution_id, from_day),
  foreign key (tenant_id, institution_id) references institutions (tenant_id, id)
);

create table agreements (
  tenant_id text not null,
  institution_id text not null,
  kind text not null,
  from_day date not null,
  until_day date check (until_day >= from_day),
  document text not null,
  primary key (tenant_id, institution_id, kind, from_day),
  foreign key (tenant_id, institution_id) references institutions (tenant_id, id)
);

-- Append-only: what people changed about a person, and why. An import is its own record.
create table person_changes (
  tenant_id text not null,
  id bigint generated always as identity primary key,
  person_id text not null,
  at timestamptz not null default now(),
  user_name text not null,
  change text not null,
  facts jsonb not null,
  reason text,
  foreign key (tenant_id, person_id) references persons (tenant_id, id)
);
create index person_changes_of_person on person_changes (tenant_id, person_id, id);

-- Who looked at a person: entries whose subject is that person.
create index access_log_by_subject on access_log (tenant_id, subject, id) where length(subject) <= 200;

do $$
declare t text;
begin
  foreach t in array array['memberships', 'statuses', 'repairs', 'conditions', 'premiums', 'families', 'employers', 'rosters', 'institutions', 'institution_levels', 'agreements', 'person_changes'] loop
    execute format('alter table %I enable row level security', t);
    execute format('create policy tenant_rows on %I using (tenant_id = current_setting(''kangyang.tenant'', true))', t);
  end loop;
end $$;
