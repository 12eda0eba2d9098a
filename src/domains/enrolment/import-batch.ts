import type { Person } from '#domains/settlement/index.ts'
import { type Circumstances, enrol } from './enrol.ts'
import { insure } from './insure.ts'
import type { Premium } from './premium.ts'
import type { CellFault, ImportRow, Insured, Membership } from './types.ts'

/** A row of a file on its way into the books. */
export type PendingRow = { readonly line: number; readonly row: ImportRow }

/** A person as the books hold them before the file; `known` is false for one who is new. */
export type Known = {
  readonly known: boolean
  readonly insured: Insured
  readonly name: string | null
  readonly mergedInto: string | undefined
  /** Premiums by scheme, first day and payer. */
  readonly premiums: ReadonlyMap<string, Premium>
}

export type RowFault = CellFault & { readonly line: number }

/** What becomes of the rows of one person. */
export type Imported = {
  readonly insured: Insured
  readonly body: Person
  readonly memberships: readonly Membership[]
  readonly premiums: readonly (Premium &
    Pick<ImportRow, 'scheme' | 'from'> & { readonly payer: string })[]
  readonly counts: { readonly added: number; readonly changed: number; readonly unchanged: number }
  readonly faults: readonly RowFault[]
}

export const premiumKey = (scheme: string, from: string, payer: string): string =>
  `${scheme} ${from} ${payer}`

/**
 * Carries the rows of one person out one after another, as if each were asked for by itself. A row that is
 * refused changes nothing, and the later ones are asked all the same.
 */
export function importRows(
  rows: readonly PendingRow[],
  known: Known,
  circumstances: Omit<Circumstances, 'reason'>,
): Imported {
  let { insured } = known
  const memberships = new Map<string, Membership>()
  const premiums = new Map<string, Imported['premiums'][number]>()
  const counts = { added: 0, changed: 0, unchanged: 0 }
  const faults: RowFault[] = []
  for (const { line, row } of rows) {
    const fault = (column: string, code: string, facts: object) =>
      faults.push({ line, column, value: '', code, facts: facts as CellFault['facts'] })
    if (known.mergedInto !== undefined) {
      fault('证件号码', 'person_merged', { into: known.mergedInto })
      continue
    }
    if (known.known && known.name !== null && known.name !== row.name) {
      fault('姓名', 'name_differs', {})
      continue
    }
    const { scheme, from, until, enrolledOn, answers, employer, payer, due, collected } = row
    const membership = { scheme, from, until, enrolledOn, answers, employer }
    const { kindOf, vocabulary, today, onRoster } = circumstances
    const asked = { kindOf, vocabulary, today, onRoster, reason: row.reason }
    const done = enrol(insured, membership, asked)
    if (!done.ok) {
      const { code, ...facts } = done.error
      fault(COLUMN_OF[code] ?? '方案', code, facts)
      continue
    }
    let { change } = done.value
    if (payer !== undefined) {
      const key = premiumKey(scheme, from, payer)
      const before = premiums.get(key) ?? known.premiums.get(key)
      const held = before?.collected ?? 0
      if (collected < held) {
        fault('已收保费', 'collected_already', { held })
        continue
      }
      if (before?.due !== due || held !== collected) {
        premiums.set(key, { scheme, from, payer, due, collected, refunded: before?.refunded ?? 0 })
        if (change === 'unchanged') change = 'changed'
      }
    }
    if (done.value.change !== 'unchanged') memberships.set(`${scheme} ${from}`, membership)
    insured = done.value.insured
    counts[change === 'new' ? 'added' : change]++
  }
  const body = insure(insured, circumstances)
  return {
    insured,
    body,
    memberships: [...memberships.values()],
    premiums: [...premiums.values()],
    counts,
    faults,
  }
}

/** The column that a refusal is about. */
const COLUMN_OF: Readonly<Record<string, string>> = {
  ends_before_begins: '终止日',
  enrolled_in_future: '登记日',
  begins_before_birth: '起始日',
  lasts_beyond_death: '终止日',
  retroactive_without_reason: '追溯原因',
  employer_needed: '单位编号',
  unknown_employer: '单位编号',
  not_on_roster: '单位编号',
  two_public_schemes: '起始日',
  same_scheme_twice: '起始日',
}
