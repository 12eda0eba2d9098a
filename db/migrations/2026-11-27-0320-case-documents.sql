-- What was handed in with a case: bills, records and certificates, as pictures or PDF. Sealed, because they name people and
-- diseases; what was handed in by mistake is taken out again, and that it was there stays on record.
create table case_documents (
  tenant_id text not null,
  id uuid not null,
  case_id uuid not null,
  no bigint generated always as identity,
  kind text not null check (kind in ('invoice', 'record', 'certificate', 'identity', 'other')),
  type text not null check (type in ('image/jpeg', 'image/png', 'application/pdf')),
  name_sealed bytea not null,
  -- None where it was taken out.
  content_sealed bytea,
  digest bytea not null,
  size int not null check (size > 0),
  user_name text not null,
  at timestamptz not null default now(),
  removed_by text,
  removed_at timestamptz,
  removed_why_sealed bytea,
  primary key (tenant_id, id),
  foreign key (tenant_id, case_id) references cases (tenant_id, id),
  check ((content_sealed is null) = (removed_by is not null))
);
create unique index case_documents_of_case on case_documents (tenant_id, case_id, digest) where removed_by is null;

alter table case_documents enable row level security;
create policy tenant_rows on case_documents using (tenant_id = current_setting('kangyang.tenant', true));
