import type { PlainDate } from '#base/plain-date.ts'
import type { Sql } from '#platform/database.ts'
import * as books from './books.store.ts'
import { differencesBetween } from './differences.ts'
import { keptOf } from './kept.ts'
import { placeOf } from './replay.ts'
import { readSchemes } from './scheme.ts'
import { createSettler, ENGINE, type Settler } from './settle.ts'
import { findRulebook, wholeBill } from './store.ts'

/** What does not hold in the books of settlements, and which record shows it. */
export type BookFault =
  | { readonly code: 'half_there'; readonly what: books.HalfThere; readonly id: string }
  | { readonly code: 'not_settled_again'; readonly settlement: string; readonly refusal: string }
  | { readonly code: 'amounts_differ'; readonly settlement: string; readonly of: string }
  | { readonly code: 'does_not_add_up'; readonly settlement: string }
  | { readonly code: 'totals_do_not_follow'; readonly settlement: string; readonly total: string }
  | { readonly code: 'totals_differ'; readonly person: string; readonly total: string }

export type Books = {
  readonly settlements: number
  readonly persons: number
  /** Settlements that an earlier arithmetic made and that come out otherwise today: their amounts are the kept ones. */
  readonly earlier: number
  /** Persons who wait to be settled again: their totals are not compared yet. */
  readonly due: number
  readonly faults: readonly BookFault[]
}

export const countStanding = books.countStanding

const PERSONS_AT_ONCE = 200
/** Enough to see what kind of fault it is. */
const MOST_FAULTS = 20

/**
 * Looks the books through: no record is half there; each standing settlement, made again from its own rules,
 * person and totals, gives the kept amounts, and these add up to the bill; in the order of their bills each
 * goes on from where the one before left off, and the last leaves the person's running totals. Balances of accounts change between bills
 * too, so they are not compared. Stops after some faults. `step` is told of each settlement.
 */
export async function verifyBooks(
  sql: Sql,
  today: PlainDate,
  step: () => void = () => {},
): Promise<Books> {
  const faults: BookFault[] = (await books.findHalfThere(sql)).map((each) => ({
    code: 'half_there',
    ...each,
  }))
  const settlerOf = createSettlers(sql, today)
  let [settlements, persons, earlier, due] = [0, 0, 0, 0]
  for await (const person of books.settledPersons(sql, PERSONS_AT_ONCE)) {
    const { tenant, id, totals } = person
    persons++
    if (person.due) due++
    const opening = Object.entries(person.opening).filter(([key]) => !isAccount(key))
    const current = new Map(opening)
    const inOrder = person.standing.toSorted((a, b) => (placeOf(a.bill) < placeOf(b.bill) ? -1 : 1))
    for (const row of inOrder) {
      // Whoever waits to be settled again need not follow yet; each settlement is held to its own facts.
      if (person.due) current.clear()
      settlements++
      step()
      const outcome = remake(await settlerOf(tenant, row.rulesVersion), row, current)
      if (outcome === 'earlier') {
        earlier++
        // What it left is not known to the fen any more, so the next one is not held to it.
        current.clear()
      } else if (outcome) faults.push(outcome)
    }
    const differs = [...current].find(([key, value]) => totals[key] !== value)
    if (differs && !person.due)
      faults.push({ code: 'totals_differ', person: id, total: differs[0] })
    if (faults.length >= MOST_FAULTS) break
  }
  return { settlements, persons, earlier, due, faults: faults.slice(0, MOST_FAULTS) }
}

/** Makes a settlement again, and moves `current`, the totals so far, on to what it left. */
function remake(
  settler: Settler,
  row: books.StandingRow,
  current: Map<string, number>,
): BookFault | 'earlier' | undefined {
  const { id: settlement, result, totalsBefore } = row
  const before = new Map<string, number>()
  for (const [key, value] of Object.entries(totalsBefore)) {
    if (value !== null) before.set(key, value)
    if (isAccount(key)) continue
    if (current.has(key) && current.get(key) !== (value ?? undefined))
      return { code: 'totals_do_not_follow', settlement, total: key }
  }
  const bill = wholeBill(row.bill)
  const settled = settler.settle(bill, result.person, before)
  const isEarlier = result.engine !== ENGINE
  if (!settled.ok)
    return isEarlier
      ? 'earlier'
      : { code: 'not_settled_again', settlement, refusal: settled.error.code }
  const { totals, ...visible } = settled.value
  const [difference] = differencesBetween(result.settlement, keptOf(visible))
  if (difference)
    return isEarlier ? 'earlier' : { code: 'amounts_differ', settlement, of: difference.of }
  const paid = Object.values(visible.payers).reduce((sum, amount) => sum + amount, 0)
  const adds = paid + visible.patient === row.total && visible.patient === row.patient
  if (!adds || row.total !== bill.total) return { code: 'does_not_add_up', settlement }
  for (const [key, value] of totals) if (!isAccount(key)) current.set(key, value)
  return undefined
}

const isAccount = (key: string): boolean => key.startsWith('account:')

/** Rules are read once for each version of a tenant. What was settled on undated values is made again on them. */
function createSettlers(sql: Sql, today: PlainDate) {
  const known = new Map<string, Settler>()
  return async (tenant: string, version: number): Promise<Settler> => {
    const key = `${tenant} ${version}`
    const found = known.get(key)
    if (found) return found
    const row = await findRulebook(sql, tenant, version)
    if (!row) throw new Error(`tenant ${tenant} has no rule book ${version}`)
    const texts = Object.entries(row.files).map(([path, text]) => ({ path, text }))
    const settler = createSettler(readSchemes(texts), { allowUndated: true, today })
    known.set(key, settler)
    return settler
  }
}
