import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../../bin/kangyang', import.meta.url))

/** `kangyang serve` as a process of its own, with its own data folder and embedded database. */
export type ServerProcess = {
  readonly folder: string
  readonly address: string
  readonly pid: number
  /** Whether the process itself has ended. */
  ended(): boolean
  kill(signal: NodeJS.Signals): void
  exited: Promise<unknown>
  /** What it has said so far, without the requests that it answered. */
  output(): string
}

/** The demonstration's users, who exist on every server that these tests start. */
export const PASSWORD = 'kangyang-demo'
export const TENANT = 'demo'

/**
 * Starts a server and waits until it is ready. Like a supervisor it starts again, at once, a server that
 * ends before it is ready. Throws where none is ready after `within` milliseconds.
 */
export async function startServer(
  folder: string,
  { within, nodeOptions = '' }: { readonly within: number; readonly nodeOptions?: string },
): Promise<{ readonly server: ServerProcess; readonly starts: number; readonly ms: number }> {
  const began = performance.now()
  const elapsed = () => performance.now() - began
  let said = ''
  for (let starts = 1; ; starts++) {
    const server = launch(folder, nodeOptions)
    while (!server.ended() && elapsed() < within) {
      if (await isReady(server)) return { server, starts, ms: elapsed() }
      await sleep(20)
    }
    said += server.output()
    if (elapsed() >= within) {
      server.kill('SIGKILL')
      throw new Error(`not ready after ${within} ms and ${starts} starts:\n${said}`)
    }
  }
}

function launch(folder: string, nodeOptions: string): ServerProcess {
  const { TEST_DATABASE_URL: _, DATABASE_URL: __, ...env } = process.env
  // A file, because whoever measures the server should not have to read what it logs meanwhile.
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const log = join(folder, 'output.log')
  const file = openSync(log, 'w')
  const child = spawn(BIN, ['serve', '--data', folder, '--port', '0'], {
    stdio: ['ignore', file, file],
    env: { ...env, NODE_OPTIONS: nodeOptions },
  })
  closeSync(file)
  return {
    folder,
    get address() {
      return noteOf(folder, child.pid)?.address ?? ''
    },
    pid: child.pid as number,
    ended: () => child.exitCode !== null || child.signalCode !== null,
    kill: (signal) => child.kill(signal),
    exited: once(child, 'exit'),
    output: () => readFileSync(log, 'utf8').replace(/^\{"level":30,.*\n/gm, ''),
  }
}

function noteOf(folder: string, pid: number | undefined): { address?: string } | undefined {
  try {
    const note = JSON.parse(readFileSync(join(folder, 'server.json'), 'utf8'))
    return note.pid === pid ? note : undefined
  } catch {
    return undefined
  }
}

export async function isReady({ address }: ServerProcess): Promise<boolean> {
  if (address === '') return false
  try {
    const signal = AbortSignal.timeout(2_000)
    return (await fetch(`${address}/health/ready`, { signal })).ok
  } catch {
    return false
  }
}

/** The process number of the data folder's database, and the address at which it is reached. */
export function databaseOf(folder: string): { readonly pid: number; readonly url: string } {
  const file = join(folder, 'postgres/postmaster.pid')
  if (!existsSync(file)) throw new Error(`no database runs in ${folder}`)
  const [pid, , , port] = readFileSync(file, 'utf8').split('\n')
  const password = readFileSync(join(folder, 'postgres-password'), 'utf8').trim()
  return {
    pid: Number(pid),
    url: `postgres://kangyang:${password}@127.0.0.1:${port}/postgres`,
  }
}
