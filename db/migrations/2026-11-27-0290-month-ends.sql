-- Months of institutions 机构月结: what a fund owes an institution is closed month by month; a part is held back until the
-- year is assessed, what was paid in advance is given back, and people take off what they decided about.

-- What fund and institution agreed for a year. What is confirmed stays: its months rest on it.
create table month_terms (
  tenant_id text not null,
  id uuid not null,
  no bigint generated always as identity,
  institution_id text not null,
  fund text not null,
  from_month text not null check (from_month ~ '^\d{4}-(0[1-9]|1[0-2])$'),
  year int generated always as (left(from_month, 4)::int) stored,
  body jsonb not null,
  state text not null check (state in ('draft', 'confirmed', 'withdrawn')),
  made_by text not null,
  made_at timestamptz not null default now(),
  decided_by text,
  decided_at timestamptz,
  primary key (tenant_id, id),
  check ((state = 'draft') = (decided_by is null)),
  -- Two persons agree to it; what was not agreed one may take back alone.
  check (state <> 'confirmed' or decided_by <> made_by)
);
create unique index month_terms_in_force on month_terms (tenant_id, institution_id, fund, year) where state = 'confirmed';

create table month_ends (
  tenant_id text not null,
  institution_id text not null,
  fund text not null,
  month text not null,
  terms_id uuid not null,
  -- The result: what it was worked out from, what was held and given back, what is payable.
  body jsonb not null,
  closed_by text not null,
  closed_at timestamptz not null default now(),
  primary key (tenant_id, institution_id, fund, month),
  foreign key (tenant_id, terms_id) references month_terms (tenant_id, id)
);

-- Ends of months that are booked after the day that a question is about.
create index ledger_entries_month_ends on ledger_entries (tenant_id, booked_on) where kind = 'month-end';

create table month_deductions (
  tenant_id text not null,
  id uuid not null,
  no bigint generated always as identity,
  institution_id text not null,
  fund text not null,
  amount bigint not null check (amount > 0),
  -- What was found, by which rule, on which bill if it is one.
  reason text not null,
  rule text not null,
  bill_id text,
  state text not null check (state in ('proposed', 'confirmed', 'withdrawn', 'restored')),
  made_by text not null,
  made_at timestamptz not null default now(),
  confirmed_by text,
  restored_by text,
  primary key (tenant_id, id),
  check ((state in ('confirmed', 'restored')) = (confirmed_by is not null)),
  check ((state = 'restored') = (restored_by is not null)),
  check (confirmed_by <> made_by and restored_by <> confirmed_by)
);
create index month_deductions_by_no on month_deductions (tenant_id, no);

create table month_deduction_acts (
  tenant_id text not null,
  deduction_id uuid not null,
  act text not null,
  user_name text not null,
  at timestamptz not null default now(),
  reason text,
  primary key (tenant_id, deduction_id, act),
  foreign key (tenant_id, deduction_id) references month_deductions (tenant_id, id)
);

-- The score of a year, given by one person and confirmed by another, and what it comes to.
create table year_ends (
  tenant_id text not null,
  id uuid not null,
  no bigint generated always as identity,
  institution_id text not null,
  fund text not null,
  year int not null,
  terms_id uuid not null,
  body jsonb not null,
  reason text not null,
  state text not null check (state in ('draft', 'confirmed', 'withdrawn')),
  made_by text not null,
  made_at timestamptz not null default now(),
  decided_by text,
  decided_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, terms_id) references month_terms (tenant_id, id),
  check ((state = 'draft') = (decided_by is null)),
  check (state <> 'confirmed' or decided_by <> made_by)
);
create unique index year_ends_open on year_ends (tenant_id, institution_id, fund, year) where state <> 'withdrawn';

do $$
declare t text;
begin
  foreach t in array array['month_terms', 'month_ends', 'month_deductions', 'month_deduction_acts', 'year_ends'] loop
    execute format('alter table %I enable row level security', t);
    execute format('create policy tenant_rows on %I using (tenant_id = current_setting(''kangyang.tenant'', true))', t);
  end loop;
end $$;
