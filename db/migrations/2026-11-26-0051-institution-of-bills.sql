-- Which institution a bill comes from: a hospital sees the bills of its own. Bills kept from before name none.
alter table bills add column institution_id text;
create index bills_of_institution on bills (tenant_id, institution_id, settled_on) where institution_id is not null;
