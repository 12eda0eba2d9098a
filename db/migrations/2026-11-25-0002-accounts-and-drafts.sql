-- Failed logins, counted where every server sees them and no restart forgets them. A tenant that is named at the
-- door need not exist, so the column refers to none.
create table login_attempts (
  tenant_id text not null,
  user_name text not null,
  address text not null,
  since timestamptz not null default now(),
  attempts int not null,
  primary key (tenant_id, user_name, address)
);
alter table login_attempts enable row level security;
create policy tenant_rows on login_attempts using (tenant_id = current_setting('kangyang.tenant', true));

-- A draft is changed in place as long as it is open; the number of the change says which text somebody has read.
alter table drafts add column revision int not null default 1;
alter table drafts add column changed_at timestamptz not null default now();
update drafts set changed_at = created_at;
