-- Emergency access (紧急访问): somebody opens the file of a person whom their role or scope does not show, for a
-- reason, for a while, and every supervisor is told. Only its end and its acknowledgement are written later.
create table emergency_accesses (
  tenant_id text not null references tenants (id),
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  user_name text not null,
  person_id text not null,
  category text not null check (category in ('emergency-care', 'complaint', 'fraud', 'system-fault', 'other')),
  reason text not null,
  granted_at timestamptz not null default now(),
  expires_at timestamptz not null,
  ended_at timestamptz,
  ended_by text,
  acknowledged_at timestamptz,
  acknowledged_by text,
  note text,
  primary key (tenant_id, id),
  foreign key (tenant_id, user_id) references users (tenant_id, id),
  constraint emergency_accesses_of_a_person foreign key (tenant_id, person_id) references persons (tenant_id, id)
);
create index emergency_accesses_of_user on emergency_accesses (tenant_id, user_id, expires_at);
create index emergency_accesses_open on emergency_accesses (tenant_id, granted_at) where acknowledged_at is null;
alter table emergency_accesses enable row level security;
create policy tenant_rows on emergency_accesses using (tenant_id = current_setting('kangyang.tenant', true));
