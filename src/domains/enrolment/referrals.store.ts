import type { PlainDate } from '#base/plain-date.ts'
import type { Sql } from '#platform/database.ts'
import { MOMENT } from '#platform/moment.ts'
import type { ReferralAct, ReferralState, ReferralTerms } from './types.ts'

export type ReferralRow = Omit<ReferralTerms, 'to'> & {
  readonly id: string
  readonly no: number
  readonly person: string
  readonly fromName: string
  readonly to: string | null
  readonly toName: string | null
  readonly state: ReferralState
  readonly acts: number
}

const REFERRAL = `r.id, r.no, r.person_id as person, r.kind, r.from_institution as "from", f.name as "fromName",
  r.to_institution as "to", t.name as "toName", r.place, r.from_day as since, r.until_day as until, r.reason, r.document,
  r.state, r.acts
  from referrals r
  join institutions f on f.tenant_id = r.tenant_id and f.id = r.from_institution
  left join institutions t on t.tenant_id = r.tenant_id and t.id = r.to_institution`

/** Keeps a new referral, before anything was done to it; the number that it gets. */
export async function insertReferral(
  sql: Sql,
  tenant: string,
  row: ReferralTerms & { readonly id: string; readonly person: string },
): Promise<number> {
  const [kept] = await sql.query<{ no: number }>(
    `insert into referrals (tenant_id, id, person_id, kind, from_institution, to_institution, place, from_day, until_day,
                            reason, document, state)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'valid') returning no`,
    [
      tenant,
      row.id,
      row.person,
      row.kind,
      row.from,
      row.to ?? null,
      row.place,
      row.since,
      row.until,
      row.reason,
      row.document,
    ],
  )
  return kept?.no ?? 0
}

export async function findReferral(
  sql: Sql,
  tenant: string,
  id: string,
  lock: '' | 'for update of r' = '',
): Promise<ReferralRow | undefined> {
  const [row] = await sql.query<ReferralRow>(
    `select ${REFERRAL} where r.tenant_id = $1 and r.id = $2 ${lock}`,
    [tenant, id],
  )
  return row
}

export type ReferralDone = {
  readonly no: number
  readonly act: ReferralAct
  readonly by: string
  readonly on: PlainDate
  readonly at: string
  readonly until: PlainDate | null
  readonly why: string
  readonly statement: string | null
}

/** Keeps one more act, and where the referral stands since. */
export async function moveReferral(
  sql: Sql,
  tenant: string,
  id: string,
  done: Omit<ReferralDone, 'at'>,
  after: { readonly state: ReferralState; readonly until: PlainDate },
): Promise<void> {
  const { no, act, by, on, until, why, statement } = done
  await sql.query(
    `with done as (
       insert into referral_acts (tenant_id, referral_id, no, act, user_name, on_day, until_day, why, statement)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     )
     update referrals set state = $10, until_day = $11, acts = $3 where tenant_id = $1 and id = $2`,
    [tenant, id, no, act, by, on, until, why, statement, after.state, after.until],
  )
}

/** What was done to some referrals, each in its order. */
export async function actsOfReferrals(
  sql: Sql,
  tenant: string,
  ids: readonly string[],
): Promise<(ReferralDone & { readonly referral: string })[]> {
  return sql.query(
    `select referral_id as referral, no, act, user_name as by, on_day as "on", ${MOMENT('at')} as at, until_day as until,
            why, statement
       from referral_acts where tenant_id = $1 and referral_id = any ($2::uuid[]) order by referral_id, no`,
    [tenant, ids],
  )
}

/** Referrals of a person, also those that came with a file that was merged into this one; or from or to institutions. */
export async function listReferrals(
  sql: Sql,
  tenant: string,
  asked: { readonly person?: string | undefined; readonly institution?: string | undefined },
  after: number | undefined,
  limit: number,
): Promise<ReferralRow[]> {
  return sql.query<ReferralRow>(
    `select ${REFERRAL}
      where r.tenant_id = $1
        and ($2::text is null or r.person_id = $2
             or r.person_id in (select p.id from persons p where p.tenant_id = $1 and p.merged_into = $2))
        and ($3::text is null or r.from_institution = $3 or r.to_institution = $3)
        and ($4::bigint is null or r.no < $4)
      order by r.no desc limit $5`,
    [tenant, asked.person ?? null, asked.institution ?? null, after ?? null, limit],
  )
}

export async function isInstitution(sql: Sql, tenant: string, id: string): Promise<boolean> {
  const rows = await sql.query('select 1 from institutions where tenant_id = $1 and id = $2', [
    tenant,
    id,
  ])
  return rows.length > 0
}
