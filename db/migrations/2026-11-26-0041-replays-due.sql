-- Replays that wait: of persons whose facts an import changed, and of runs that settle again by a corrected version
-- of the rules. A run is checked first, person by person, and carried out only when somebody says so.

create table replay_runs (
  tenant_id text not null references tenants (id),
  id uuid not null default gen_random_uuid(),
  rules_version int not null,
  state text not null check (state in ('checking', 'checked', 'applying', 'done', 'cancelled')),
  persons int not null default 0,
  -- What the check came to, and what was carried out: persons, bills, both sides per payer.
  checked jsonb not null default '{}',
  applied jsonb not null default '{}',
  author text not null,
  reason text not null,
  at timestamptz not null default now(),
  started_by text,
  changed_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, rules_version) references rulebooks (tenant_id, version)
);

create table replays_due (
  tenant_id text not null,
  person_id text not null,
  -- Of no run: zeros.
  run_id uuid not null default '00000000-0000-0000-0000-000000000000',
  step text not null default 'apply' check (step in ('check', 'checked', 'apply', 'failed')),
  cause jsonb not null,
  at timestamptz not null default now(),
  attempts int not null default 0,
  fault text,
  primary key (tenant_id, person_id, run_id),
  foreign key (tenant_id, person_id) references persons (tenant_id, id)
);
create index replays_due_waiting on replays_due (at) where step in ('check', 'apply');
create index replays_due_of_run on replays_due (tenant_id, run_id, step);

do $$
declare t text;
begin
  foreach t in array array['replay_runs', 'replays_due'] loop
    execute format('alter table %I enable row level security', t);
    execute format('create policy tenant_rows on %I using (tenant_id = current_setting(''kangyang.tenant'', true))', t);
  end loop;
end $$;
