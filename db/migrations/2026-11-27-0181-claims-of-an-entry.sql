-- Whatever asks who claims an entry, or has claimed it, finds it by the entry: a release of many entries asks for each.
create index payment_claims_of_entry on payment_claims (tenant_id, subject, kind);
