-- How much of a case stands out: points that a machine gives, by rules of a version, at acceptance and whenever something new is
-- known. They say in which order people look at cases of one day, and nothing else. A case of before has none yet.
alter table cases add column risk int not null default 0 check (risk between 0 and 100);
-- With the act that it was worked out at: the version of the rules, and each factor with what it rests on.
alter table case_acts add column risk jsonb;

drop index cases_waiting;
create index cases_waiting on cases (tenant_id, desk, (coalesce(due_on, 'infinity'::date)), (-risk), no) where desk is not null;
create index cases_waiting_by_risk on cases (tenant_id, desk, (-risk), (coalesce(due_on, 'infinity'::date)), no) where desk is not null;
drop index cases_waiting_by_amount;
create index cases_waiting_by_amount on cases (tenant_id, desk, (-amount), no) where desk is not null;
