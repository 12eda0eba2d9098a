import type { PlainDate } from '#base/plain-date.ts'
import type { Sql } from '#platform/database.ts'
import type { Bill, Person } from './types.ts'

export type YearRow = {
  readonly id: string
  readonly person: Person
  readonly opening: Readonly<Record<string, number>>
  readonly movements: readonly {
    readonly account: 'personal' | 'family'
    readonly on: PlainDate
    readonly amount: number
  }[]
  readonly standing: readonly {
    readonly bill: Bill
    readonly totalsBefore: Readonly<Record<string, number | null>>
    readonly drawn: Readonly<Record<string, number>> | null
    readonly total: number
    readonly patient: number
  }[]
}

/** Persons after one, each with everything that stands of them: as of one moment for each answer. */
export async function personsAfter(
  sql: Sql,
  tenant: string,
  after: string,
  limit: number,
): Promise<YearRow[]> {
  return sql.query<YearRow>(
    `select p.id, p.body as person,
            coalesce((select o.totals from opening_totals o where o.tenant_id = p.tenant_id and o.person_id = p.id), '{}') as opening,
            coalesce((select jsonb_agg(jsonb_build_object('account', e.account, 'on', e.on_day, 'amount', e.amount) order by e.id)
               from account_entries e where e.tenant_id = p.tenant_id and e.person_id = p.id), '[]') as movements,
            coalesce((select jsonb_agg(jsonb_build_object('bill', b.body, 'totalsBefore', s.totals_before, 'drawn', s.result->'drawn',
                'total', s.total, 'patient', s.patient))
               from settlements s join bills b on b.tenant_id = s.tenant_id and b.id = s.bill_id
              where s.tenant_id = p.tenant_id and s.person_id = p.id and s.state = 'settled'), '[]') as standing
       from persons p where p.tenant_id = $1 and p.id > $2 order by p.id limit $3`,
    [tenant, after, limit],
  )
}

export async function countPersons(sql: Sql, tenant: string): Promise<number> {
  const [row] = await sql.query<{ n: number }>(
    'select count(*) as n from persons where tenant_id = $1',
    [tenant],
  )
  return row?.n ?? 0
}
