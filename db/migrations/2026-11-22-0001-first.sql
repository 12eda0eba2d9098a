-- The first tables. Every one carries tenant_id; policies show a connection only the rows of the tenant that
-- it names in the setting kangyang.tenant. They bind every role but the owner until owners are forced.

create table tenants (
  id text primary key,
  name text not null,
  demonstration boolean not null default false,
  created_at timestamptz not null default now()
);

create table users (
  tenant_id text not null references tenants (id),
  id uuid not null default gen_random_uuid(),
  name text not null,
  password_hash text not null,
  role text not null check (role in ('handler', 'actuary', 'admin')),
  must_change boolean not null default false,
  demonstration boolean not null default false,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, name)
);

create table sessions (
  tenant_id text not null references tenants (id),
  token_hash bytea not null primary key,
  user_id uuid not null,
  csrf text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  foreign key (tenant_id, user_id) references users (tenant_id, id)
);

-- A rule book is the scheme files as they were published, whole: a settlement names the version it used.
create table rulebooks (
  tenant_id text not null references tenants (id),
  version int not null,
  hash text not null,
  files jsonb not null,
  note text not null,
  author text not null,
  publisher text not null,
  published_at timestamptz not null default now(),
  primary key (tenant_id, version)
);

create table drafts (
  tenant_id text not null references tenants (id),
  id uuid not null default gen_random_uuid(),
  name text not null,
  files jsonb not null,
  base_version int not null,
  author text not null,
  state text not null default 'open' check (state in ('open', 'published')),
  created_at timestamptz not null default now(),
  primary key (tenant_id, id)
);

-- The row of a person is what a settlement locks: two bills of one person never settle at once.
create table persons (
  tenant_id text not null references tenants (id),
  id text not null,
  name text,
  body jsonb not null,
  totals jsonb not null default '{}',
  settlements int not null default 0,
  primary key (tenant_id, id)
);

create table bills (
  tenant_id text not null,
  id text not null,
  person_id text not null,
  settled_on date not null,
  body jsonb not null,
  state text not null default 'open' check (state in ('open', 'settled', 'reversed')),
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, person_id) references persons (tenant_id, id)
);
create index bills_of_person on bills (tenant_id, person_id, settled_on);

-- Append-only but for the reversal, which is written once. `sequence` counts a person's settlements.
create table settlements (
  tenant_id text not null,
  id uuid not null,
  bill_id text not null,
  person_id text not null,
  sequence int not null,
  state text not null default 'settled' check (state in ('settled', 'reversed')),
  total bigint not null,
  patient bigint not null,
  result jsonb not null,
  totals_before jsonb not null,
  rules_version int not null,
  created_at timestamptz not null default now(),
  created_by text not null,
  reversed_at timestamptz,
  reversed_by text,
  reason text,
  primary key (tenant_id, id),
  unique (tenant_id, person_id, sequence),
  foreign key (tenant_id, bill_id) references bills (tenant_id, id),
  foreign key (tenant_id, rules_version) references rulebooks (tenant_id, version)
);
create unique index one_settlement_per_bill on settlements (tenant_id, bill_id) where state = 'settled';

-- The answer to a command stands beside its key, written in the command's own transaction.
create table commands (
  tenant_id text not null references tenants (id),
  key text not null,
  request_hash text not null,
  status int not null,
  body jsonb not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, key)
);

create table outbox (
  tenant_id text not null references tenants (id),
  id bigint generated always as identity primary key,
  topic text not null,
  body jsonb not null,
  created_at timestamptz not null default now(),
  sent_at timestamptz
);
create index outbox_unsent on outbox (id) where sent_at is null;

create table access_log (
  tenant_id text not null references tenants (id),
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  user_name text not null,
  action text not null,
  subject text
);

do $$
declare t text;
begin
  foreach t in array array['users', 'sessions', 'rulebooks', 'drafts', 'persons', 'bills', 'settlements', 'commands', 'outbox', 'access_log'] loop
    execute format('alter table %I enable row level security', t);
    execute format('create policy tenant_rows on %I using (tenant_id = current_setting(''kangyang.tenant'', true))', t);
  end loop;
end $$;
