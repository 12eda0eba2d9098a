-- Names are kept as id-card numbers are: sealed, and found whole by a keyed digest. The key is not the database's, so
-- the program seals what still stands here as text when it starts, before anybody is served.
alter table persons
  add column name_sealed bytea,
  add column name_digest bytea;
create index persons_by_name on persons (tenant_id, name_digest) where name_digest is not null;
-- What is left to seal; empty ever after.
create index persons_with_open_name on persons (tenant_id, id) where name is not null;
alter table persons add constraint name_is_sealed check (name is null) not valid;
