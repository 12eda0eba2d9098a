-- The ledger 总账: double entry, append-only. An entry is one event; its legs stand in arrays of one length. Each leg moves
-- an amount within one fund from the account it credits to the account it debits, so every entry, every fund and the whole
-- book add up to zero by their shape, and no row of a balance is ever locked.

create table ledger_entries (
  tenant_id text not null,
  -- What the entry is about, and what happened to it: an event is posted once.
  subject text not null,
  kind text not null,
  no bigint generated always as identity,
  booked_at timestamptz not null default clock_timestamp(),
  booked_on date not null default (clock_timestamp() at time zone 'Asia/Shanghai')::date,
  user_name text not null,
  bill_id text,
  settlement_id uuid,
  replay_id uuid,
  funds text[] not null,
  debits text[] not null,
  credits text[] not null,
  -- In fen.
  amounts bigint[] not null,
  primary key (tenant_id, subject, kind),
  constraint ledger_entries_legs check (cardinality(amounts) > 0 and 0 < all (amounts)
    and cardinality(funds) = cardinality(amounts) and cardinality(debits) = cardinality(amounts)
    and cardinality(credits) = cardinality(amounts))
);
create index ledger_entries_by_day on ledger_entries (tenant_id, booked_on, no);

create function ledger_is_immutable() returns trigger language plpgsql as $$
begin
  raise exception 'the ledger is never changed: a correction is another entry' using errcode = '42501';
end $$;
create trigger ledger_entries_immutable before update or delete on ledger_entries
  for each row execute function ledger_is_immutable();
create trigger ledger_entries_never_emptied before truncate on ledger_entries
  for each statement execute function ledger_is_immutable();

-- The account under which persons' own accounts are summed up: `owed/person/P1` is part of `owed/person`.
create function ledger_control(account text) returns text language sql immutable as $$
  select case when account like '%/person/%' then split_part(account, '/person/', 1) || '/person' else account end
$$;

-- What a day that is over moved on each account. A day is closed once, some time after its end; the position of a fund on
-- any day is the sum of these and of the entries of days that are still open.
create table ledger_days (
  tenant_id text not null,
  day date not null,
  fund text not null,
  account text not null,
  debit bigint not null,
  credit bigint not null,
  primary key (tenant_id, day, fund, account)
);
create table ledger_closed (
  tenant_id text not null references tenants (id),
  day date not null,
  primary key (tenant_id)
);

-- Tenants whose settlements were kept before there was a ledger: the server posts them before it serves anybody.
create table ledger_due (
  tenant_id text not null references tenants (id),
  primary key (tenant_id)
);
insert into ledger_due (tenant_id)
select id from tenants t
 where exists (select from settlements s where s.tenant_id = t.id)
    or exists (select from account_entries a where a.tenant_id = t.id)
    or exists (select from opening_totals o where o.tenant_id = t.id);

do $$
declare t text;
begin
  foreach t in array array['ledger_entries', 'ledger_days', 'ledger_closed', 'ledger_due'] loop
    execute format('alter table %I enable row level security', t);
    execute format('create policy tenant_rows on %I using (tenant_id = current_setting(''kangyang.tenant'', true))', t);
  end loop;
end $$;
