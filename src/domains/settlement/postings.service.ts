import {
  accountLeg,
  clearedLegs,
  decided,
  type Leg,
  legsIn,
  legsOf,
  reversed,
} from '#domains/ledger/index.ts'
import { findLegs, type PastEntry, postPast } from '#domains/ledger/service.ts'
import type { Connection, Sql } from '#platform/database.ts'
import type { KeptResult } from './kept.ts'
import * as store from './postings.store.ts'
import { openingEntry, postingsOf } from './postings.ts'
import { wholeBill } from './store.ts'

const AT_ONCE = 500
/** Enough to see what kind of fault it is. */
const MOST_FAULTS = 20

/** How many settlements were kept before there was a ledger, and are not in it yet. */
export async function countUnposted(database: Connection): Promise<number> {
  let count = 0
  for (const tenant of await store.tenantsToPost(database))
    count += await store.countSettlements(database, tenant)
  return count
}

/**
 * Posts everything that was kept before there was a ledger, each on the day it happened: settlements, those that
 * replaced or reversed them, what had to be paid or taken back, and the entries of personal accounts. It may be stopped
 * and begins again; what is posted already is left as it is. `step` is told of each lot of settlements.
 */
export async function postMissing(
  database: Connection,
  step: (settlements: number) => void = () => {},
): Promise<void> {
  for (const tenant of await store.tenantsToPost(database)) {
    for await (const rows of store.settlementsToPost(database, tenant, AT_ONCE)) {
      await postPast(database, tenant, rows.flatMap(entriesOf))
      step(rows.length)
    }
    for (const given of await store.replaysToPost(database, tenant))
      await postPast(database, tenant, await replayed(database, tenant, given))
    const accounts = await store.accountEntriesToPost(database, tenant)
    await postPast(
      database,
      tenant,
      accounts.map(({ id, person, account, kind, amount, at, user }) => {
        const leg = accountLeg(account, kind, person, amount)
        return { subject: `account ${id}`, kind: 'account', at, user, legs: leg ? [leg] : [] }
      }),
    )
    for (const { settlement, bill, at, user } of await store.clearingsToPost(database, tenant)) {
      const legs = clearedLegs(await findLegs(database, tenant, settlement, 'settled'))
      await postPast(database, tenant, [
        { subject: settlement, kind: 'cleared', bill, settlement, at, user, legs },
      ])
    }
    const openings = await store.openingsToPost(database, tenant)
    await postPast(
      database,
      tenant,
      openings.map(({ person, totals }) => ({
        ...openingEntry(person, totals),
        at: undefined,
        user: 'installation',
      })),
    )
    await store.markPosted(database, tenant)
  }
}

function entriesOf(row: store.PostedRow): PastEntry[] {
  const { id, bill, at, user, endedAt, endedBy, endedIn, madeIn } = row
  const legs = legsOfRow(row)
  const about = { subject: id, bill: bill.id, settlement: id }
  const settled: PastEntry = {
    ...about,
    kind: 'settled',
    at,
    user,
    legs,
    replay: madeIn ?? undefined,
  }
  if (endedAt === null) return [settled]
  const ended: PastEntry = {
    ...about,
    kind: 'ended',
    at: endedAt,
    user: endedBy ?? '',
    legs: reversed(legs),
    replay: endedIn ?? undefined,
  }
  return [settled, ended]
}

const legsOfRow = ({ result, bill }: Pick<store.PostedRow, 'result' | 'bill'>): Leg[] =>
  legsOf((result as KeptResult).settlement, wholeBill(bill))

/** What a replay moved to other parties, and what was decided about it since. */
async function replayed(
  sql: Sql,
  tenant: string,
  { replay, at, user, bill: id, ended, made, adjustments }: store.ReplayToPost,
): Promise<PastEntry[]> {
  const numbers = [ended, made].flatMap((each) => each ?? [])
  const rows = await store.postedRows(sql, tenant, numbers)
  const of = (number: string | null) => {
    const row = rows.find((each) => each.id === number)
    return row && { id: row.id, legs: legsOfRow(row) }
  }
  const last = rows.find((each) => each.id === made) ?? rows[0]
  if (!last) return []
  const { bill, result } = last
  const { elsewhere } = (result as KeptResult).settlement
  const posted = {
    bill: wholeBill(bill),
    ended: of(ended),
    made: of(made),
    owings: adjustments,
    elsewhere,
  }
  const redirected = postingsOf(replay, [posted]).filter(({ kind }) => kind === 'redirected')
  const legs = redirected.flatMap((each) => each.legs)
  const decisions = adjustments.flatMap((each): PastEntry[] => {
    if (each.state !== 'confirmed' && each.state !== 'waived') return []
    const about = { subject: each.id, kind: each.state, bill: id, replay } as const
    const moved = decided(legs, each, bill.person, each.state)
    return [{ ...about, at: each.at ?? at, user: each.user ?? user, legs: moved }]
  })
  return [...redirected.map((entry) => ({ ...entry, at, user })), ...decisions]
}

// --- verifying -----------------------------------------------------------------------------------

/** What does not hold between settlements and the ledger, and which record shows it. */
export type PostingFault =
  | { readonly code: 'not_posted' | 'posted_otherwise'; readonly settlement: string }
  | { readonly code: 'not_undone' | 'undone_otherwise'; readonly settlement: string }
  | { readonly code: 'entry_of_nothing'; readonly settlement: string }
  | { readonly code: 'balance_differs'; readonly person: string; readonly account: string }

/**
 * Compares the ledger of a tenant with its settlements: each is posted once and as it was made, each that ended is
 * undone, nothing else is posted of settlements, and the balances of personal accounts are the running totals.
 */
export async function verifyPostings(
  sql: Sql,
  tenant: string,
  step: () => void = () => {},
): Promise<{ readonly settlements: number; readonly faults: readonly PostingFault[] }> {
  const nameOf = namesAfter(await store.mergesOf(sql, tenant))
  const same = (a: readonly Leg[], b: readonly Leg[]) => textOf(a, nameOf) === textOf(b, nameOf)
  const faults: PostingFault[] = []
  let settlements = 0
  for await (const rows of store.settlementsToPost(sql, tenant, AT_ONCE)) {
    for (const row of rows) {
      settlements++
      step()
      const { id: settlement, posted, undone, state } = row
      const legs = legsOfRow(row)
      const was = posted ? legsIn(posted) : []
      const back = undone ? legsIn(undone) : []
      if (legs.length > 0 && !posted) faults.push({ code: 'not_posted', settlement })
      else if (!same(legs, was)) faults.push({ code: 'posted_otherwise', settlement })
      const expected = state === 'settled' ? [] : reversed(was)
      if (expected.length > 0 && !undone) faults.push({ code: 'not_undone', settlement })
      else if (!same(expected, back)) faults.push({ code: 'undone_otherwise', settlement })
    }
    if (faults.length >= MOST_FAULTS) break
  }
  for (const settlement of await store.entriesOfNothing(sql, tenant))
    faults.push({ code: 'entry_of_nothing', settlement })
  for (const each of await store.balancesThatDiffer(sql, tenant))
    faults.push({ code: 'balance_differs', ...each })
  return { settlements, faults: faults.slice(0, MOST_FAULTS) }
}

/** Legs in one text, each person under the name that they go by now. */
const textOf = (legs: readonly Leg[], nameOf: (person: string) => string): string =>
  legs
    .map(({ fund, debit, credit, amount }) => {
      const named = (account: string) =>
        account.replace(/\/person\/(.*)$/, (_, person: string) => `/person/${nameOf(person)}`)
      return `${fund} ${named(debit)} ${named(credit)} ${amount}`
    })
    .toSorted()
    .join('\n')

function namesAfter(merges: readonly { readonly from: string; readonly into: string }[]) {
  const after = new Map(merges.map(({ from, into }) => [from, into]))
  return (person: string): string => {
    let name = person
    for (let next = after.get(name); next !== undefined; next = after.get(name)) name = next
    return name
  }
}
