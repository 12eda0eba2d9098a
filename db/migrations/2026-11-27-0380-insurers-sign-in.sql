-- An insurer's own people sign in: a role that is narrowed to one insurer, who agrees with its months or objects to them.

alter table users drop constraint users_role_check, drop constraint users_scope_check;
alter table users
  add constraint users_role_check check (role in ('handler', 'reviewer', 'investigator', 'cashier', 'supervisor', 'actuary', 'hospital', 'employer', 'insured', 'agent', 'insurer', 'regulator', 'admin')),
  add constraint users_scope_check check (
    case role
      when 'hospital' then coalesce(jsonb_array_length(scope->'institutions'), 0) > 0
      when 'employer' then coalesce(scope->>'employer', '') <> ''
      when 'insured' then coalesce(jsonb_array_length(scope->'persons'), 0) = 1
      when 'agent' then coalesce(jsonb_array_length(scope->'persons'), 0) > 0
      when 'insurer' then coalesce(scope->>'insurer', '') <> ''
      else jsonb_typeof(scope) = 'object'
    end);

-- What was said about an insurer's part of a month that was shared: it agrees, it objects, the lead answers. Nothing is taken back.
create table coinsurance_acts (
  tenant_id text not null,
  id uuid not null,
  no bigint generated always as identity,
  panel_id uuid not null,
  month date not null,
  insurer text not null,
  act text not null check (act in ('agreed', 'objected', 'answered')),
  reason text,
  -- What the insurer owed at the end of the month as whoever said it saw it.
  closing bigint not null,
  made_by text not null,
  made_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, panel_id, month, insurer) references coinsurance_shares (tenant_id, panel_id, month, insurer),
  check (act = 'agreed' or reason is not null)
);
create index coinsurance_acts_of_panel on coinsurance_acts (tenant_id, panel_id, no);
create trigger coinsurance_acts_immutable before update or delete on coinsurance_acts
  for each row execute function coinsurance_is_immutable();

-- Whose a contract is: the program writes what it read in the text; of those that are there, the key on its own line says it.
-- Where it does not, the insurer sees the contract from its next version on.
alter table contracts add column insurer text;
update contracts set insurer = substring(text from '(?n)^insurer:\s*\{?\s*id:\s*[''"]?([^\s,''"}]+)');
