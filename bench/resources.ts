import { readdirSync, readFileSync } from 'node:fs'

/** What a stretch of work took: processor seconds and the most memory at a time, in MiB, of program and database. */
export type Used = {
  readonly programSeconds: number
  readonly databaseSeconds: number
  /** Of everything on the machine: what is above the two others was somebody else's. */
  readonly machineSeconds: number
  readonly programMiB: number
  readonly databaseMiB: number
}

const TICKS = 100
const SAMPLE_EVERY_MS = 2_000

/**
 * Watches a program and the database that it started, until `end`; this process where no other is named. Undefined
 * where the system does not say (it does on Linux). Memory that database processes share is counted once.
 */
export function watch(program = process.pid): { end(): Used | undefined } {
  const before = reading(program)
  let [programMiB, databaseMiB] = [0, 0]
  const sample = () => {
    programMiB = Math.max(programMiB, attempt(() => shareMiB(program)) ?? 0)
    databaseMiB = Math.max(
      databaseMiB,
      attempt(() => sum(databasePids(program).map(shareMiB))) ?? 0,
    )
  }
  const timer = setInterval(sample, SAMPLE_EVERY_MS)
  return {
    end() {
      clearInterval(timer)
      sample()
      const after = reading(program)
      if (!before || !after) return undefined
      return {
        programSeconds: after.program - before.program,
        databaseSeconds: after.database - before.database,
        machineSeconds: after.machine - before.machine,
        programMiB,
        databaseMiB,
      }
    },
  }
}

export const describeUse = (used: Used | undefined): string =>
  used
    ? `processor: program ${used.programSeconds.toFixed(1)} s, database ${used.databaseSeconds.toFixed(1)} s of ${used.machineSeconds.toFixed(1)} s used on the machine; memory at most: program ${Math.round(used.programMiB)} MiB, database ${Math.round(used.databaseMiB)} MiB`
    : 'processor time and memory are not told by this system'

function reading(program: number) {
  return attempt(() => {
    const machine = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').split(/\s+/)
    const busy = [1, 2, 3, 6, 7].map((field) => Number(machine[field]))
    return {
      program: processorSeconds(program, false),
      database: sum(databasePids(program).map((pid) => processorSeconds(pid, true))),
      machine: sum(busy) / TICKS,
    }
  })
}

/** The database is a child of the program, and its helpers and connections are children of it. */
function databasePids(program: number): number[] {
  const postmasters = childrenOf(program).filter((pid) => nameOf(pid) === 'postgres')
  return postmasters.flatMap((pid) => [pid, ...childrenOf(pid)])
}

const childrenOf = (pid: number): number[] =>
  readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter(Boolean)
      .map(Number),
  )

const nameOf = (pid: number): string => readFileSync(`/proc/${pid}/comm`, 'utf8').trim()

/** Perhaps with that of children that have ended. */
const processorSeconds = (pid: number, withChildren: boolean): number => {
  // The name in parentheses may hold anything; what follows it are numbers.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
  const wanted = withChildren ? [11, 12, 13, 14] : [11, 12]
  return sum(wanted.map((field) => Number(fields[field]))) / TICKS
}

const shareMiB = (pid: number): number =>
  Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) / 1024

const sum = (numbers: readonly number[]): number => numbers.reduce((all, n) => all + n, 0)

/** Processes end while they are looked at. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
