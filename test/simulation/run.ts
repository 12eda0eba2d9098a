/**
 * `npm run test:simulation`: years of real life on a real database. Now and then the process that plays them, or the
 * database, is killed; it goes on where it was. At the end nothing may be half there. SEED and SEEDS choose the
 * years, KILL_EVERY_MS how often something dies (0: never).
 */
import { verifyLedger } from '#app/ledger-command.ts'
import { seeded } from '../chance.ts'
import { nothingHalfSaved } from '../crash/books.ts'
import { migratedDatabase } from '../crash/database.ts'
import { again } from './patience.ts'
import { type Kill, play } from './play.ts'

const FIRST = Number(process.env.SEED ?? 1)
const SEEDS = Number(process.env.SEEDS ?? 10_000)
const LAST = FIRST + SEEDS - 1
const KILL_EVERY_MS = Number(process.env.KILL_EVERY_MS ?? 5_000)

/** A run by new rules asks every tenant whether anybody waits, and most years have a tenant of their own. */
const YEARS_A_DATABASE = 250

const random = seeded(FIRST)
const kills = { program: 0, database: 0 }
const began = performance.now()

for (let first = FIRST; first <= LAST; first += YEARS_A_DATABASE)
  await playOn(first, Math.min(first + YEARS_A_DATABASE - 1, LAST))
say(
  `${SEEDS} years, SEED=${FIRST}; killed: the program ${kills.program}, the database ${kills.database} times`,
)

/** Plays years into an empty database. */
async function playOn(first: number, last: number): Promise<void> {
  const { database, url, pid, close } = await migratedDatabase({ max: 2 })
  try {
    const seeds = Array.from({ length: last - first + 1 }, (_, i) => first + i)
    await play({ url, pid, seeds, nextKill, onKilled: (victim) => kills[victim]++ })
    await again(() => nothingHalfSaved(database))
    const { text, sound } = await again(() => verifyLedger(database, 'en'))
    if (!sound) throw new Error(text)
    say(`${last - FIRST + 1}/${SEEDS} years`)
  } finally {
    await close()
  }
}

function nextKill(): Kill | undefined {
  if (KILL_EVERY_MS === 0) return undefined
  const victim = random() < 0.5 ? 'database' : 'program'
  return { victim, afterMs: KILL_EVERY_MS * (0.5 + random()) }
}

function say(text: string): void {
  console.log(`${text}, ${Math.round((performance.now() - began) / 1000)} s`)
}
