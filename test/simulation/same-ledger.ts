import assert from 'node:assert/strict'
import { verifyLedger } from '#app/ledger-command.ts'
import { checkLedger } from '#domains/ledger/service.ts'
import type { Database } from '#platform/database.ts'
import { seeded } from '../chance.ts'
import { nothingHalfSaved } from '../crash/books.ts'
import { migratedDatabase } from '../crash/database.ts'
import { again } from './patience.ts'
import { type Kill, play } from './play.ts'

/** Three years that have everything that is posted: settlements, replays, a run by corrected rules, payments, decisions. */
const STRETCH = [147, 379, 440]
const POSTED = [
  'settled',
  'ended',
  'redirected',
  'account',
  'cleared',
  'ordered',
  'paid',
  'returned',
  'unpaid',
  'adopted',
  'confirmed',
  'waived',
]

/** What the books of a year come to, without a number, a day or an order that another run gives otherwise. */
type Books = {
  readonly balancesHash: string
  readonly entries: readonly string[]
}

/**
 * Plays a stretch of work that nobody interrupts, and the same again and again with the program and the database killed
 * at random points of it. Throws where the ledger of any round is not that of the first. Each round is killed by its own
 * number: `first` goes on where an earlier run was stopped.
 */
export async function sameLedgerOverKills({
  kills,
  first,
  say,
}: {
  readonly kills: number
  readonly first: number
  readonly say: (text: string) => void
}): Promise<Readonly<Record<Kill['victim'], number>>> {
  const killed = { program: 0, database: 0 }
  const total = () => killed.program + killed.database
  let unbroken: Unbroken | undefined
  for (let round = first; total() < kills; ) {
    const { database, url, pid, close } = await migratedDatabase({ max: 2 })
    try {
      unbroken ??= await playUnbroken(database, url, pid)
      for (const until = round + ROUNDS_A_DATABASE; round < until && total() < kills; round++) {
        const random = seeded(Math.imul(round, 0x9e3779b1) >>> 1)
        const longest = Math.min(unbroken.ms / LIVES, LONGEST_MS)
        const most = Math.min(kills, total() + KILLS_A_ROUND)
        const nextKill = (): Kill | undefined => {
          if (total() >= most) return undefined
          const victim = random() < 0.5 ? 'database' : 'program'
          return { victim, afterMs: random() * longest }
        }
        const onKilled = (victim: Kill['victim']) => {
          killed[victim]++
        }
        await play({ url, pid, seeds: STRETCH, round: `-${round}`, nextKill, onKilled })
        const books = await again(() => booksOf(database, `-${round}`))
        assert.deepEqual(books, unbroken.books, `to see it again: SEED=${round}`)
        say(`SEED=${round}: ${killed.program} programs and ${killed.database} databases killed`)
      }
      await again(() => nothingHalfSaved(database))
      const { text, sound } = await again(() => verifyLedger(database, 'en'))
      assert(sound, text)
      await guardBites(database, `-${round - 1}`, unbroken.books)
    } finally {
      await close()
    }
  }
  return killed
}

/** What a stretch without a kill comes to, and how long it takes. */
type Unbroken = { readonly books: readonly Books[]; readonly ms: number }

async function playUnbroken(
  database: Database,
  url: string,
  pid: (() => number) | undefined,
): Promise<Unbroken> {
  const round = '-unbroken'
  const none = { nextKill: () => undefined, onKilled: () => {} }
  const ms = await play({ url, pid, seeds: STRETCH, round, ...none })
  const books = await booksOf(database, round)
  const kinds = new Set(books.flatMap(({ entries }) => entries.map(kindOf)))
  const missing = POSTED.filter((kind) => !kinds.has(kind))
  assert.deepEqual(missing, [], 'the stretch posts all of these')
  return { books, ms }
}

/** One more entry, of one fen, is seen. */
async function guardBites(database: Database, round: string, books: readonly Books[]) {
  await database.query(
    `insert into ledger_entries (tenant_id, subject, kind, user_name, funds, debits, credits, amounts)
     values ($1, 'planted', 'adopted', 'nobody', '{basicPool@teaching/shifan}', '{owed/institution/H1}', '{bank}', '{1}')`,
    [tenantOf(STRETCH[0], round)],
  )
  assert.notDeepEqual(await booksOf(database, round), books)
}

/** On a machine that has other work, a round of short lives might never end. */
const KILLS_A_ROUND = 10

/** Every round adds tenants, and some of the work asks each of them whether there is any. */
const ROUNDS_A_DATABASE = 10

/** Nobody lives longer than this part of the time that the whole stretch takes unbroken. */
const LIVES = 3
/** A machine that was busy when that was measured would let everybody live to the end. */
const LONGEST_MS = 1_000

const tenantOf = (seed: number | undefined, round: string): string => `year-${seed}${round}`
const kindOf = (entry: string): string => JSON.parse(entry).kind

function booksOf(database: Database, round: string): Promise<Books[]> {
  return database.snapshot(async (sql) => {
    const books: Books[] = []
    for (const seed of STRETCH) {
      const tenant = tenantOf(seed, round)
      const { balancesHash, debit, credit } = await checkLedger(sql, tenant)
      assert.equal(debit, credit, `${tenant}: the trial balance`)
      const rows = await sql.query<{ entry: string }>(
        `select jsonb_build_object('kind', kind, 'by', user_name, 'bill', bill_id, 'funds', funds, 'debits', debits,
            'credits', credits, 'amounts', amounts)::text as entry
           from ledger_entries where tenant_id = $1`,
        [tenant],
      )
      books.push({ balancesHash, entries: rows.map(({ entry }) => entry).toSorted() })
    }
    return books
  })
}
