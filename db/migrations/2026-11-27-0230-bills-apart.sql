-- A bill changes its state when it is settled, and PostgreSQL writes a changed row anew. What the bill says is kept
-- beside the row, so that it is not written a second time.
alter table bills set (toast_tuple_target = 256);
