-- Signed up as a newborn on the first day: the scheme says from when such a cover pays.
alter table memberships add column newborn boolean not null default false;
