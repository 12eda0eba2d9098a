-- The three catalogues, place by place. What was in force is never overwritten: an entry is added by one version
-- of its place's catalogue and removed by a later one, and both are kept.

create table catalogues (
  tenant_id text not null references tenants (id),
  place text not null,
  version int not null,
  note text not null,
  author text not null,
  publisher text not null,
  published_at timestamptz not null default now(),
  primary key (tenant_id, place, version)
);

create table catalogue_entries (
  tenant_id text not null,
  id bigint generated always as identity,
  place text not null,
  code text not null,
  from_on date not null,
  kind text not null check (kind in ('drug', 'item', 'consumable')),
  class text,
  body jsonb not null,
  -- What a search compares, and the pieces of it by which an index finds it. No extension is needed.
  search text not null,
  pieces text[] not null,
  added_in int not null,
  removed_in int,
  primary key (tenant_id, id),
  foreign key (tenant_id, place, added_in) references catalogues (tenant_id, place, version),
  foreign key (tenant_id, place, removed_in) references catalogues (tenant_id, place, version)
);
create unique index catalogue_entry_in_force on catalogue_entries (tenant_id, code, place, from_on) where removed_in is null;
create index catalogue_entry_history on catalogue_entries (tenant_id, code);
create index catalogue_entry_pieces on catalogue_entries using gin (pieces) where removed_in is null;

-- A file that was read and waits for a second person. Its entries stand apart until then.
create table catalogue_drafts (
  tenant_id text not null references tenants (id),
  id uuid not null,
  place text not null,
  whole boolean not null,
  file_name text not null,
  entries int not null,
  base_version int not null,
  author text not null,
  state text not null default 'open' check (state in ('open', 'published')),
  created_at timestamptz not null default now(),
  primary key (tenant_id, id)
);

create table catalogue_draft_entries (
  tenant_id text not null,
  draft_id uuid not null,
  code text not null,
  from_on date not null,
  kind text not null,
  class text,
  body jsonb not null,
  search text not null,
  pieces text[] not null,
  primary key (tenant_id, draft_id, code, from_on),
  foreign key (tenant_id, draft_id) references catalogue_drafts (tenant_id, id)
);

do $$
declare t text;
begin
  foreach t in array array['catalogues', 'catalogue_entries', 'catalogue_drafts', 'catalogue_draft_entries'] loop
    execute format('alter table %I enable row level security', t);
    execute format('create policy tenant_rows on %I using (tenant_id = current_setting(''kangyang.tenant'', true))', t);
  end loop;
end $$;
