import type { PlainDate } from '#base/plain-date.ts'
import type { Sql } from '#platform/database.ts'

/** Links of families that hold on a day. */
export async function linksOn(
  sql: Sql,
  tenant: string,
  on: PlainDate,
): Promise<{ readonly owner: string; readonly member: string }[]> {
  return sql.query(
    `select owner_id as owner, member_id as member from families
      where tenant_id = $1 and from_day <= $2 and (until_day is null or until_day >= $2)`,
    [tenant, on],
  )
}
