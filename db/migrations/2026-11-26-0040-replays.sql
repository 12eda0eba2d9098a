-- Time: the bills of a person are settled again whenever a fact about them comes late or changes.

-- What was there before the first bill that is kept here. Bills and entries of accounts make the rest of the totals.
create table opening_totals (
  tenant_id text not null,
  person_id text not null,
  totals jsonb not null,
  primary key (tenant_id, person_id),
  foreign key (tenant_id, person_id) references persons (tenant_id, id)
);

-- The place of the last bill that stands, and the day of the last entry of an account: what comes before either
-- is late, and a settlement learns so from the row that it locks anyway. From which version of the rules on a
-- person's bills were last settled again is kept as well.
alter table persons
  add column latest_bill text collate "C",
  add column latest_entry date,
  add column rules_since int not null default 0;

-- One replay of a person's bills: what made it necessary, what it changed, and who asked for it.
create table replays (
  tenant_id text not null,
  id uuid not null,
  person_id text not null,
  at timestamptz not null default now(),
  user_name text not null,
  cause jsonb not null,
  reason text,
  -- Of each bill whose amounts changed, both sides per payer; and the totals before and after.
  differences jsonb not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, person_id) references persons (tenant_id, id)
);
create index replays_of_person on replays (tenant_id, person_id, at);

-- A settlement that a replay made names it; one that a replay ended is superseded, and names that one.
alter table settlements drop constraint settlements_state_check;
alter table settlements
  add constraint settlements_state_check check (state in ('settled', 'superseded', 'reversed')),
  add column replay_id uuid,
  add column ended_by_replay uuid;

-- A bill that was corrected keeps what it said before, until when, and who corrected it and why. A settlement was
-- made of what the bill said at its moment.
alter table bills add column version int not null default 1;
create table bill_versions (
  tenant_id text not null,
  bill_id text not null,
  version int not null,
  body jsonb not null,
  until timestamptz not null default now(),
  user_name text not null,
  reason text not null,
  primary key (tenant_id, bill_id, version),
  foreign key (tenant_id, bill_id) references bills (tenant_id, id)
);

-- Clearing 清算: the money of some settlements has moved.
create table clearings (
  tenant_id text not null references tenants (id),
  id uuid not null,
  at timestamptz not null default now(),
  user_name text not null,
  asked jsonb not null,
  primary key (tenant_id, id)
);
create table cleared_settlements (
  tenant_id text not null,
  settlement_id uuid not null,
  clearing_id uuid not null,
  primary key (tenant_id, settlement_id),
  foreign key (tenant_id, settlement_id) references settlements (tenant_id, id),
  foreign key (tenant_id, clearing_id) references clearings (tenant_id, id)
);

-- 补付与追回: what has to move between whom because a cleared bill came to other amounts. What is asked of a
-- person is proposed, until a person confirms or waives it.
create table adjustments (
  tenant_id text not null,
  id uuid not null default gen_random_uuid(),
  replay_id uuid not null,
  no int not null,
  bill_id text not null,
  kind text not null check (kind in ('supplement', 'recovery')),
  from_party text not null,
  to_party text not null,
  amount bigint not null check (amount > 0),
  state text not null check (state in ('ordered', 'proposed', 'confirmed', 'waived')),
  decided_at timestamptz,
  decided_by text,
  reason text,
  primary key (tenant_id, id),
  unique (tenant_id, replay_id, no),
  foreign key (tenant_id, replay_id) references replays (tenant_id, id),
  check ((state in ('confirmed', 'waived')) = (decided_at is not null and decided_by is not null and reason is not null))
);

-- Every body a person had before the present one, with the moment until which it was the person.
create table person_bodies (
  tenant_id text not null,
  id bigint generated always as identity primary key,
  person_id text not null,
  body jsonb not null,
  until timestamptz not null default now()
);
create index person_bodies_of_person on person_bodies (tenant_id, person_id, until);

create function keep_person_body() returns trigger language plpgsql as $$
begin
  insert into person_bodies (tenant_id, person_id, body) values (old.tenant_id, old.id, old.body);
  return null;
end $$;
create trigger keep_person_body after update of body on persons
  for each row when (old.body is distinct from new.body) execute function keep_person_body();

-- Of what is kept already: the first settlement that knew a total found it as it was opened.
with standing as (
  select s.tenant_id, s.person_id, s.sequence, s.totals_before, s.result->'drawn' as drawn
    from settlements s where s.state = 'settled'
), before_first as (
  select distinct on (s.tenant_id, s.person_id, t.key) s.tenant_id, s.person_id, t.key, t.value
    from standing s cross join jsonb_each(s.totals_before) as t
   where t.key not in ('account:personal@lifetime', 'account:family@lifetime')
   order by s.tenant_id, s.person_id, t.key, s.sequence
), untouched as (
  select p.tenant_id, p.id as person_id, t.key, t.value
    from persons p cross join jsonb_each(p.totals) as t
   where t.key not in ('account:personal@lifetime', 'account:family@lifetime')
     and not exists (select 1 from before_first b where b.tenant_id = p.tenant_id and b.person_id = p.id and b.key = t.key)
), balances as (
  select p.tenant_id, p.id as person_id, a.key,
         to_jsonb((p.totals->>a.key)::bigint
           + coalesce((select sum((s.drawn->>a.key)::bigint) from standing s where s.tenant_id = p.tenant_id and s.person_id = p.id), 0)
           - coalesce((select sum(e.amount) from account_entries e
                where e.tenant_id = p.tenant_id and e.person_id = p.id and e.account = a.name), 0)) as value
    from persons p cross join (values ('account:personal@lifetime', 'personal'), ('account:family@lifetime', 'family')) as a (key, name)
   where p.totals ? a.key
)
insert into opening_totals (tenant_id, person_id, totals)
select tenant_id, person_id, jsonb_object_agg(key, value)
  from (select * from before_first union all select * from untouched union all select * from balances) as opened
 where value is not null and value <> 'null'::jsonb
 group by tenant_id, person_id;

update persons p set latest_bill = l.latest from (
  select s.tenant_id, s.person_id, max(((b.body->>'discharged') || ' ' || (b.body->>'admitted') || ' '
           || case when b.body ? 'transferFrom' then '1' else '0' end || ' ' || b.id) collate "C") as latest
    from settlements s join bills b on b.tenant_id = s.tenant_id and b.id = s.bill_id
   where s.state = 'settled' group by 1, 2
) as l where p.tenant_id = l.tenant_id and p.id = l.person_id;

update persons p set latest_entry = e.latest from (
  select tenant_id, person_id, max(on_day) as latest from account_entries group by 1, 2
) as e where p.tenant_id = e.tenant_id and p.id = e.person_id;

do $$
declare t text;
begin
  foreach t in array array['opening_totals', 'replays', 'bill_versions', 'clearings', 'cleared_settlements', 'adjustments', 'person_bodies'] loop
    execute format('alter table %I enable row level security', t);
    execute format('create policy tenant_rows on %I using (tenant_id = current_setting(''kangyang.tenant'', true))', t);
  end loop;
end $$;
