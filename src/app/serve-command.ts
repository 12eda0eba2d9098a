import { setTimeout as sleep } from 'node:timers/promises'
import { EmbeddedPostgresError, startEmbedded } from '#platform/embedded-postgres.ts'
import { holdFolder } from './data-folder.ts'
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts'
import type { Options } from './options.ts'
import { progress, tell } from './say.ts'
import { type Settings, settingsOf } from './serve-settings.ts'

/** `kangyang serve`: the console and the interface, until it is told to stop. */
export async function serveCommand(options: Options): Promise<ExitCode> {
  const settings = settingsOf(options)
  let loading: ReturnType<typeof load> | undefined
  const program = () => {
    loading ??= load(settings)
    return loading
  }
  if (settings.databaseUrl !== undefined) {
    const { serve, rules } = await program()
    return serve(settings, rules, settings.databaseUrl)
  }
  const { folder } = settings
  const held = await holdFolder(folder).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError({
      zh: `无法使用数据文件夹 ${folder}（${error.message}）；用 --data 另选一个`,
      en: `cannot use the data folder ${folder} (${error.message}); choose another with --data`,
    })
  })
  if ('running' in held) {
    tell(
      held.running === undefined
        ? `另一个实例正在使用 ${folder} / another instance is using ${folder}`
        : `已在运行 / already running: ${held.running}\n  数据 / data: ${folder}\n  另开一个请用 / for a second one: --data DIR`,
    )
    return held.running === undefined ? EXIT.refused : EXIT.done
  }
  let postgres: Awaited<ReturnType<typeof startEmbedded>> | undefined
  try {
    progress('正在启动数据库 / starting the database …')
    postgres = await startPostgres(folder, () => void program().catch(() => {}))
    const { serve, rules } = await program()
    return await serve(settings, rules, postgres.url, { hold: held.hold, lost: postgres.lost })
  } catch (error) {
    if (!(error instanceof EmbeddedPostgresError)) throw error
    progress(`数据库未能启动 / the database did not start: ${error.message}`)
    return EXIT.refused
  } finally {
    await postgres?.stop()
    held.hold.release()
  }
}

/** The server and its rules are read while the database starts: after a crash that takes as long again. */
async function load({ schemes }: Settings) {
  const { readRules, serve } = await import('./serve.ts')
  return { serve, rules: readRules(schemes) }
}

const STOPPING_FOR_MS = 10_000

/** A server that was killed leaves a database that is still stopping: it is given a moment to do so. */
async function startPostgres(folder: string, meanwhile: () => void) {
  const deadline = Date.now() + STOPPING_FOR_MS
  for (;;) {
    try {
      return await startEmbedded({ folder, meanwhile })
    } catch (error) {
      const busy = error instanceof EmbeddedPostgresError && error.code === 'in_use'
      if (!busy || Date.now() > deadline) throw error
      await sleep(20)
    }
  }
}
