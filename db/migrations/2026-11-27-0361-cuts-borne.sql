-- A cut is borne by the person, whose bill is settled without it, or by the hospital, whose conduct it was: then the person's
-- share stays as settled, and what the funds paid on it is taken off what they owe the hospital.
alter table case_acts add column bearer text check (bearer in ('patient', 'hospital'));
-- Every cut so far was the person's.
alter table case_acts disable trigger case_acts_immutable;
update case_acts set bearer = 'patient' where outcome = 'cut';
alter table case_acts enable trigger case_acts_immutable;
alter table case_acts add check ((outcome = 'cut') = (bearer is not null) or outcome is null and bearer is null);

-- The case whose decision a deduction follows from.
alter table month_deductions add column case_id uuid;
create index month_deductions_of_case on month_deductions (tenant_id, case_id) where case_id is not null;
