import { createHash } from 'node:crypto'
import { addDays, type PlainDate } from '#base/plain-date.ts'
import type { Actor } from '#platform/actor.ts'
import { DOOR, type Guarded, type Snapshot, type Sql } from '#platform/database.ts'
import { tenantsOf } from '#platform/tenants.ts'
import { type Series, seriesOf, type TrialBalance, trialOf } from './position.ts'
import { clearedLegs, columnsOf, legsIn } from './post.ts'
import * as store from './store.ts'
import type { Entry, EntryKind, Leg } from './types.ts'

/** Posts entries in the caller's transaction. Those without a leg are of nothing, and are left out. */
export async function post(
  sql: Sql,
  { tenant, name }: Pick<Actor, 'tenant' | 'name'>,
  entries: readonly Entry[],
): Promise<void> {
  const rows = entries.flatMap((entry) => rowOf(entry, name) ?? [])
  if (rows.length > 0) await store.insertEntries(sql, tenant, rows)
}

/** An entry of something that happened before there was a ledger: when, if that is known, and by whom. */
export type PastEntry = Entry & { readonly at: string | undefined; readonly user: string }

/** Posts what happened before there was a ledger, on the day it happened. What is posted already stays as it is. */
export async function postPast(
  sql: Sql,
  tenant: string,
  entries: readonly PastEntry[],
): Promise<void> {
  const rows = entries.flatMap(({ at, user, ...entry }) => {
    const row = rowOf(entry, user)
    return row ? [{ ...row, at: at ?? null }] : []
  })
  if (rows.length > 0) await store.insertPast(sql, tenant, rows)
}

function rowOf({ legs, bill, settlement, replay, ...entry }: Entry, user: string) {
  if (legs.length === 0) return undefined
  const row: store.EntryRow = {
    ...entry,
    user,
    bill: bill ?? null,
    settlement: settlement ?? null,
    replay: replay ?? null,
    ...columnsOf(legs),
  }
  return row
}

/** Posts that the money of these settlements has left the funds, each as it was posted when it was made. */
export async function postCleared(
  sql: Sql,
  actor: Pick<Actor, 'tenant' | 'name'>,
  settlements: readonly string[],
): Promise<void> {
  const rows = await store.settledLegs(sql, actor.tenant, settlements)
  await post(
    sql,
    actor,
    rows.map(({ subject, bill, settlement, ...columns }) => ({
      subject,
      kind: 'cleared',
      bill: bill ?? undefined,
      settlement: settlement ?? undefined,
      legs: clearedLegs(legsIn(columns)),
    })),
  )
}

/** The legs of an entry; none where there is no such entry. */
export async function findLegs(
  sql: Sql,
  tenant: string,
  subject: string,
  kind: EntryKind,
): Promise<Leg[]> {
  const row = await store.findLegs(sql, tenant, subject, kind)
  return row ? legsIn(row) : []
}

/** Both sides of every account from the beginning to the end of a day; persons' own accounts are summed up as one. */
export const balancesUntil = store.sumsUntil

/** The last day that is closed: nothing is booked on it any more. */
export const daysClosedUntil = store.closedUntil

// --- reading -------------------------------------------------------------------------------------

/** How often it is looked whether a day is over. */
const EVERY_MS = 600_000
/** A day is closed when nothing that began in it can still be under way. */
const GRACE_MS = 3_600_000

export type Statement = {
  readonly opening: number
  readonly lines: readonly store.AccountLine[]
  /** Ask for what comes after this number; undefined where that was all. */
  readonly next: number | undefined
}

export type LedgerService = ReturnType<typeof createLedgerService>

/** What the books say: the trial balance of any day, what a fund moved day by day, and the postings of an account. */
export function createLedgerService({
  database,
  now = () => new Date(),
}: {
  readonly database: Guarded
  readonly now?: () => Date
}) {
  async function trial(actor: Actor, day: PlainDate): Promise<TrialBalance> {
    return trialOf(day, await store.sumsUntil(database.as(actor), actor.tenant, day))
  }

  async function series(
    actor: Actor,
    asked: {
      readonly fund: string | undefined
      readonly from: PlainDate
      readonly until: PlainDate
    },
  ): Promise<Series> {
    const { tenant } = actor
    return database.as(actor).transaction(async (sql) => {
      const before = await store.sumsUntil(sql, tenant, addDays(asked.from, -1))
      const moved = await store.movedByDay(sql, tenant, asked)
      const own = before.filter(({ fund }) => asked.fund === undefined || fund === asked.fund)
      return seriesOf(asked, own, moved)
    })
  }

  async function statement(
    actor: Actor,
    asked: {
      readonly fund: string
      readonly account: string
      readonly from: PlainDate
      readonly until: PlainDate
      readonly after: number
    },
  ): Promise<Statement> {
    const { tenant } = actor
    return database.as(actor).transaction(async (sql) => {
      const { debit, credit } = await store.sumsBefore(sql, tenant, { ...asked, day: asked.from })
      const lines = await store.linesOf(sql, tenant, { ...asked, limit: AT_ONCE })
      const last = lines.at(-1)?.no
      const full = new Set(lines.map(({ no }) => no)).size === AT_ONCE
      return { opening: credit - debit, lines, next: full ? last : undefined }
    })
  }

  /** Closes the days of every tenant that are over for certain. */
  async function closeDays(): Promise<void> {
    const over = new Date(now().getTime() - GRACE_MS)
    const day = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(over)
    const until = addDays(day as PlainDate, -1)
    for (const tenant of await tenantsOf(database.as(DOOR)))
      await database
        .as({ tenant, role: 'system' })
        .transaction((sql) => store.closeDays(sql, tenant, until))
  }

  let timer: NodeJS.Timeout | undefined
  let working = Promise.resolve()
  return {
    trial,
    series,
    statement,
    closeDays,
    start(): void {
      const work = () => {
        // A database that is away is back some time: the day is closed then.
        working = working.then(closeDays).catch(() => {})
      }
      work()
      timer = setInterval(work, EVERY_MS)
      timer.unref()
    },
    async stop(): Promise<void> {
      clearInterval(timer)
      await working
    },
  }
}

const AT_ONCE = 200

// --- verifying -----------------------------------------------------------------------------------

/** What the ledger of a tenant comes to. */
export type LedgerCheck = {
  readonly entries: number
  /** Both sides of the trial balance added up: equal, or the book does not add up to zero. */
  readonly debit: number
  readonly credit: number
  /** Closed days that are not the sum of their entries. */
  readonly days: readonly string[]
  /** Of every entry in the order of booking: tells whether one was changed, taken out or put in between. */
  readonly entriesHash: string
  /** Of the balances alone: the same for the same facts, however often the work was interrupted. */
  readonly balancesHash: string
}

export async function checkLedger(sql: Snapshot, tenant: string): Promise<LedgerCheck> {
  const sums = await store.sumsUntil(sql, tenant, '9999-12-31')
  return {
    entries: await store.countEntries(sql, tenant),
    debit: sums.reduce((all, { debit }) => all + debit, 0),
    credit: sums.reduce((all, { credit }) => all + credit, 0),
    days: await store.daysThatDiffer(sql, tenant),
    entriesHash: await hashOf(store.allEntries(sql, tenant)),
    balancesHash: await hashOf(store.allBalances(sql, tenant)),
  }
}

async function hashOf(pieces: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of pieces) hash.update(piece)
  return hash.digest('hex')
}
