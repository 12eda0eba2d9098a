-- Contracts 承办合同 between the bureau and an insurer: kept as they were written, year by year stated, and what a change of
-- policy cost proven by a replay. One person writes, another confirms.

-- A contract is its text, in versions: an amendment is another one. One waits for a second person at a time.
create table contracts (
  tenant_id text not null references tenants (id),
  id text not null,
  version int not null check (version > 0),
  state text not null check (state in ('draft', 'confirmed', 'withdrawn')),
  text text not null,
  hash text not null,
  author text not null,
  at timestamptz not null default now(),
  decided_by text,
  decided_at timestamptz,
  reason text,
  primary key (tenant_id, id, version),
  check ((state = 'draft') = (decided_by is null)),
  check (state <> 'confirmed' or decided_by <> author)
);
create unique index contracts_one_draft on contracts (tenant_id, id) where state = 'draft';

-- A year as it was replayed under two books of rules: the fund's payments under each, and those that stand.
create table contract_proofs (
  tenant_id text not null,
  id uuid not null,
  no bigint generated always as identity,
  contract_id text not null,
  year int not null,
  fund text not null,
  from_day date not null,
  until_day date not null,
  -- Which rules: {"version": 3}, or with the files of a draft that stand in place of its own.
  before_rules jsonb not null,
  after_rules jsonb not null,
  before_hash text not null,
  after_hash text not null,
  -- The books as they stood at this moment, and the day on which they were read.
  as_of timestamptz not null,
  on_day date not null,
  -- The proof that this one runs again.
  again_of uuid,
  state text not null default 'running' check (state in ('running', 'done', 'failed')),
  persons_total int,
  persons int not null default 0,
  bills int not null default 0,
  -- Bills of the year that one of the two books refuses: counted in no sum.
  refused int not null default 0,
  -- In fen.
  stood bigint not null default 0,
  sum_before bigint not null default 0,
  sum_after bigint not null default 0,
  -- The person up to whom it has come.
  reached text not null default '',
  failure text,
  user_name text not null,
  at timestamptz not null default now(),
  ended_at timestamptz,
  primary key (tenant_id, id)
);
create index contract_proofs_of_year on contract_proofs (tenant_id, contract_id, year, no);
create index contract_proofs_running on contract_proofs (tenant_id, no) where state = 'running';

-- A year stated: what is confirmed is posted, and a year that is confirmed again posts the difference.
create table contract_years (
  tenant_id text not null,
  id uuid not null,
  no bigint generated always as identity,
  contract_id text not null,
  contract_version int not null,
  year int not null,
  state text not null default 'draft' check (state in ('draft', 'confirmed', 'withdrawn')),
  facts jsonb not null,
  statement jsonb not null,
  author text not null,
  at timestamptz not null default now(),
  decided_by text,
  decided_at timestamptz,
  reason text,
  primary key (tenant_id, id),
  foreign key (tenant_id, contract_id, contract_version) references contracts (tenant_id, id, version),
  check ((state = 'draft') = (decided_by is null)),
  check (state <> 'confirmed' or decided_by <> author)
);
create unique index contract_years_one_draft on contract_years (tenant_id, contract_id, year) where state = 'draft';
create index contract_years_of_contract on contract_years (tenant_id, contract_id, year, no);

do $$
declare t text;
begin
  foreach t in array array['contracts', 'contract_proofs', 'contract_years'] loop
    execute format('alter table %I enable row level security', t);
    execute format('create policy tenant_rows on %I using (tenant_id = current_setting(''kangyang.tenant'', true))', t);
  end loop;
end $$;
