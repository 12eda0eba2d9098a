-- Reserves 准备金: what insurers still owe for care that was given and is not claimed yet, set aside at the end of a month.

-- What was claimed before the program kept the books of a fund: by month of care and month of booking.
create table reserve_history (
  tenant_id text not null,
  fund text not null,
  care text not null check (care ~ '^\d{4}-(0[1-9]|1[0-2])$'),
  booked text not null check (booked ~ '^\d{4}-(0[1-9]|1[0-2])$'),
  amount bigint not null,
  document text not null,
  user_name text not null,
  at timestamptz not null default now(),
  primary key (tenant_id, fund, care, booked),
  check (care <= booked)
);

create table reserves (
  tenant_id text not null,
  id uuid not null,
  no bigint generated always as identity,
  fund text not null,
  month text not null check (month ~ '^\d{4}-(0[1-9]|1[0-2])$'),
  -- By what it was worked out, and what came out.
  basis jsonb not null,
  estimate jsonb not null,
  reason text not null,
  state text not null check (state in ('proposed', 'confirmed', 'withdrawn')),
  made_by text not null,
  made_at timestamptz not null default now(),
  decided_by text,
  decided_at timestamptz,
  primary key (tenant_id, id),
  check ((state = 'proposed') = (decided_by is null)),
  check (state <> 'confirmed' or decided_by <> made_by)
);
create unique index reserves_of_month on reserves (tenant_id, fund, month) where state <> 'withdrawn';

do $$
declare t text;
begin
  foreach t in array array['reserve_history', 'reserves'] loop
    execute format('alter table %I enable row level security', t);
    execute format('create policy tenant_rows on %I using (tenant_id = current_setting(''kangyang.tenant'', true))', t);
  end loop;
end $$;
