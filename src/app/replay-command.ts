import { createDueService } from '#domains/settlement/due.service.ts'
import { createSettlementService } from '#domains/settlement/service.ts'
import { openDatabase, SERVER_ROLE } from '#platform/database.ts'
import { todayInChina } from './clock.ts'
import { DEMONSTRATION } from './demonstration.ts'
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts'
import type { Options } from './options.ts'

const TELL_EVERY_MS = 1_000

/**
 * `kangyang replay`: works off the replays that wait, beside a server or without one. One person is one transaction:
 * whoever stops it loses nothing, and the next goes on.
 */
export async function replayCommand(options: Options): Promise<ExitCode> {
  const url = options.text('database-url') ?? process.env.DATABASE_URL
  if (!url)
    throw new UsageError({
      zh: '须以 DATABASE_URL 或 --database-url 写明数据库；自带的数据库由服务器自行处理',
      en: 'name the database by DATABASE_URL or --database-url; a server with the embedded one works it off itself',
    })
  const database = openDatabase(url, { role: SERVER_ROLE })
  const settlement = createSettlementService({
    database,
    today: todayInChina,
    allowUndated: (tenant) => tenant === DEMONSTRATION.tenant.id,
    secrets: { seal: nameless, open: nameless, digest: nameless },
  })
  const due = createDueService({ database, settlement })
  const stop = () => void due.stop()
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  let done = 0
  let told = performance.now()
  try {
    await due.workOff(() => {
      done++
      if (performance.now() - told < TELL_EVERY_MS) return
      told = performance.now()
      process.stderr.write(`\r${done}`)
    })
    process.stdout.write(`${done} 人已重新结算 / persons settled again\n`)
    return EXIT.done
  } finally {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
    await database.close()
  }
}

/** Settling again reads and writes no name, so this command needs no data key. */
function nameless(): never {
  throw new Error('a replay has no business with names')
}
