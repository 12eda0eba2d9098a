-- The rows of a file are set aside sealed, in 256 buckets by the first byte of the digest of their person: all rows
-- of a person are in one bucket, in the order of the file, and a bucket is read in one go. A row of the table per row
-- of the file cost more than carrying it out.
drop table import_rows;
create table import_parts (
  tenant_id text not null,
  import_id uuid not null,
  bucket int not null check (bucket between 0 and 255),
  no int not null,
  rows int not null,
  sealed bytea not null,
  primary key (tenant_id, import_id, bucket, no)
);
-- What is sealed cannot be compressed.
alter table import_parts alter column sealed set storage external;

-- A lane goes through the buckets from `next` to the one before `beyond`.
drop table import_lanes;
create table import_lanes (
  tenant_id text not null,
  import_id uuid not null,
  pass text not null check (pass in ('check', 'apply')),
  lane int not null,
  next int not null,
  beyond int not null,
  persons_new bigint not null default 0,
  added bigint not null default 0,
  changed bigint not null default 0,
  unchanged bigint not null default 0,
  refused bigint not null default 0,
  primary key (tenant_id, import_id, pass, lane)
);

-- Whatever was read into the old table is read again.
update imports set rows_total = null, rows_read = 0 where state in ('received', 'running', 'checked');

-- Which persons an import changed, and when: what `person_changes` is for changes by hand. The import says who and why.
create table person_imports (
  tenant_id text not null,
  person_id text not null,
  import_id uuid not null,
  at timestamptz not null default now(),
  primary key (tenant_id, person_id, import_id)
);

do $$
declare t text;
begin
  foreach t in array array['import_parts', 'import_lanes', 'person_imports'] loop
    execute format('alter table %I enable row level security', t);
    execute format('create policy tenant_rows on %I using (tenant_id = current_setting(''kangyang.tenant'', true))', t);
  end loop;
end $$;

-- Looking the one tenant up for every person of a province took as long as writing the person. No other table of
-- persons' facts has this reference either; whoever writes has come in through a session of the tenant.
alter table persons drop constraint persons_tenant_id_fkey;
