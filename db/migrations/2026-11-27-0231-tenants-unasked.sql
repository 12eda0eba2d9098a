-- Each settlement writes a row of these three, and each row asked once more whether its tenant is there: an eighth of the
-- database's work. Whoever writes them is a user, and a user's tenant is there; the row-level policies let nobody write
-- for another one (db/second-lock.sql).
alter table commands drop constraint commands_tenant_id_fkey;
alter table outbox drop constraint outbox_tenant_id_fkey;
alter table access_log drop constraint access_log_tenant_id_fkey;
