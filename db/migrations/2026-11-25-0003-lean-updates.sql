-- A settlement changes the state of a bill and the totals of a person, never the bill itself. Kept out of line,
-- the bill is not written again with its state; room on each page lets a changed row stay where it is.
alter table bills set (toast_tuple_target = 128, fillfactor = 90);
alter table persons set (fillfactor = 70);
