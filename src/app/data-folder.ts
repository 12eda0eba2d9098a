import { randomUUID } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A data folder that this process alone serves, until it is released. */
export type Hold = {
  /** Tells a second instance where this one is reached. */
  announce(address: string): void
  release(): void
}

type Note = { readonly pid: number; readonly id: string; readonly address?: string }

const STARTS_WITHIN_MS = 60_000

/** The data folder where none is named: the project's own, or the user's where that cannot be written. */
export function defaultFolder(project: string): string {
  const own = join(project, '.data')
  try {
    accessSync(existsSync(own) ? own : project, constants.W_OK)
    return own
  } catch {
    return join(homedir(), '.kangyang')
  }
}

/** Holds a folder, or answers where the instance that holds it is reached. */
export async function holdFolder(
  folder: string,
): Promise<{ hold: Hold } | { running: string | undefined }> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, 'server.json')
  const mine: Note = { pid: process.pid, id: randomUUID() }
  const deadline = Date.now() + STARTS_WITHIN_MS
  for (;;) {
    try {
      writeFileSync(file, JSON.stringify(mine), { flag: 'wx', mode: 0o600 })
      return { hold: holdOf(file, mine) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const other = readNote(file)
    if (!other) {
      // Half written, or just gone: look again.
      await sleep(50)
      if (!readNote(file) && existsSync(file) && Date.now() > deadline) rmSync(file)
      continue
    }
    if (!isAlive(other.pid) || (other.address !== undefined && !(await answers(other)))) {
      if (readNote(file)?.id === other.id) rmSync(file, { force: true })
      continue
    }
    if (other.address !== undefined || Date.now() > deadline) return { running: other.address }
    await sleep(200)
  }
}

function holdOf(file: string, mine: Note): Hold {
  return {
    announce(address) {
      // A rename is seen whole: nobody reads half an address.
      writeFileSync(`${file}.new`, JSON.stringify({ ...mine, address }), { mode: 0o600 })
      renameSync(`${file}.new`, file)
    },
    release() {
      if (readNote(file)?.id === mine.id) rmSync(file, { force: true })
    },
  }
}

function readNote(file: string): Note | undefined {
  try {
    const note = JSON.parse(readFileSync(file, 'utf8')) as Partial<Note>
    return typeof note.pid === 'number' && typeof note.id === 'string' ? (note as Note) : undefined
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Whether the instance really is there: after a power cut its number may be another program's. */
async function answers({ address }: Note): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(5_000)
    const response = await fetch(`${address}/health/live`, { signal })
    return response.ok
  } catch {
    return false
  }
}
