-- Who signs in, from where, with what second factor, and what ends it.

alter table users
  -- Nobody is deleted: what they did still names them. A disabled user has no session and opens none.
  add column disabled_at timestamptz,
  add column disabled_by text,
  add column disabled_reason text,
  add column last_login_at timestamptz,
  -- A one-time password that nobody used by then opens nothing. The first administrator's has no such end.
  add column one_time_until timestamptz,
  -- Whom the identity provider means: its address and its own name of the user, together.
  add column provider text,
  add column subject text,
  add constraint users_subject_whole check ((provider is null) = (subject is null)),
  add constraint users_of_provider unique (tenant_id, provider, subject);

alter table sessions
  add column id uuid not null default gen_random_uuid(),
  add column address text not null default '',
  add column device text not null default '',
  add column method text not null default 'password' check (method in ('password', 'provider')),
  add column seen_at timestamptz not null default now(),
  -- Sessions that were open before today end with the working day as well.
  add column ends_at timestamptz not null default now() + interval '12 hours',
  add constraint sessions_named unique (tenant_id, id);
create index sessions_of_user on sessions (tenant_id, user_id);

-- Where a user has signed in from: many failures elsewhere do not close these doors.
create table login_addresses (
  tenant_id text not null references tenants (id),
  user_id uuid not null,
  address text not null,
  last_at timestamptz not null default now(),
  primary key (tenant_id, user_id, address),
  foreign key (tenant_id, user_id) references users (tenant_id, id)
);

-- The secret of an authenticator, sealed under the data key. `last_step` is the period of the code used last.
create table second_factors (
  tenant_id text not null references tenants (id),
  user_id uuid not null,
  secret bytea not null,
  last_step bigint not null default 0,
  created_at timestamptz not null default now(),
  confirmed_at timestamptz,
  primary key (tenant_id, user_id),
  foreign key (tenant_id, user_id) references users (tenant_id, id)
);

-- 123 random bits each, so a plain hash keeps them.
create table recovery_codes (
  tenant_id text not null references tenants (id),
  user_id uuid not null,
  hash bytea not null,
  used_at timestamptz,
  primary key (tenant_id, user_id, hash),
  foreign key (tenant_id, user_id) references users (tenant_id, id)
);

-- Which roles of a tenant have to bring a second factor.
create table sign_in_policies (
  tenant_id text primary key references tenants (id),
  second_factor_roles text[] not null default '{}',
  changed_at timestamptz not null default now(),
  changed_by text not null
);

do $$
declare t text;
begin
  foreach t in array array['login_addresses', 'second_factors', 'recovery_codes', 'sign_in_policies'] loop
    execute format('alter table %I enable row level security', t);
    execute format('create policy tenant_rows on %I using (tenant_id = current_setting(''kangyang.tenant'', true))', t);
  end loop;
end $$;
