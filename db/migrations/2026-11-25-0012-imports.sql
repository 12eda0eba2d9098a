-- Files of enrolments. A file is kept sealed, in pieces, until it has been carried out; its rows are read into
-- import_rows, ordered by person, and carried out from there in lanes that each remember how far they are.

create table imports (
  tenant_id text not null references tenants (id),
  id uuid not null default gen_random_uuid(),
  name text not null,
  author text not null,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  state text not null check (state in ('receiving', 'received', 'running', 'checked', 'done', 'failed')),
  -- What running does: look only, carry the good rows out, or all of them or none.
  mode text check (mode in ('check', 'good', 'all')),
  bytes bigint not null default 0,
  sha256 text,
  rows_read bigint not null default 0,
  -- Set once every row stands in import_rows.
  rows_total bigint,
  failure jsonb,
  -- Who works on it, and until when that is believed without another sign of life.
  runner uuid,
  lease timestamptz,
  primary key (tenant_id, id)
);
create index imports_running on imports (lease) where state = 'running';

create table import_pieces (
  tenant_id text not null,
  import_id uuid not null,
  no int not null,
  sealed bytea not null,
  primary key (tenant_id, import_id, no)
);

create table import_rows (
  tenant_id text not null,
  import_id uuid not null,
  digest bytea not null,
  line int not null,
  id_sealed bytea not null,
  body json not null,
  primary key (tenant_id, import_id, digest, line)
);

create table import_lanes (
  tenant_id text not null,
  import_id uuid not null,
  pass text not null check (pass in ('check', 'apply')),
  lane int not null,
  -- Where the lane begins, ends and stands.
  first bytea not null,
  beyond bytea,
  digest bytea,
  finished boolean not null default false,
  persons_new bigint not null default 0,
  added bigint not null default 0,
  changed bigint not null default 0,
  unchanged bigint not null default 0,
  refused bigint not null default 0,
  primary key (tenant_id, import_id, pass, lane)
);

create table import_faults (
  tenant_id text not null,
  import_id uuid not null,
  pass text not null check (pass in ('read', 'check', 'apply')),
  line int not null,
  no int not null,
  column_title text not null,
  value text not null,
  code text not null,
  facts jsonb not null,
  primary key (tenant_id, import_id, line, pass, no)
);

do $$
declare t text;
begin
  foreach t in array array['imports', 'import_pieces', 'import_rows', 'import_lanes', 'import_faults'] loop
    execute format('alter table %I enable row level security', t);
    execute format('create policy tenant_rows on %I using (tenant_id = current_setting(''kangyang.tenant'', true))', t);
  end loop;
end $$;

-- Which import made a membership.
alter table memberships add column import_id uuid;
