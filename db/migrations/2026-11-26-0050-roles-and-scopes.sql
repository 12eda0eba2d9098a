-- Twelve roles, and what each user's is narrowed to: places, institutions, schemes, an employer, single persons.
-- Whoever stands outside the office sees their own alone, and cannot be kept without saying what that is.

alter table users drop constraint users_role_check;
alter table users
  add constraint users_role_check check (role in ('handler', 'reviewer', 'investigator', 'cashier', 'supervisor', 'actuary', 'hospital', 'employer', 'insured', 'agent', 'regulator', 'admin')),
  add column scope jsonb not null default '{}',
  add constraint users_scope_check check (
    case role
      when 'hospital' then coalesce(jsonb_array_length(scope->'institutions'), 0) > 0
      when 'employer' then coalesce(scope->>'employer', '') <> ''
      when 'insured' then coalesce(jsonb_array_length(scope->'persons'), 0) = 1
      when 'agent' then coalesce(jsonb_array_length(scope->'persons'), 0) > 0
      else jsonb_typeof(scope) = 'object'
    end);
