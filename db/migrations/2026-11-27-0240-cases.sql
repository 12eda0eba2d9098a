-- Cases 案件: a bill on which a person decides, from the counter to the last word. What was done to a case is never
-- taken out; where it stands is kept beside, so that a queue of many is looked through by an index.

-- Up to which amount, in fen, one person decides alone; the newest of the latest day that has come is in force.
create table case_limits (
  tenant_id text not null references tenants (id),
  no bigint generated always as identity,
  from_day date not null,
  amount bigint not null check (amount >= 0),
  document text not null,
  user_name text not null,
  at timestamptz not null default now(),
  primary key (tenant_id, no)
);

create table cases (
  tenant_id text not null references tenants (id),
  id uuid not null,
  no bigint generated always as identity,
  bill_id text not null,
  person_id text not null,
  channel text not null check (channel in ('counter', 'hospital-desk', 'online', 'agent')),
  state text not null,
  -- The desk that acts next; none where the case is over.
  desk text check (desk in ('counter', 'review', 'investigation')),
  -- What the bill comes to, in fen.
  amount bigint not null check (amount > 0),
  accepted_on date not null,
  -- The first day on which a clock that runs is over; none while none runs.
  due_on date,
  assignee text,
  -- Whoever decided in it so far: a second look is by nobody of them.
  deciders text[] not null default '{}',
  outcome text check (outcome in ('pay', 'cut', 'refuse')),
  acts int not null default 0,
  primary key (tenant_id, id),
  foreign key (tenant_id, bill_id) references bills (tenant_id, id),
  foreign key (tenant_id, person_id) references persons (tenant_id, id)
);
create index cases_of_person on cases (tenant_id, person_id);
create index cases_of_bill on cases (tenant_id, bill_id);
create index cases_waiting on cases (tenant_id, desk, (coalesce(due_on, 'infinity'::date)), no) where desk is not null;
create index cases_waiting_by_amount on cases (tenant_id, desk, amount desc, no) where desk is not null;

create table case_acts (
  tenant_id text not null,
  case_id uuid not null,
  no int not null,
  act text not null,
  user_name text not null,
  on_day date not null,
  at timestamptz not null default now(),
  why text,
  outcome text check (outcome in ('pay', 'cut', 'refuse')),
  rules text[] not null default '{}',
  -- Of a cut: which line is cut by how much, as [{"line": "1", "amount": 100}].
  cuts jsonb not null default '[]',
  -- What was settled by it, or settled again.
  statement uuid,
  primary key (tenant_id, case_id, no),
  foreign key (tenant_id, case_id) references cases (tenant_id, id)
);

create function case_acts_are_immutable() returns trigger language plpgsql as $$
begin
  raise exception 'what was done to a case is never changed';
end $$;
create trigger case_acts_immutable before update or delete on case_acts
  for each row execute function case_acts_are_immutable();

-- A bill that a case holds is settled, corrected and reversed by that case alone.
alter table bills add column case_id uuid;
