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
       select m.person_id, max(coalesce(m.until_day, 'infinity')) as until_day, max(m.from_day) as from_day,
              bool_or(m.answers->>'preexisting' = '有') as answered
         from memberships m
        where m.tenant_id = $1 and m.scheme = $2 and m.from_day <= $4 and coalesce(m.until_day, 'infinity') >= $3
          and not exists (select from persons p where p.tenant_id = $1 and p.id = m.person_id and p.merged_into is not null)
        group by 1
     ), ill as (
       select person_id, min(since) as since from conditions
        where tenant_id = $1 and state in ('declared', 'confirmed') group by 1
     ), paid as (
       select sum(p.due)::bigint as due, sum(p.collected)::bigint as collected, sum(p.refunded)::bigint as refunded
         from premiums p where p.tenant_id = $1 and p.scheme = $2 and p.from_day between $3 and $4
          and not exists (select from persons o where o.tenant_id = $1 and o.id = p.person_id and o.merged_into is not null)
     )
     select count(*) filter (where own.until_day >= $4) as insured, count(*) as "everInsured",
            count(*) filter (where own.answered or ill.since <= own.from_day) as preexisting,
            coalesce((select due from paid), 0) as "premiumDue", coalesce((select collected from paid), 0) as "premiumCollected",
            coalesce((select refunded from paid), 0) as "premiumRefunded"
       from own left join ill on ill.person_id = own.person_id`,
    [tenant, scheme, from, until],
  )
  if (!row) throw new Error('a count is always one row')
  return row
}
