-- An import that somebody stopped: what was carried out stays, and it can be run again.
alter table imports drop constraint imports_state_check;
alter table imports add constraint imports_state_check
  check (state in ('receiving', 'received', 'running', 'stopped', 'checked', 'done', 'failed'));

-- Whether the same file has been carried out before.
create index imports_by_content on imports (tenant_id, sha256);
