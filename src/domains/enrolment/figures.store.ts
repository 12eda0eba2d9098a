import type { Sql } from '#platform/database.ts'

/** Who is in a product between two days, and what was paid for the covers that begin in them. */
export type ProductFigures = {
  /** On the last day. */
  readonly insured: number
  /** On any of the days. */
  readonly everInsured: number
  /** Of those: with an answer that says so, or a disease that was declared or confirmed before the cover began. */
  readonly preexisting: number
  readonly premiumDue: number
  readonly premiumCollected: number
  readonly premiumRefunded: number
}

/** Looks through every membership of the product: a report, and nothing to ask on every page. */
export async function productFigures(
  sql: Sql,
  tenant: string,
  {
    scheme,
    from,
    until,
  }: { readonly scheme: string; readonly from: string; readonly until: string },
): Promise<ProductFigures> {
  const [row] = await sql.query<ProductFigures>(
    `with own as (
       select m.person_id, m.from_day, m.until_day, m.answers from memberships m
         join persons p on p.tenant_id = m.tenant_id and p.id = m.person_id
        where m.tenant_id = $1 and m.scheme = $2 and m.from_day <= $4 and coalesce(m.until_day, 'infinity') >= $3
          and p.merged_into is null
     ), paid as (
       select p.* from premiums p join persons o on o.tenant_id = p.tenant_id and o.id = p.person_id
        where p.tenant_id = $1 and p.scheme = $2 and p.from_day between $3 and $4 and o.merged_into is null
     )
     select (select count(distinct person_id) from own where coalesce(until_day, 'infinity') >= $4) as insured,
            (select count(distinct person_id) from own) as "everInsured",
            (select count(distinct o.person_id) from own o
              where o.answers->>'preexisting' = '有' or exists (
                select from conditions c where c.tenant_id = $1 and c.person_id = o.person_id
                   and c.state in ('declared', 'confirmed') and c.since <= o.from_day)) as preexisting,
            (select coalesce(sum(due), 0)::bigint from paid) as "premiumDue",
            (select coalesce(sum(collected), 0)::bigint from paid) as "premiumCollected",
            (select coalesce(sum(refunded), 0)::bigint from paid) as "premiumRefunded"`,
    [tenant, scheme, from, until],
  )
  if (!row) throw new Error('a count is always one row')
  return row
}
