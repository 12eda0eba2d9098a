-- Keys that outlive the data key: each is kept sealed under it, for the whole database. `digest` is the one under which
-- texts are digested, so that a new data key changes no digest.
create table kept_keys (
  name text primary key,
  sealed bytea not null
);
-- The server is handed its keys by whoever starts it, and reads none here.
alter table kept_keys enable row level security;
alter table kept_keys force row level security;
