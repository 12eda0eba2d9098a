-- The access log grows and never changes. What is written is sealed some moments later into a chain of hashes, in
-- batches, so that nobody who writes an entry waits for anybody else who does.

alter table access_log
  -- Why somebody looked, where they said so.
  add column purpose text,
  -- The transaction that wrote the entry: once no older one runs, nothing can appear before it any more.
  add column written_in xid8 not null default pg_current_xact_id();
create index access_log_by_transaction on access_log (tenant_id, written_in);
create index access_log_by_day on access_log using brin (at) with (autosummarize = on);

-- One batch of entries of one tenant. `ids` are its entries in their order, `marks` the first eight bytes of the hash
-- of each: they tell which entry was touched. `root` covers the whole hashes, `hash` the root and the seal before,
-- and `code` is the hash under a key that the database does not know.
create table access_seals (
  tenant_id text not null references tenants (id),
  number int not null check (number > 0),
  sealed_at timestamptz not null,
  ids bigint[] not null,
  marks bytea not null,
  root bytea not null,
  previous bytea not null,
  hash bytea not null,
  key text not null,
  code bytea not null,
  -- Entries of this transaction and later ones are for the next seal; none up to `until_id`, though, which came
  -- from another database, where transactions were counted otherwise.
  until_transaction xid8 not null,
  until_id bigint not null,
  primary key (tenant_id, number)
);

-- When the chain was last looked through, how far, and what was found.
create table access_checks (
  tenant_id text not null references tenants (id),
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  seals int not null,
  entries bigint not null,
  sound boolean not null,
  finding text
);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% only grows: nothing in it is changed or removed', tg_table_name using errcode = 'insufficient_privilege';
end $$;

do $$
declare t text;
begin
  foreach t in array array['access_log', 'access_seals', 'access_checks'] loop
    execute format('create trigger only_grows before update or delete on %I for each row execute function refuse_change()', t);
    execute format('create trigger only_grows_whole before truncate on %I for each statement execute function refuse_change()', t);
    execute format('revoke update, delete, truncate on %I from public', t);
  end loop;
  foreach t in array array['access_seals', 'access_checks'] loop
    execute format('alter table %I enable row level security', t);
    execute format('create policy tenant_rows on %I using (tenant_id = current_setting(''kangyang.tenant'', true))', t);
  end loop;
end $$;
