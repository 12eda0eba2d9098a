import {
  balanceAccount,
  balanceLeg,
  type Elsewhere,
  type Entry,
  type Leg,
  type Owing,
  payeeOf,
  redirect,
  reversed,
} from '#domains/ledger/index.ts'
import { parseTotalKey } from './total-key.ts'
import type { Bill } from './types.ts'

/** What a replay does to one bill: the settlement that ends, the one that takes its place, and who owes whom. */
export type PostedBill = {
  readonly bill: Pick<Bill, 'id' | 'person' | 'institution' | 'invoice' | 'attributes'>
  readonly ended: { readonly id: string; readonly legs: readonly Leg[] } | undefined
  readonly made: { readonly id: string; readonly legs: readonly Leg[] } | undefined
  readonly owings: readonly Owing[]
  /** Care elsewhere, by the settlement that stands or stood last. */
  readonly elsewhere?: Elsewhere | undefined
}

/** The subject of the entry that moves the differences of a bill to whoever they concern. */
export const redirectedSubject = (replay: string, bill: string): string => `${replay} ${bill}`

/**
 * What a replay posts: each settlement that ended, the other way round; each that it made; and of bills that had been
 * paid, where the differences belong.
 */
export function postingsOf(replay: string, bills: readonly PostedBill[]): Entry[] {
  return bills.flatMap(({ bill, ended, made, owings, elsewhere }) => {
    const undone = reversed(ended?.legs ?? [])
    const posted = made?.legs ?? []
    const { person } = bill
    const moved = redirect([...undone, ...posted], owings, {
      person,
      payee: (payer) => payeeOf(bill, payer, elsewhere),
    })
    const about = { bill: bill.id, replay }
    const entries: Entry[] = [
      { ...about, subject: ended?.id ?? '', kind: 'ended', settlement: ended?.id, legs: undone },
      { ...about, subject: made?.id ?? '', kind: 'settled', settlement: made?.id, legs: posted },
      {
        ...about,
        subject: redirectedSubject(replay, bill.id),
        kind: 'redirected',
        settlement: made?.id ?? ended?.id,
        legs: moved,
      },
    ]
    return entries.filter(({ legs }) => legs.length > 0)
  })
}

/**
 * What a settlement posted under the number of a file that was merged away, as the kept number's. What it drew is given
 * back there, for the balance has moved. What it owed the person follows where its money may have moved: otherwise the
 * new amount would be owed whole a second time. What has not moved is taken back where it stands.
 */
export function atKeptNumber(person: string, legs: readonly Leg[], isCleared: boolean): Leg[] {
  const kept = (account: string) =>
    isCleared || account.startsWith(balanceAccount(''))
      ? account.replace(/\/person\/.*$/, `/person/${person}`)
      : account
  return legs.map((leg) => ({ ...leg, debit: kept(leg.debit), credit: kept(leg.credit) }))
}

/** What was in a person's accounts before their first bill here. */
export function openingEntry(person: string, totals: Readonly<Record<string, number>>): Entry {
  const { personal, family } = accountsIn(totals)
  const legs = [
    balanceLeg('personal', person, personal, 'opening'),
    balanceLeg('family', person, family, 'opening'),
  ].flatMap((leg) => leg ?? [])
  return { subject: `opening ${person}`, kind: 'opened', legs }
}

/** What is in a person's accounts by their running totals: money of the current and of earlier years is one balance. */
export function accountsIn(totals: Readonly<Record<string, number>>): {
  readonly personal: number
  readonly family: number
} {
  let [personal, family] = [0, 0]
  for (const [key, value] of Object.entries(totals)) {
    const { slot } = parseTotalKey(key)
    if (slot === 'account:family') family += value
    else if (slot.startsWith('account:')) personal += value
  }
  return { personal, family }
}
