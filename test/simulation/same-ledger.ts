import assert from 'node:assert/strict'
import { verifyLedger } from '#app/ledger-command.ts'
import { checkLedger } from '#domains/ledger/service.ts'
import type { Database } from '#platform/database.ts'
import { nothingHalfSaved } from '../crash/books.ts'
import { migratedDatabase } from '../crash/database.ts'
import { seeded } from '../crash/teaching.ts'
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
 * at random points of it. Throws where the ledger of any round is not that of the first.
 */
export async function sameLedgerOverKills({
  kills,
  seed,
  say,
}: {
  readonly kills: number
  readonly seed: number
  readonly say: (text: string) => void
}): Promise<Readonly<Record<Kill['victim'], number>>> {
  const random = seeded(seed)
  const { database, url, pid, close } = await migratedDatabase({ max: 2 })
  const killed = { program: 0, database: 0 }
  const total = () => killed.program + killed.database
  try {
    const unbrokenMs = await play({
      url,
      pid,
      seeds: STRETCH,
      round: '-unbroken',
      nextKill: () => undefined,
      onKilled: () => {},
    })
    const unbroken = await booksOf(database, '-unbroken')
    const kinds = new Set(unbroken.flatMap(({ entries }) => entries.map(kindOf)))
    assert.deepEqual(
      POSTED.filter((kind) => !kinds.has(kind)),
      [],
      'the stretch posts all of these',
    )

    for (let round = 1; total() < kills; round++) {
      const nextKill = (): Kill | undefined =>
        total() < kills
          ? {
              victim: random() < 0.5 ? 'database' : 'program',
              afterMs: (random() * unbrokenMs) / LIVES,
            }
          : undefined
      const onKilled = (victim: Kill['victim']) => {
        killed[victim]++
      }
      await play({ url, pid, seeds: STRETCH, round: `-${round}`, nextKill, onKilled })
      assert.deepEqual(
        await again(() => booksOf(database, `-${round}`)),
        unbroken,
        `round ${round}`,
      )
      say(`round ${round}: ${killed.program} programs and ${killed.database} databases killed`)
    }
    await again(() => nothingHalfSaved(database))
    const { text, sound } = await again(() => verifyLedger(database, 'en'))
    assert(sound, text)

    // The guard bites: one more entry, of one fen, is seen.
    await database.query(
      `insert into ledger_entries (tenant_id, subject, kind, user_name, funds, debits, credits, amounts)
       values ($1, 'planted', 'adopted', 'nobody', '{basicPool@teaching/shifan}', '{owed/institution/H1}', '{bank}', '{1}')`,
      [tenantOf(STRETCH[0], '-unbroken')],
    )
    assert.notDeepEqual(await booksOf(database, '-unbroken'), unbroken)
    return killed
  } finally {
    await close()
  }
}

/** Nobody lives longer than this part of the time that the whole stretch takes unbroken. */
const LIVES = 4

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
