-- One invoice is paid once, whoever pays: not by two tenants either. The index sees the rows of all of them, which the
-- row-level policies show to their own alone; so another one's answer is that it was used, and nothing else.
create unique index one_bill_per_invoice on invoices (number, code);
