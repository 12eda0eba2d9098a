-- Referrals 转诊单: that a person is sent from one institution to another, or to care in another place, within some days. What
-- of it settlements read stands in the person's body, as a registration with its number. What was done to a referral is
-- never taken out; where it stands, and until when it holds, is kept beside.
create table referrals (
  tenant_id text not null references tenants (id),
  id uuid not null,
  no bigint generated always as identity,
  person_id text not null,
  -- What it allows, as an answer to the question of where care was.
  kind text not null,
  from_institution text not null,
  to_institution text,
  place text not null check (place ~ '^[0-9]{6}$'),
  from_day date not null,
  until_day date not null,
  reason text not null,
  document text not null,
  state text not null check (state in ('valid', 'ended', 'withdrawn')),
  acts int not null default 0,
  primary key (tenant_id, id),
  foreign key (tenant_id, person_id) references persons (tenant_id, id),
  foreign key (tenant_id, from_institution) references institutions (tenant_id, id),
  foreign key (tenant_id, to_institution) references institutions (tenant_id, id),
  check (from_day <= until_day),
  check (from_institution <> to_institution)
);
create index referrals_of_person on referrals (tenant_id, person_id);
create index referrals_from on referrals (tenant_id, from_institution, no);
create index referrals_to on referrals (tenant_id, to_institution, no) where to_institution is not null;

create table referral_acts (
  tenant_id text not null,
  referral_id uuid not null,
  no int not null,
  act text not null check (act in ('enter', 'extend', 'end', 'withdraw')),
  user_name text not null,
  on_day date not null,
  at timestamptz not null default now(),
  -- The last day that it set.
  until_day date,
  why text not null,
  -- What was settled again because of it.
  statement uuid,
  primary key (tenant_id, referral_id, no),
  foreign key (tenant_id, referral_id) references referrals (tenant_id, id)
);

create function referral_acts_are_immutable() returns trigger language plpgsql as $$
begin
  raise exception 'what was done to a referral is never changed';
end $$;
create trigger referral_acts_immutable before update or delete on referral_acts
  for each row execute function referral_acts_are_immutable();

create function referrals_stand() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE'
    or (old.person_id, old.kind, old.from_institution, old.to_institution, old.place, old.from_day, old.reason, old.document)
       is distinct from
       (new.person_id, new.kind, new.from_institution, new.to_institution, new.place, new.from_day, new.reason, new.document)
  then raise exception 'what a referral says is never changed'; end if;
  return new;
end $$;
create trigger referrals_stand before update or delete on referrals
  for each row execute function referrals_stand();

do $$
declare t text;
begin
  foreach t in array array['referrals', 'referral_acts'] loop
    execute format('alter table %I enable row level security', t);
    execute format('create policy tenant_rows on %I using (tenant_id = current_setting(''kangyang.tenant'', true))', t);
  end loop;
end $$;
