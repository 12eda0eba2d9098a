-- The second lock: whose rows each table shows, and who may write there, whatever a query forgets to ask.
--
-- The server works as kangyang_server, which owns nothing and cannot pass row-level policies by. Each transaction says
-- for whom it runs: kangyang.tenant, kangyang.role, and kangyang.scope, which is `all` for somebody of the office whom
-- nothing narrows, else what the role is narrowed to as JSON. Where a setting is missing, no row is there.
--
-- This file is the whole of it, and is carried out again whenever it or the tables have changed.

create or replace function kangyang_scope() returns jsonb language sql stable as $$
  select case when current_setting('kangyang.scope', true) like '{%'
    then current_setting('kangyang.scope', true)::jsonb else '{}'::jsonb end
$$;

-- Somebody of the office, who works on bills and persons. Which of them, is a matter of fields and of actions.
create or replace function kangyang_of_office() returns boolean language sql stable as $$
  select current_setting('kangyang.role', true)
    in ('system', 'handler', 'reviewer', 'investigator', 'cashier', 'supervisor', 'actuary')
$$;

-- Whether one of these covers lies within the regions and schemes of whoever asks. A person whom nothing covers yet
-- belongs to no region, and is open to every desk of the office.
create or replace function kangyang_covers_within(covers jsonb) returns boolean language plpgsql stable as $$
declare
  regions jsonb := kangyang_scope()->'regions';
  schemes jsonb := kangyang_scope()->'schemes';
begin
  if jsonb_array_length(coalesce(covers, '[]')) = 0 then return true; end if;
  return exists (
    select from jsonb_array_elements(covers) c
     where (schemes is null or schemes ? (c->>'scheme'))
       and (regions is null or exists (
             select from jsonb_array_elements_text(regions) r where starts_with(c->>'scheme', r || '/'))));
end $$;

create or replace function kangyang_sees_person(person text, covers jsonb) returns boolean language plpgsql stable as $$
declare
  tenant text := current_setting('kangyang.tenant', true);
  scope jsonb := kangyang_scope();
begin
  -- Persons opened one by one: one's own file, an authorisation, the counter, an emergency.
  if coalesce(scope->'persons' ? person, false) then return true; end if;
  if kangyang_of_office() then return kangyang_covers_within(covers); end if;
  case current_setting('kangyang.role', true)
    when 'hospital' then
      return exists (select from bills b where b.tenant_id = tenant and b.person_id = person
        and scope->'institutions' ? b.institution_id);
    when 'employer' then
      return exists (select from rosters r where r.tenant_id = tenant and r.person_id = person
        and r.employer_id = scope->>'employer');
    else return false;
  end case;
end $$;

-- What hangs on a person is seen by whoever sees the person, but for hospitals and employers: they see their own alone.
create or replace function kangyang_sees_file(person text) returns boolean language plpgsql stable as $$
begin
  if coalesce(kangyang_scope()->'persons' ? person, false) then return true; end if;
  return kangyang_of_office() and exists (
    select from persons p where p.tenant_id = current_setting('kangyang.tenant', true) and p.id = person);
end $$;

create or replace function kangyang_sees_bill(person text, institution text) returns boolean language plpgsql stable as $$
begin
  if current_setting('kangyang.role', true) = 'hospital' then
    return coalesce(kangyang_scope()->'institutions' ? institution, false);
  end if;
  return kangyang_sees_file(person);
end $$;

create or replace function kangyang_sees_settlement(person text, bill text) returns boolean language plpgsql stable as $$
begin
  if current_setting('kangyang.role', true) = 'hospital' then
    return exists (select from bills b where b.tenant_id = current_setting('kangyang.tenant', true) and b.id = bill);
  end if;
  return kangyang_sees_file(person);
end $$;

-- One insurer's own rows, to whoever signs in for it.
create or replace function kangyang_is_insurer(insurer text) returns boolean language sql stable as $$
  select coalesce(current_setting('kangyang.role', true) = 'insurer' and kangyang_scope()->>'insurer' = insurer, false)
$$;

create or replace function kangyang_sees_institution(institution text) returns boolean language sql stable as $$
  select current_setting('kangyang.role', true) = 'hospital' and coalesce(kangyang_scope()->'institutions' ? institution, false)
$$;

-- Only an owner may have a table counted, so these do it in the owner's name.
create or replace function kangyang_count(what text) returns void language plpgsql security definer
  set search_path = public, pg_temp as $$
begin
  if what not in ('catalogue_entries', 'payment_items', 'payment_claims') then raise exception 'not counted: %', what; end if;
  execute format('analyze %I', what);
end $$;
revoke execute on function kangyang_count(text) from public;
grant execute on function kangyang_count(text) to kangyang_server;

grant usage on schema public to kangyang_server;
grant select on migrations to kangyang_server;
grant select, insert on tenants to kangyang_server;
grant usage on all sequences in schema public to kangyang_server;

do $lock$
declare
  wide text := $$(current_setting('kangyang.scope', true) = 'all' and kangyang_of_office())$$;
  -- The door asks who somebody is before it can know of which tenant. It sees those who sign in, and nothing else.
  door text := $$current_setting('kangyang.role', true) = 'door'$$;
  each record;
  own record;
  roles text;
begin
  -- Whoever is named after `adds`, `changes` and `removes` may do so, within the rows they see; the program itself may
  -- as well, as `system`. `-` stands for nobody, `*` for everybody. A setting is read once a row, and a function is
  -- called where it does not already decide: a settlement passes here.
  create temp table lock_of (name text, sees text, adds text, changes text, removes text) on commit drop;
  insert into lock_of values
    ('users', door, 'door', 'door', null),
    ('sessions', door, 'door', 'door', 'door'),
    ('login_attempts', door, 'door', 'door', 'door'),
    ('login_addresses', door, 'door', 'door', null),
    ('second_factors', door, 'door', 'door', 'door'),
    ('recovery_codes', door, 'door', 'door', 'door'),
    ('sign_in_policies', door, 'door', 'door', null),
    ('emergency_accesses', door, 'door', 'door', null),

    ('rulebooks', 'true', 'admin', null, null),
    ('drafts', $$current_setting('kangyang.role', true) in ('system', 'actuary', 'admin')$$, 'actuary admin', 'actuary admin', null),
    ('catalogues', 'true', 'admin', null, null),
    ('catalogue_entries', 'true', 'admin', 'admin', null),
    ('catalogue_drafts', $$current_setting('kangyang.role', true) in ('system', 'actuary', 'admin')$$, 'actuary admin', 'admin', null),
    ('catalogue_draft_entries', $$current_setting('kangyang.role', true) in ('system', 'actuary', 'admin')$$, 'actuary admin', null, 'admin'),

    ('persons', wide || $$ or kangyang_sees_person(id, body->'covers')$$, 'handler', 'handler hospital supervisor', null),
    ('bills', wide || ' or kangyang_sees_bill(person_id, institution_id)', 'handler hospital', 'handler hospital supervisor', null),
    ('settlements', wide || ' or kangyang_sees_settlement(person_id, bill_id)', 'handler hospital', 'handler supervisor', null),
    ('memberships', wide || $$ or kangyang_sees_file(person_id)
        or (current_setting('kangyang.role', true) = 'employer' and employer_id = kangyang_scope()->>'employer')$$, 'handler', 'handler', 'handler'),
    ('statuses', wide || ' or kangyang_sees_file(person_id)', 'handler', 'handler', 'handler'),
    ('repairs', wide || ' or kangyang_sees_file(person_id)', 'handler', 'handler', 'handler'),
    ('conditions', wide || ' or kangyang_sees_file(person_id)', 'handler', 'handler', 'handler'),
    ('premiums', wide || ' or kangyang_sees_file(person_id)', 'handler', 'handler', 'handler'),
    ('families', wide || ' or kangyang_sees_file(owner_id) or kangyang_sees_file(member_id)', 'handler', 'handler', 'handler'),
    ('person_changes', wide || ' or kangyang_sees_file(person_id)', 'handler', null, null),
    ('account_entries', wide || ' or kangyang_sees_file(person_id)', 'handler', 'handler', null),
    ('account_uses', 'true', 'admin', 'admin', null),
    ('filings', wide || ' or kangyang_sees_file(person_id)', 'handler', 'handler', null),
    -- A hospital sees whom it sends and whom it is sent. What it enters the program keeps, as bills of others rest on it.
    ('referrals', wide || ' or kangyang_sees_file(person_id) or kangyang_sees_institution(from_institution) or kangyang_sees_institution(to_institution)', '-', '-', null),
    ('referral_acts', wide || $$ or exists (select from referrals r where r.tenant_id = referral_acts.tenant_id and r.id = referral_id)$$, '-', null, null),
    ('merges', wide || ' or (kangyang_sees_file(from_id) and kangyang_sees_file(into_id))', 'handler', 'handler', null),

    ('employers', $$kangyang_of_office() or (current_setting('kangyang.role', true) = 'employer' and id = kangyang_scope()->>'employer')$$, 'handler', 'handler', null),
    ('rosters', wide || $$ or kangyang_sees_file(person_id)
        or (current_setting('kangyang.role', true) = 'employer' and employer_id = kangyang_scope()->>'employer')$$, 'handler', 'handler', 'handler'),
    ('sites', $$kangyang_of_office() or (current_setting('kangyang.role', true) = 'employer' and employer_id = kangyang_scope()->>'employer')$$, 'handler', 'handler', null),
    ('site_workers', wide || $$ or kangyang_sees_file(person_id)
        or (current_setting('kangyang.role', true) = 'employer' and exists (
              select from sites s where s.tenant_id = site_workers.tenant_id and s.id = site_id))$$, 'handler', 'handler', 'handler'),
    ('institutions', 'true', 'handler', 'handler', null),
    ('institution_levels', 'true', 'handler', 'handler', null),
    ('agreements', 'true', 'handler', 'handler', null),

    ('imports', wide, 'handler', 'handler', 'handler'),
    ('import_pieces', wide, 'handler', null, 'handler'),
    ('import_parts', wide, '-', null, '-'),
    ('import_lanes', wide, '-', '-', 'handler'),
    ('import_faults', wide, '-', null, 'handler'),
    ('person_imports', wide || ' or kangyang_sees_file(person_id)', '-', null, null),

    ('opening_totals', wide || ' or kangyang_sees_file(person_id)', 'handler', 'handler', 'handler'),
    ('person_bodies', wide || ' or kangyang_sees_file(person_id)', 'handler', null, null),
    ('bill_versions', wide || $$ or exists (select from bills b where b.tenant_id = bill_versions.tenant_id and b.id = bill_id)$$, 'handler', null, null),
    ('invoices', wide || $$ or exists (select from bills b where b.tenant_id = invoices.tenant_id and b.id = bill_id)$$, 'handler hospital', null, 'handler'),
    ('replays', wide || ' or kangyang_sees_file(person_id)', 'handler', 'handler', null),
    ('replays_due', wide || ' or kangyang_sees_file(person_id)', 'handler actuary', 'handler actuary', 'handler actuary'),
    ('replay_runs', 'kangyang_of_office()', 'handler actuary', 'handler actuary', null),
    ('clearings', 'kangyang_of_office()', 'handler cashier', null, null),
    ('cleared_settlements', wide || $$ or exists (select from settlements s where s.tenant_id = cleared_settlements.tenant_id and s.id = settlement_id)$$, 'handler cashier', null, 'cashier supervisor'),
    ('adjustments', wide || $$ or exists (select from replays r where r.tenant_id = adjustments.tenant_id and r.id = replay_id)$$, 'handler', 'handler supervisor', null),

    -- Whatever changes a settlement or an account posts it, within the same transaction.
    ('ledger_entries', wide || $$ or exists (select from settlements s where s.tenant_id = ledger_entries.tenant_id and s.id = settlement_id)$$, '*', null, null),
    ('ledger_days', wide, '-', null, null),
    ('ledger_closed', wide, '-', '-', null),
    ('ledger_due', wide, '-', null, '-'),

    -- Released by two persons: that is for the program to keep. Releasing itself it does in its own name.
    ('payment_accounts', wide || $$ or (holder = 'person' and kangyang_sees_file(holder_id))$$, 'handler', null, null),
    ('payment_batches', wide, 'cashier', 'cashier supervisor', null),
    ('payment_moves', wide, 'cashier supervisor', null, null),
    ('payment_items', wide, 'cashier', 'cashier supervisor', null),
    ('payment_claims', wide, 'cashier', 'cashier supervisor', null),
    ('payment_answer_files', wide, 'cashier', null, null),
    ('payment_answers', wide, 'cashier', null, null),
    ('payment_breaks', wide, 'cashier', 'cashier supervisor', null),
    ('payment_holds', wide, '-', '-', null),

    -- What a case comes to is settled by the program, in the name of whoever decided.
    ('case_limits', 'true', 'admin', null, null),
    -- A hospital follows the cases of its own bills, whoever handed them in.
    ('cases', wide || $$ or kangyang_sees_file(person_id)
        or (current_setting('kangyang.role', true) = 'hospital' and exists (
              select from bills b where b.tenant_id = cases.tenant_id and b.id = bill_id))$$, '-', 'handler reviewer investigator supervisor', null),
    ('case_acts', wide || $$ or exists (select from cases c where c.tenant_id = case_acts.tenant_id and c.id = case_id)$$, '-', null, null),

    -- Written by one and confirmed by another: that is for the program to keep, and it posts in its own name.
    -- An insurer sees its own contracts, as far as two people have confirmed them.
    ('contracts', wide || $$ or (state = 'confirmed' and kangyang_is_insurer(insurer))$$, '-', '-', null),
    ('contract_years', wide || $$ or (current_setting('kangyang.role', true) = 'insurer' and state = 'confirmed'
        and exists (select from contracts c where c.tenant_id = contract_years.tenant_id and c.id = contract_id))$$, '-', '-', null),
    ('contract_proofs', wide || $$ or (current_setting('kangyang.role', true) = 'insurer' and exists (select from contract_years y
        where y.tenant_id = contract_proofs.tenant_id and y.facts->'policy'->>'proof' = contract_proofs.id::text))$$, '-', '-', null),
    ('case_documents', wide || $$ or exists (select from cases c where c.tenant_id = case_documents.tenant_id and c.id = case_id)$$, '-', '-', null),

    -- A scenario names nobody. Whose it is, the program asks; the bureau sees what is shared alone.
    ('scenarios', $$current_setting('kangyang.role', true) in ('system', 'actuary', 'admin')
        or (current_setting('kangyang.role', true) = 'supervisor' and shared)$$, 'actuary admin', 'actuary admin', 'actuary admin'),
    ('scenario_runs', $$exists (select from scenarios s where s.tenant_id = scenario_runs.tenant_id and s.id = scenario_id)$$,
        'actuary admin', 'actuary admin', 'actuary admin'),
    -- Agreed and decided by two persons: that is for the program to keep. Hospitals see what is theirs.
    ('month_terms', wide || ' or kangyang_sees_institution(institution_id)', '-', '-', null),
    ('month_ends', wide || ' or kangyang_sees_institution(institution_id)', '-', null, null),
    ('month_deductions', wide || ' or kangyang_sees_institution(institution_id)', '-', '-', null),
    ('month_deduction_acts', wide || $$ or exists (select from month_deductions d where d.tenant_id = month_deduction_acts.tenant_id and d.id = deduction_id)$$, '-', null, null),
    ('year_ends', wide || ' or kangyang_sees_institution(institution_id)', '-', '-', null),
    -- An administrator confirms what insurers agreed, and gives up what nothing hangs on: that is to be seen.
    -- An insurer sees the panels that it belongs to once they are confirmed, what the product came to, and of parts and money its own.
    ('coinsurance_panels', wide || $$ or current_setting('kangyang.role', true) = 'admin'
        or (current_setting('kangyang.role', true) = 'insurer' and state = 'confirmed' and exists (select from coinsurance_members m
          where m.tenant_id = coinsurance_panels.tenant_id and m.panel_id = coinsurance_panels.id))$$, 'actuary admin', 'actuary admin', null),
    ('coinsurance_members', wide || $$ or current_setting('kangyang.role', true) = 'admin' or kangyang_is_insurer(insurer)$$, 'actuary admin', null, null),
    ('coinsurance_months', wide || $$ or current_setting('kangyang.role', true) = 'admin'
        or (current_setting('kangyang.role', true) = 'insurer' and exists (select from coinsurance_panels p
          where p.tenant_id = coinsurance_months.tenant_id and p.id = panel_id))$$, 'cashier', null, null),
    ('coinsurance_shares', wide || ' or kangyang_is_insurer(insurer)', 'cashier', null, null),
    ('coinsurance_receipts', wide || $$ or current_setting('kangyang.role', true) = 'admin' or kangyang_is_insurer(insurer)$$,
        'cashier', 'cashier supervisor', null),
    ('coinsurance_acts', wide || ' or kangyang_is_insurer(insurer)', 'insurer cashier supervisor', null, null),
    -- Between regions two persons decide: that is for the program to keep.
    ('region_terms', wide, '-', '-', null),
    ('region_months', wide, '-', '-', null),
    ('region_prepayments', wide, '-', '-', null),

    ('reserve_history', wide, '-', null, '-'),
    ('reserves', wide, '-', '-', null),

    ('commands', 'true', '*', null, null),
    ('outbox', $$current_setting('kangyang.role', true) = 'system'$$, '*', '-', null),
    ('access_log', wide || $$ or current_setting('kangyang.role', true) in ('admin', 'regulator')
        or kangyang_sees_file(subject)$$, '*', null, null),
    -- The program seals; who checks does so as the owner.
    ('access_seals', $$current_setting('kangyang.role', true) in ('system', 'supervisor', 'regulator', 'admin')$$, '-', null, null),
    ('access_checks', $$current_setting('kangyang.role', true) in ('system', 'supervisor', 'regulator', 'admin')$$, '-', null, null);

  -- A table that has no line here is closed: the server neither reads nor writes it.
  for own in
    select c.relname as name from pg_class c
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
       and c.relname not in ('migrations', 'tenants') and c.relname not in (select name from lock_of)
  loop
    execute format('alter table %I enable row level security', own.name);
    execute format('alter table %I force row level security', own.name);
    execute format('revoke all on %I from kangyang_server', own.name);
  end loop;

  for each in select * from lock_of where to_regclass(name) is not null loop
    for own in select policyname from pg_policies where schemaname = 'public' and tablename = each.name loop
      execute format('drop policy %I on %I', own.policyname, each.name);
    end loop;
    execute format('alter table %I enable row level security', each.name);
    execute format('alter table %I force row level security', each.name);
    execute format('create policy tenant_rows on %I using (tenant_id = current_setting(''kangyang.tenant'', true)%s)',
      each.name, case each.sees when door then ' or ' || door else '' end);
    execute format('create policy sees on %I as restrictive for select using (%s)', each.name, each.sees);
    execute format('revoke all on %I from kangyang_server', each.name);
    execute format('grant select on %I to kangyang_server', each.name);
    for own in select * from (values ('insert', each.adds), ('update', each.changes), ('delete', each.removes)) as w (act, who) loop
      continue when own.who is null;
      roles := case own.who when '*' then 'true' when '-' then $$current_setting('kangyang.role', true) = 'system'$$
        else format($$current_setting('kangyang.role', true) = any (%L) and (%s)$$, string_to_array('system ' || own.who, ' '), each.sees) end;
      execute format('grant %s on %I to kangyang_server', own.act, each.name);
      execute format('create policy %I on %I as restrictive for %s %s (%s)', own.act || 's', each.name, own.act,
        case own.act when 'insert' then 'with check' else 'using' end, roles);
    end loop;
  end loop;

  -- An insurer speaks for itself, and nobody else does; it does not answer itself.
  if to_regclass('coinsurance_acts') is not null then
    create policy speaks on coinsurance_acts as restrictive for insert with check (
      (act = 'answered') = (current_setting('kangyang.role', true) <> 'insurer'));
  end if;

  -- What happens at the door is on record as well.
  execute format('create policy door_adds on access_log for insert with check (%s)', door);
end $lock$;
