-- Two files of one person, made one. What stood before is kept whole, so that a merge can be undone.
create table merges (
  tenant_id text not null,
  id uuid not null default gen_random_uuid(),
  from_id text not null,
  into_id text not null,
  reason text not null,
  user_name text not null,
  at timestamptz not null default now(),
  undone_at timestamptz,
  undone_by text,
  -- Both rows as they were, the kept one as it became, and which rows moved.
  record jsonb not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, from_id) references persons (tenant_id, id),
  foreign key (tenant_id, into_id) references persons (tenant_id, id)
);
alter table merges enable row level security;
create policy tenant_rows on merges using (tenant_id = current_setting('kangyang.tenant', true));
