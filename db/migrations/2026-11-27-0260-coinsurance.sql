-- Co-insurance 共保: insurers who share a product. What they agreed is dated and confirmed by a second person; a month that
-- was closed is never changed, and what differs later comes with the next.

create table coinsurance_panels (
  tenant_id text not null references tenants (id),
  id uuid not null,
  no bigint generated always as identity,
  scheme text not null,
  -- As the ledger names it: the payer in the place of the product's rules.
  fund text not null,
  from_day date not null,
  until_day date not null check (until_day > from_day),
  lead text not null,
  -- The rules that are shared, as whoever confirmed it saw them.
  rules text[] not null,
  source text not null,
  grade text not null check (grade in ('A', 'B', 'C', 'D', 'invented')),
  state text not null check (state in ('proposed', 'confirmed', 'withdrawn')),
  made_by text not null,
  made_at timestamptz not null default now(),
  decided_by text,
  decided_at timestamptz,
  reason text,
  primary key (tenant_id, id),
  constraint confirmed_by_another check (state <> 'confirmed' or decided_by <> made_by)
);

create table coinsurance_members (
  tenant_id text not null,
  panel_id uuid not null,
  -- Where a fen that is over falls depends on the order, so it is part of what was agreed.
  place int not null,
  insurer text not null,
  name text not null,
  -- Parts per million.
  share int not null check (share between 1 and 1000000),
  primary key (tenant_id, panel_id, place),
  unique (tenant_id, panel_id, insurer),
  foreign key (tenant_id, panel_id) references coinsurance_panels (tenant_id, id)
);

-- What was claimed under each rule from the first day of the panel to the end of the month, in fen.
create table coinsurance_months (
  tenant_id text not null,
  panel_id uuid not null,
  month date not null check (extract(day from month) = 1),
  rules text[] not null,
  amounts bigint[] not null check (cardinality(amounts) = cardinality(rules)),
  closed_by text not null,
  closed_at timestamptz not null default now(),
  primary key (tenant_id, panel_id, month),
  foreign key (tenant_id, panel_id) references coinsurance_panels (tenant_id, id)
);

-- Each insurer's part of it: of the month, and since the first day of the panel.
create table coinsurance_shares (
  tenant_id text not null,
  panel_id uuid not null,
  month date not null,
  insurer text not null,
  moved bigint not null,
  cumulative bigint not null,
  primary key (tenant_id, panel_id, month, insurer),
  foreign key (tenant_id, panel_id, month) references coinsurance_months (tenant_id, panel_id, month)
);

-- Money between an insurer and the lead: above zero to the lead, below zero from it.
create table coinsurance_receipts (
  tenant_id text not null,
  id uuid not null,
  no bigint generated always as identity,
  panel_id uuid not null,
  insurer text not null,
  on_day date not null,
  amount bigint not null check (amount <> 0),
  -- What the bank calls it.
  reference text not null,
  state text not null check (state in ('proposed', 'confirmed', 'withdrawn')),
  made_by text not null,
  made_at timestamptz not null default now(),
  decided_by text,
  decided_at timestamptz,
  reason text,
  primary key (tenant_id, id),
  foreign key (tenant_id, panel_id, insurer) references coinsurance_members (tenant_id, panel_id, insurer),
  constraint confirmed_by_another check (state <> 'confirmed' or decided_by <> made_by)
);
create unique index coinsurance_receipts_once on coinsurance_receipts (tenant_id, panel_id, insurer, reference)
  where state <> 'withdrawn';

create function coinsurance_is_immutable() returns trigger language plpgsql as $$
begin
  raise exception 'what was shared is never changed: a difference comes with the next month' using errcode = '42501';
end $$;
create trigger coinsurance_months_immutable before update or delete on coinsurance_months
  for each row execute function coinsurance_is_immutable();
create trigger coinsurance_shares_immutable before update or delete on coinsurance_shares
  for each row execute function coinsurance_is_immutable();
create trigger coinsurance_members_immutable before update or delete on coinsurance_members
  for each row execute function coinsurance_is_immutable();
create trigger coinsurance_receipts_immutable before update on coinsurance_receipts
  for each row when (old.state <> 'proposed' or new.amount <> old.amount or new.insurer <> old.insurer
    or new.panel_id <> old.panel_id or new.on_day <> old.on_day)
  execute function coinsurance_is_immutable();
create trigger coinsurance_receipts_kept before delete on coinsurance_receipts
  for each row execute function coinsurance_is_immutable();
create trigger coinsurance_panels_kept before delete on coinsurance_panels
  for each row execute function coinsurance_is_immutable();
