-- The institution of a bill is what the bill says, so a correction of the bill moves it along. The policies that look
-- at the column are put back by the second lock, which follows every migration.
drop policy if exists sees on bills;
drop policy if exists inserts on bills;
drop policy if exists updates on bills;
alter table bills drop column institution_id;
alter table bills add column institution_id text generated always as (body->>'institution') stored;
create index bills_of_institution on bills (tenant_id, institution_id, settled_on desc, id) where institution_id is not null;
