-- The e-invoice of a bill, by code and number: none is paid twice, by whichever tier, product or way it came.
create table invoices (
  tenant_id text not null,
  code text not null default '',
  number text not null,
  bill_id text not null,
  primary key (tenant_id, number, code),
  foreign key (tenant_id, bill_id) references bills (tenant_id, id)
);
create index invoices_of_bill on invoices (tenant_id, bill_id);
alter table invoices enable row level security;
create policy tenant_rows on invoices using (tenant_id = current_setting('kangyang.tenant', true));
