-- Personal accounts 个人账户. The balance is a running total of the person, which settlements draw on; whatever else
-- happens to it is an entry here, written under the same lock.

create table account_entries (
  tenant_id text not null,
  id bigint generated always as identity primary key,
  person_id text not null,
  account text not null check (account in ('personal', 'family')),
  kind text not null check (kind in ('credit', 'use', 'refund', 'share', 'shared', 'transfer-in', 'transfer-out', 'inherited', 'left', 'paid-out')),
  -- What it does to the balance, and the balance after it, in fen.
  amount bigint not null,
  balance bigint not null check (balance >= 0),
  on_day date not null,
  purpose text,
  counterpart text,
  reference text not null,
  user_name text not null,
  at timestamptz not null default now(),
  foreign key (tenant_id, person_id) references persons (tenant_id, id)
);
create index account_entries_of_person on account_entries (tenant_id, person_id, id);

-- What an account may be used for, from a day on, and who says so.
create table account_uses (
  tenant_id text not null references tenants (id),
  purpose text not null,
  from_day date not null,
  permitted boolean not null,
  source text not null,
  article text,
  author text not null,
  primary key (tenant_id, purpose, from_day)
);

alter table account_entries enable row level security;
create policy tenant_rows on account_entries using (tenant_id = current_setting('kangyang.tenant', true));
alter table account_uses enable row level security;
create policy tenant_rows on account_uses using (tenant_id = current_setting('kangyang.tenant', true));
