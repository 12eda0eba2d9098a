import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const COMPILED = mkdtempSync(join(tmpdir(), 'kangyang-clerk-'))
process.on('exit', () => rmSync(COMPILED, { recursive: true, force: true }))
const CLERK = fileURLToPath(new URL('./clerk.ts', import.meta.url))

/** Who is killed next, so many milliseconds after whoever plays has begun, or after the last one was killed. */
export type Kill = { readonly victim: 'program' | 'database'; readonly afterMs: number }

/**
 * Plays years into a database. The clerk who plays them, and the database, are killed as `nextKill` says, without a
 * warning; a clerk who was killed is followed by another, who goes on where that one was. `round` keeps years apart that
 * are played more than once. A database on somebody else's server, without a `pid`, is spared. Answers how long it
 * took from where the first clerk began, in milliseconds.
 */
export async function play({
  url,
  pid,
  seeds,
  round = '',
  nextKill,
  onKilled,
}: {
  readonly url: string
  readonly pid: (() => number) | undefined
  readonly seeds: readonly number[]
  readonly round?: string
  readonly nextKill: () => Kill | undefined
  readonly onKilled: (victim: Kill['victim']) => void
}): Promise<number> {
  let left = seeds
  let began: number | undefined
  while (left.length > 0) {
    const clerk = spawn(process.execPath, [CLERK, url, left.join(), round], {
      stdio: ['ignore', 'pipe', 'inherit'],
      // Whoever follows a clerk who was killed need not read the whole program from its sources again.
      env: { ...process.env, NODE_COMPILE_CACHE: COMPILED },
    })
    const ended = once(clerk, 'exit')
    let timer: NodeJS.Timeout | undefined
    const killNext = () => {
      const kill = nextKill()
      if (!kill) return
      timer = setTimeout(() => {
        if (kill.victim === 'program' || pid === undefined) {
          if (clerk.kill('SIGKILL')) onKilled('program')
          return
        }
        if (killed(pid())) onKilled('database')
        killNext()
      }, kill.afterMs)
    }
    for await (const line of createInterface(clerk.stdout)) {
      if (line === 'begun') {
        began ??= performance.now()
        killNext()
      } else left = left.filter((seed) => seed !== Number(line))
    }
    const [code, signal] = await ended
    clearTimeout(timer)
    if (code !== 0 && signal !== 'SIGKILL') throw new Error(`stopped at SEED=${left[0]}`)
  }
  return performance.now() - (began ?? performance.now())
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
