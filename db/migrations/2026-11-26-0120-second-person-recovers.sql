-- What is taken back from a person is confirmed by two people: the first one, with the reason, stands beside the decision.
alter table adjustments
  add column first_at timestamptz,
  add column first_by text,
  add column first_reason text,
  drop constraint adjustments_state_check,
  add constraint adjustments_state_check check (state in ('ordered', 'proposed', 'confirmed-once', 'confirmed', 'waived')),
  add constraint adjustments_first_check check ((first_at is null) = (first_by is null) and (first_at is null) = (first_reason is null)),
  add constraint adjustments_once_check check (state <> 'confirmed-once' or first_at is not null),
  add constraint adjustments_second_check check (first_by is null or state <> 'confirmed' or decided_by <> first_by);
