import { hash as digestOf } from 'node:crypto'

/** An entry of the access log as it is sealed. `at` is UTC to the microsecond. */
export type LogEntry = {
  readonly id: number
  readonly tenant: string
  readonly at: string
  readonly user: string
  readonly action: string
  readonly subject: string | null
  readonly purpose: string | null
}

/** A batch of entries, sealed: each seal covers the one before it, and so everything before. */
export type Seal = {
  readonly tenant: string
  readonly number: number
  /** UTC to the millisecond. */
  readonly sealedAt: string
  readonly ids: readonly number[]
  readonly marks: Buffer
  readonly root: Buffer
  readonly previous: Buffer
  readonly hash: Buffer
}

/** The newest seal of a chain in short, to be kept where nobody who could change the database can change it. */
export type Head = Pick<Seal, 'tenant' | 'number' | 'sealedAt'> & { readonly hash: string }

/** What is wrong with a batch. Where a single entry tells, it is named. */
export type Fault = {
  readonly seal: number
  readonly what:
    | 'seal_missing'
    | 'entry_missing'
    | 'entry_changed'
    | 'seal_changed'
    | 'chain_broken'
    | 'code_wrong'
  readonly entry?: number
}

export const MARK_BYTES = 8
/** What the first seal of a chain stands on. */
export const NOTHING_BEFORE = Buffer.alloc(32)

const sha256 = (bytes: string | Buffer): Buffer => digestOf('sha256', bytes, 'buffer')

/** The hash of everything an entry says, in one order of its fields. */
export function hashEntry(entry: LogEntry): Buffer {
  const { id, tenant, at, user, action, subject, purpose } = entry
  return sha256(JSON.stringify([id, tenant, at, user, action, subject, purpose]))
}

/** Seals entries, in the order in which they are given, after `previous`. */
export function sealEntries(
  { tenant, number, sealedAt }: Pick<Seal, 'tenant' | 'number' | 'sealedAt'>,
  previous: Buffer,
  entries: readonly LogEntry[],
): Seal {
  const hashes = entries.map(hashEntry)
  const ids = entries.map(({ id }) => id)
  const marks = Buffer.concat(hashes.map((hash) => hash.subarray(0, MARK_BYTES)))
  const unhashed = { tenant, number, sealedAt, ids, marks, root: rootOf(hashes), previous }
  return { ...unhashed, hash: hashSeal(unhashed) }
}

const rootOf = (hashes: readonly Buffer[]): Buffer => sha256(Buffer.concat(hashes))

export function hashSeal(seal: Omit<Seal, 'hash'>): Buffer {
  const { tenant, number, sealedAt, ids, marks, root, previous } = seal
  const parts = [ids, marks.toString('hex'), root.toString('hex'), previous.toString('hex')]
  return sha256(JSON.stringify([tenant, number, sealedAt, ...parts]))
}

/**
 * The first thing that is wrong with a seal, given the one before it and the entries that are there now.
 * `isSigned` says whether its code is right; undefined where its key is no longer known, which is no fault:
 * the codes of later seals cover it.
 */
export function faultOf(
  seal: Seal,
  before: Pick<Seal, 'number' | 'hash'> | undefined,
  entries: ReadonlyMap<number, LogEntry>,
  isSigned: boolean | undefined,
): Fault | undefined {
  const number = (before?.number ?? 0) + 1
  if (seal.number !== number) return { seal: number, what: 'seal_missing' }
  if (!seal.previous.equals(before?.hash ?? NOTHING_BEFORE))
    return { seal: number, what: 'chain_broken' }
  const hashes: Buffer[] = []
  for (const [i, entry] of seal.ids.entries()) {
    const found = entries.get(entry)
    if (!found) return { seal: number, what: 'entry_missing', entry }
    const hash = hashEntry(found)
    const mark = seal.marks.subarray(i * MARK_BYTES, (i + 1) * MARK_BYTES)
    if (!hash.subarray(0, MARK_BYTES).equals(mark))
      return { seal: number, what: 'entry_changed', entry }
    hashes.push(hash)
  }
  if (!rootOf(hashes).equals(seal.root) || !hashSeal(seal).equals(seal.hash))
    return { seal: number, what: 'seal_changed' }
  return isSigned === false ? { seal: number, what: 'code_wrong' } : undefined
}
