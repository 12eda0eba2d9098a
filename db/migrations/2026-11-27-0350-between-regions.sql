-- Care elsewhere 异地就医: what the region of care has paid first is stated month by month, confirmed by a second person and
-- then owed to it; what it holds in advance is agreed and moved by two persons.

-- How two regions clear, from a month on. Where they have agreed on nothing, the rule for everybody holds.
create table region_terms (
  tenant_id text not null references tenants (id),
  id uuid not null,
  no bigint generated always as identity,
  insured text not null check (insured ~ '^\d{6}$'),
  treating text not null check (treating ~ '^\d{6}$' and treating <> insured),
  from_month text not null check (from_month ~ '^\d{4}-(0[1-9]|1[0-2])$'),
  body jsonb not null,
  state text not null check (state in ('proposed', 'confirmed', 'withdrawn')),
  made_by text not null,
  made_at timestamptz not null default now(),
  decided_by text,
  decided_at timestamptz,
  reason text,
  primary key (tenant_id, id),
  check ((state = 'proposed') = (decided_by is null)),
  constraint confirmed_by_another check (state <> 'confirmed' or decided_by <> made_by)
);
create unique index region_terms_once on region_terms (tenant_id, insured, treating, from_month) where state <> 'withdrawn';

-- A month of two regions, closed once. What is booked later comes with a later month.
create table region_months (
  tenant_id text not null references tenants (id),
  insured text not null,
  treating text not null,
  month text not null check (month ~ '^\d{4}-(0[1-9]|1[0-2])$'),
  -- By fund: what was settled, and what changed of earlier bills, in fen.
  funds jsonb not null,
  amount bigint not null,
  terms jsonb not null,
  closed_by text not null,
  closed_at timestamptz not null default now(),
  confirmed_by text,
  confirmed_at timestamptz,
  -- What was cleared by it.
  clearing_id uuid,
  primary key (tenant_id, insured, treating, month),
  check ((confirmed_by is null) = (confirmed_at is null)),
  constraint confirmed_by_another check (confirmed_by <> closed_by)
);

-- What moves the prepayment: in fen, below zero what comes back.
create table region_prepayments (
  tenant_id text not null references tenants (id),
  id uuid not null,
  no bigint generated always as identity,
  insured text not null check (insured ~ '^\d{6}$'),
  treating text not null check (treating ~ '^\d{6}$' and treating <> insured),
  kind text not null check (kind in ('initial', 'rebase', 'emergency')),
  fund text not null,
  year int not null,
  amount bigint not null check (amount <> 0),
  document text not null,
  state text not null check (state in ('proposed', 'confirmed', 'withdrawn')),
  made_by text not null,
  made_at timestamptz not null default now(),
  decided_by text,
  decided_at timestamptz,
  reason text,
  primary key (tenant_id, id),
  check (amount > 0 or kind = 'rebase'),
  check ((state = 'proposed') = (decided_by is null)),
  constraint confirmed_by_another check (state <> 'confirmed' or decided_by <> made_by)
);
create unique index region_prepayments_once on region_prepayments (tenant_id, insured, treating, year)
  where kind = 'rebase' and state <> 'withdrawn';
create unique index region_prepayments_first on region_prepayments (tenant_id, insured, treating)
  where kind = 'initial' and state <> 'withdrawn';

create function regions_are_immutable() returns trigger language plpgsql as $$
begin
  raise exception 'what was stated between regions is never changed: a difference comes with the next month' using errcode = '42501';
end $$;
create trigger region_months_kept before delete on region_months for each row execute function regions_are_immutable();
create trigger region_months_immutable before update on region_months
  for each row when (old.confirmed_by is not null or new.funds <> old.funds or new.amount <> old.amount or new.terms <> old.terms
    or new.closed_by <> old.closed_by or new.closed_at <> old.closed_at or new.month <> old.month or new.insured <> old.insured
    or new.treating <> old.treating)
  execute function regions_are_immutable();
create trigger region_prepayments_kept before delete on region_prepayments
  for each row execute function regions_are_immutable();
create trigger region_prepayments_immutable before update on region_prepayments
  for each row when (old.state <> 'proposed' or new.amount <> old.amount or new.fund <> old.fund or new.kind <> old.kind
    or new.insured <> old.insured or new.treating <> old.treating or new.made_by <> old.made_by)
  execute function regions_are_immutable();
create trigger region_terms_kept before delete on region_terms for each row execute function regions_are_immutable();
create trigger region_terms_immutable before update on region_terms
  for each row when (old.state <> 'proposed' or new.body <> old.body or new.made_by <> old.made_by or new.from_month <> old.from_month
    or new.insured <> old.insured or new.treating <> old.treating)
  execute function regions_are_immutable();

-- The office of a region has an account at a bank, as an institution has.
alter table payment_accounts drop constraint payment_accounts_holder_check;
alter table payment_accounts add constraint payment_accounts_holder_check
  check (holder in ('fund', 'institution', 'person', 'region'));

do $$
declare t text;
begin
  foreach t in array array['region_terms', 'region_months', 'region_prepayments'] loop
    execute format('alter table %I enable row level security', t);
    execute format('create policy tenant_rows on %I using (tenant_id = current_setting(''kangyang.tenant'', true))', t);
  end loop;
end $$;
