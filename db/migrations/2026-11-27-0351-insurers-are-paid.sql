-- Insurers of a contract and co-insurers of a panel have accounts at a bank, and are paid as hospitals are.
alter table payment_accounts drop constraint payment_accounts_holder_check;
alter table payment_accounts add constraint payment_accounts_holder_check
  check (holder in ('fund', 'institution', 'person', 'region', 'insurer', 'coinsurer'));
