/**
 * `npm run test:simulation`: years of real life on a real database. Now and then the process that plays them, or the
 * database, is killed; it goes on where it was. At the end nothing may be half there. SEED and SEEDS choose the
 * years, KILL_EVERY_MS how often something dies (0: never).
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { verifyLedger } from '#app/ledger-command.ts'
import { nothingHalfSaved } from '../crash/books.ts'
import { migratedDatabase } from '../crash/database.ts'
import { seeded } from '../crash/teaching.ts'
import { again } from './patience.ts'

const FIRST = Number(process.env.SEED ?? 1)
const SEEDS = Number(process.env.SEEDS ?? 10_000)
const LAST = FIRST + SEEDS - 1
const KILL_EVERY_MS = Number(process.env.KILL_EVERY_MS ?? 5_000)
const CLERK = fileURLToPath(new URL('./clerk.ts', import.meta.url))

/** A run by new rules asks every tenant whether anybody waits, and most years have a tenant of their own. */
const YEARS_A_DATABASE = 250

const random = seeded(FIRST)
const kills = { clerk: 0, database: 0 }
const began = performance.now()

for (let first = FIRST; first <= LAST; first += YEARS_A_DATABASE)
  await play(first, Math.min(first + YEARS_A_DATABASE - 1, LAST))
say(
  `${SEEDS} years, SEED=${FIRST}; killed: the program ${kills.clerk}, the database ${kills.database} times`,
)

/** Plays years into an empty database, from the first that is not done whenever the clerk was killed. */
async function play(first: number, last: number): Promise<void> {
  const { database, url, pid, close } = await migratedDatabase({ max: 2 })
  const done = new Set<number>()
  try {
    for (let next = first; next <= last; ) {
      const clerk = spawn(process.execPath, [CLERK, url, String(next), String(last)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const ended = once(clerk, 'exit')
      const stopKilling = killNowAndThen(() => clerk.kill('SIGKILL'), pid)
      for await (const line of createInterface(clerk.stdout))
        if (line !== 'begun') done.add(Number(line))
      const [code, signal] = await ended
      stopKilling()
      while (done.has(next)) next++
      if (code !== 0 && signal !== 'SIGKILL') throw new Error(`stopped at SEED=${next}`)
    }
    await again(() => nothingHalfSaved(database))
    const { text, sound } = await again(() => verifyLedger(database, 'en'))
    if (!sound) throw new Error(text)
    say(`${last - FIRST + 1}/${SEEDS} years`)
  } finally {
    await close()
  }
}

/** Kills the one or the other after a while, again and again. A database on somebody else's server is spared. */
function killNowAndThen(killClerk: () => void, pid: (() => number) | undefined): () => void {
  if (KILL_EVERY_MS === 0) return () => {}
  let timer: NodeJS.Timeout
  const again = () => {
    timer = setTimeout(
      () => {
        if (pid !== undefined && random() < 0.5) {
          if (killed(pid())) kills.database++
          again()
        } else {
          kills.clerk++
          killClerk()
        }
      },
      KILL_EVERY_MS * (0.5 + random()),
    )
  }
  again()
  return () => clearTimeout(timer)
}

/** Whether there was somebody to kill: a database may be away already, and not yet back. */
function killed(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch (thrown) {
    if ((thrown as { code?: string }).code !== 'ESRCH') throw thrown
    return false
  }
}

function say(text: string): void {
  console.log(`${text}, ${Math.round((performance.now() - began) / 1000)} s`)
}
