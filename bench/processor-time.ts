import { readFileSync } from 'node:fs'

/** Processor time since the machine or a process began, in milliseconds. */
export type ProcessorTime = {
  /** Of this process, the server and the database with its helpers. */
  readonly client: number
  readonly server: number
  readonly database: number
  /** Of everything on the machine. */
  readonly machine: number
}

const TICK_MS = 10

/**
 * What each part has used so far; undefined where the system does not say (it does on Linux). Two readings
 * tell who paid for a benchmark, and how much of the machine others used meanwhile.
 */
export function processorTime(server: number, database: number): ProcessorTime | undefined {
  try {
    const { user, system } = process.cpuUsage()
    const helpers = readFileSync(`/proc/${database}/task/${database}/children`, 'utf8')
    const pids = [database, ...helpers.trim().split(' ').filter(Boolean).map(Number)]
    const [, used = '', nice = '', kernel = '', , , irq = '', softIrq = ''] = readFileSync(
      '/proc/stat',
      'utf8',
    ).split(/\s+/)
    return {
      client: (user + system) / 1_000,
      server: ofProcess(server),
      // A helper that has ended is among those that the database has waited for, and is not lost.
      database: pids.reduce((sum, pid) => sum + ofProcess(pid), ofProcess(database, ENDED)),
      machine: [used, nice, kernel, irq, softIrq].reduce((sum, n) => sum + Number(n), 0) * TICK_MS,
    }
  } catch {
    return undefined
  }
}

/** Processor time of the processes that this one has started and that have ended, in seconds; nothing where the system does not say. */
export function childrenSeconds(): number {
  try {
    return ofProcess(process.pid, ENDED) / 1_000
  } catch {
    return Number.NaN
  }
}

/** Where a line of /proc/…/stat has user and system time: the process's own, and of its ended children. */
const OWN = 11
const ENDED = 13

function ofProcess(pid: number, at = OWN): number {
  // The name in parentheses may hold anything; what follows it are numbers.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
  return (Number(fields[at]) + Number(fields[at + 1])) * TICK_MS
}
