-- A settlement changes the row of one person of a page at a time, and what it leaves behind is cleared when the page is
-- next read. Room for two rows on a page is enough for that; a third of it was a fifth of the size of a province.
alter table persons set (fillfactor = 85);
