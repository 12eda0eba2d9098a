import { err, ok, type Result } from '#base/result.ts'
import { balanceAccount, balanceLeg, type Entry } from '#domains/ledger/index.ts'
import { accountsIn, parseTotalKey } from '#domains/settlement/index.ts'
import { type Circumstances, enrol, recordCondition, recordStatus } from './enrol.ts'
import type { EnrolRefusal, Insured, MergeRefusal } from './types.ts'

type File = {
  readonly insured: Insured
  readonly totals: Readonly<Record<string, number>>
  readonly identified: boolean
}

/**
 * Two files of one person as one. Everything of `from` is asked for in `into` as if it were recorded there now, so
 * files that contradict each other are refused by the same names.
 *
 * Running totals are added up, which is right where the files have settled bills in different periods. `shared` names
 * the periods in which both have: their bills have to be settled again, in their order, before anything counts on it.
 */
export function mergeFiles(
  from: File,
  into: File,
  circumstances: Circumstances,
): Result<
  {
    readonly insured: Insured
    readonly totals: Record<string, number>
    readonly shared: readonly string[]
  },
  MergeRefusal | EnrolRefusal
> {
  if (from.insured.id === into.insured.id) return err({ code: 'merge_with_self' })
  if (from.identified && into.identified) return err({ code: 'different_id_numbers' })
  const born = into.insured.born ?? from.insured.born
  if (from.insured.born !== undefined && from.insured.born !== born)
    return err({ code: 'birthday_differs', stated: from.insured.born })

  let insured: Insured = {
    ...into.insured,
    born,
    died: into.insured.died ?? from.insured.died,
    repairs: [...into.insured.repairs, ...from.insured.repairs],
    registrations: [...(into.insured.registrations ?? []), ...(from.insured.registrations ?? [])],
    certificates: [...(into.insured.certificates ?? []), ...(from.insured.certificates ?? [])],
  }
  for (const membership of from.insured.memberships) {
    const done = enrol(insured, membership, circumstances)
    if (!done.ok) return done
    insured = done.value.insured
  }
  for (const status of from.insured.statuses) {
    const done = recordStatus(insured, status, circumstances)
    if (!done.ok) return done
    insured = done.value
  }
  for (const condition of from.insured.conditions)
    if (!insured.conditions.some(({ disease }) => disease === condition.disease))
      insured = recordCondition(insured, condition)
  const totals = { ...into.totals }
  for (const [key, value] of Object.entries(from.totals)) totals[key] = (totals[key] ?? 0) + value
  const settled = periodsOf(into.totals)
  const shared = periodsOf(from.totals).filter((each) => settled.includes(each))
  return ok({ insured, totals, shared })
}

/** The periods in which bills have been settled. A balance is of no period, and a stay belongs to its bills. */
function periodsOf(totals: Readonly<Record<string, number>>): string[] {
  const periods = Object.keys(totals)
    .map(parseTotalKey)
    .filter(({ slot, period }) => !slot.startsWith('account:') && !period.startsWith('stay:'))
    .map(({ period }) => period)
  return [...new Set(periods)].toSorted()
}

/** What one file had in its accounts is the other's from now on. */
export function mergedEntry(
  merge: string,
  kind: 'merged' | 'unmerged',
  totals: Readonly<Record<string, number>>,
  giver: string,
  taker: string,
): Entry {
  const amounts = accountsIn(totals)
  const legs = (['personal', 'family'] as const).flatMap(
    (account) => balanceLeg(account, taker, amounts[account], balanceAccount(giver)) ?? [],
  )
  return { subject: merge, kind, legs }
}
