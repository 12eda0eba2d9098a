-- Scenarios 情景: a draft of rules, what it is tried on and what is assumed, and the runs of it. A run keeps what it was
-- asked for as that was then, and of its result tables alone: nothing in it is about one person.

create table scenarios (
  tenant_id text not null references tenants (id),
  id uuid not null,
  name text not null,
  owner text not null,
  owner_name text not null,
  -- Read by everybody of the tenant who reads scenarios, changed by its owner alone.
  shared boolean not null default false,
  draft text not null,
  data jsonb not null,
  assumptions jsonb not null,
  version int not null default 1,
  changed_at timestamptz not null default now(),
  primary key (tenant_id, id)
);

create table scenario_runs (
  tenant_id text not null,
  scenario_id uuid not null,
  id uuid not null,
  state text not null default 'queued' check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
  -- What was asked for: name, draft, data and assumptions of the scenario as they were.
  content jsonb not null,
  scenario_version int not null,
  asked_by text not null,
  -- The version of the rules that the baseline is; known once it has begun, and the same when it goes on.
  rules_version int,
  progress jsonb,
  -- Who works on it, and until when nobody else takes it.
  runner uuid,
  lease timestamptz,
  attempts int not null default 0,
  -- As it was written: its hash is over this text.
  report json,
  settled jsonb,
  paper bytea,
  fault jsonb,
  at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  primary key (tenant_id, scenario_id, id),
  foreign key (tenant_id, scenario_id) references scenarios (tenant_id, id)
);
create index scenario_runs_waiting on scenario_runs (tenant_id, at) where state in ('queued', 'running');
