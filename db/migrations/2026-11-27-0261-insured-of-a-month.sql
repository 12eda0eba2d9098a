-- Who is insured and what they paid, as enrolment had it when a month was shared: a statement says the same whenever it is
-- printed. Of months that were shared before nothing was counted, and they say zero.
alter table coinsurance_months
  add column insured bigint not null default 0,
  add column ever_insured bigint not null default 0,
  add column preexisting bigint not null default 0,
  add column premium_due bigint not null default 0,
  add column premium_collected bigint not null default 0,
  add column premium_refunded bigint not null default 0;
alter table coinsurance_months
  alter column insured drop default,
  alter column ever_insured drop default,
  alter column preexisting drop default,
  alter column premium_due drop default,
  alter column premium_collected drop default,
  alter column premium_refunded drop default;

-- A panel says for ever what was agreed: who confirmed it, or gave it up, is all that is added.
create trigger coinsurance_panels_immutable before update on coinsurance_panels
  for each row when (old.state = 'withdrawn' or (old.state = 'confirmed' and new.state <> 'withdrawn')
    or new.scheme <> old.scheme or new.fund <> old.fund or new.from_day <> old.from_day or new.until_day <> old.until_day
    or new.lead <> old.lead or new.source <> old.source or new.grade <> old.grade or new.made_by <> old.made_by)
  execute function coinsurance_is_immutable();
