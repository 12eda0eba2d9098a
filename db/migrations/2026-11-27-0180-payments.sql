-- Payments 付款: what a fund owes is gathered into batches, released by a second person, ordered from a bank and
-- answered by it. What is owed is claimed by one item at a time: that, and the ledger's key of an event, are why nothing
-- is paid twice whatever a program forgets.

-- Where money goes to and comes from: accounts of funds, institutions and persons, each from a day on. A correction is
-- another row; the newest of the latest day that has come is in force.
create table payment_accounts (
  tenant_id text not null references tenants (id),
  id uuid not null default gen_random_uuid(),
  no bigint generated always as identity,
  holder text not null check (holder in ('fund', 'institution', 'person')),
  -- The fund as payer@place, the number of the institution or person.
  holder_id text not null,
  from_day date not null,
  kind text not null check (kind in ('card', 'account')),
  name_sealed bytea not null,
  number_sealed bytea not null,
  number_digest bytea not null,
  bank_code text not null,
  bank_name text not null,
  -- Of a fund: within how many working days its bank has agreed to answer an order.
  answer_days int check (answer_days > 0),
  document text not null,
  user_name text not null,
  at timestamptz not null default now(),
  primary key (tenant_id, id),
  check ((holder = 'fund') = (answer_days is not null))
);
create index payment_accounts_of_holder on payment_accounts (tenant_id, holder, holder_id, from_day, no);
create index payment_accounts_by_number on payment_accounts (tenant_id, number_digest);

create table payment_batches (
  tenant_id text not null references tenants (id),
  id uuid not null,
  no bigint generated always as identity,
  state text not null check (state in ('draft', 'submitted', 'withdrawn', 'released', 'sent', 'answered', 'closed')),
  until_day date not null,
  pay_on date not null,
  fund text,
  payee text,
  made_by text not null,
  made_at timestamptz not null default now(),
  message_id text,
  released_at timestamptz,
  sent_on date,
  primary key (tenant_id, id),
  unique (tenant_id, message_id)
);
create index payment_batches_by_no on payment_batches (tenant_id, no);

-- Who moved a batch from which state to which, and why where that was asked for.
create table payment_moves (
  tenant_id text not null,
  batch_id uuid not null,
  no bigint generated always as identity,
  act text not null,
  user_name text not null,
  at timestamptz not null default now(),
  reason text,
  primary key (tenant_id, no),
  foreign key (tenant_id, batch_id) references payment_batches (tenant_id, id)
);
create index payment_moves_of_batch on payment_moves (tenant_id, batch_id);

-- One order: from a fund to a payee, `institution/H1` or `person/P1`.
create table payment_items (
  tenant_id text not null,
  id uuid not null,
  batch_id uuid not null,
  no int not null,
  state text not null check (state in ('drafted', 'left-out', 'ordered', 'accepted', 'settled', 'failed', 'returned', 'unpaid')),
  fund text not null,
  payee text not null,
  -- In fen.
  amount bigint not null check (amount > 0),
  account_id uuid not null,
  fund_account_id uuid not null,
  end_to_end text,
  -- Why the bank did not pay, as it said.
  bank_reason text,
  primary key (tenant_id, id),
  unique (tenant_id, batch_id, no),
  unique (tenant_id, end_to_end),
  foreign key (tenant_id, batch_id) references payment_batches (tenant_id, id),
  foreign key (tenant_id, account_id) references payment_accounts (tenant_id, id),
  foreign key (tenant_id, fund_account_id) references payment_accounts (tenant_id, id),
  check ((state in ('drafted', 'left-out')) = (end_to_end is null))
);
create index payment_items_of_payee on payment_items (tenant_id, fund, payee);

-- Which entries of the ledger, which are never taken out, an item pays. Held by one item at a time.
create table payment_claims (
  tenant_id text not null,
  item_id uuid not null,
  subject text not null,
  kind text not null,
  fund text not null,
  payee text not null,
  amount bigint not null,
  held boolean not null default true,
  primary key (tenant_id, item_id, subject, kind),
  foreign key (tenant_id, item_id) references payment_items (tenant_id, id)
);
create unique index payment_claims_held on payment_claims (tenant_id, subject, kind, fund, payee) where held;

-- What banks answered, as it came. A file is taken in once, and so is an answer that says what another has said.
create table payment_answer_files (
  tenant_id text not null references tenants (id),
  digest bytea not null,
  name text not null,
  format text not null,
  answers int not null,
  user_name text not null,
  at timestamptz not null default now(),
  primary key (tenant_id, digest)
);
create table payment_answers (
  tenant_id text not null,
  no bigint generated always as identity,
  file_digest bytea not null,
  end_to_end text not null,
  item_id uuid,
  status text not null check (status in ('accepted', 'settled', 'failed', 'returned')),
  amount bigint,
  reason text,
  effect text not null,
  primary key (tenant_id, no),
  foreign key (tenant_id, file_digest) references payment_answer_files (tenant_id, digest)
);
create index payment_answers_of_item on payment_answers (tenant_id, item_id);

-- What does not fit, until somebody decides. One of a kind and an order is open at a time.
create table payment_breaks (
  tenant_id text not null references tenants (id),
  id uuid not null default gen_random_uuid(),
  no bigint generated always as identity,
  kind text not null check (kind in ('unknown_order', 'amount_differs', 'contradiction', 'paid_again', 'duplicate_order')),
  end_to_end text not null,
  item_id uuid,
  status text not null,
  amount bigint,
  -- What the order said, where the files that were sent show it: of which fund, to whom.
  fund text,
  payee text,
  raised_by text not null,
  raised_at timestamptz not null default now(),
  decision text check (decision in ('booked', 'dismissed')),
  decided_by text,
  decided_at timestamptz,
  reason text,
  primary key (tenant_id, id),
  check ((decision is null) = (decided_by is null) and (decision is null) = (reason is null))
);
create unique index payment_breaks_open on payment_breaks (tenant_id, kind, end_to_end) where decision is null;

-- After a restore nothing is ordered until it is known what the bank was sent since the backup.
create table payment_holds (
  tenant_id text not null references tenants (id),
  no bigint generated always as identity,
  since timestamptz not null default now(),
  cause text not null,
  ended_at timestamptz,
  ended_by text,
  reason text,
  primary key (tenant_id, no)
);

-- Clearings of the past are in the ledger as well from now on: the server posts them before it serves anybody, each on its
-- day, and days are closed anew.
insert into ledger_due (tenant_id) select distinct tenant_id from cleared_settlements on conflict do nothing;
delete from ledger_days where tenant_id in (select tenant_id from cleared_settlements);
delete from ledger_closed where tenant_id in (select tenant_id from cleared_settlements);

do $$
declare t text;
begin
  foreach t in array array['payment_accounts', 'payment_batches', 'payment_moves', 'payment_items', 'payment_claims',
      'payment_answer_files', 'payment_answers', 'payment_breaks', 'payment_holds'] loop
    execute format('alter table %I enable row level security', t);
    execute format('create policy tenant_rows on %I using (tenant_id = current_setting(''kangyang.tenant'', true))', t);
  end loop;
end $$;
