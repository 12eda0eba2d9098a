import { createCipheriv, createDecipheriv, hash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { createZstdCompress, createZstdDecompress } from 'node:zlib'
import { z } from 'zod'
import type { Secrets } from './secrets.ts'

/**
 * The file of a backup: eight bytes that say so, the length of a header, the header as JSON, then frames. A
 * frame is the length and the bytes of a sealed piece (AES-256-GCM) of one compressed stream. Its nonce is its
 * number, its seal covers the header and whether it is the last: so no frame can be changed, moved or left out.
 * The stream is a row of records: a letter, a length, the bytes.
 */
const MAGIC = Buffer.from('KYBACKUP')
const FORMAT = 1
const FRAME_BYTES = 1024 * 1024
const TAG_BYTES = 16
const NONCE_BYTES = 12
const MOST_HEADER = 1024 * 1024
const MOST_RECORD = 64 * 1024 * 1024

const HeaderShape = z.object({
  format: z.int(),
  /** The version of the program that made it. */
  program: z.string(),
  madeAt: z.string(),
  key: z.string(),
  salt: z.string().regex(/^[0-9a-f]{64}$/),
  migrations: z.array(z.string()).readonly(),
  /** How large the database was, indexes and all. */
  databaseBytes: z.number(),
  /** About how many rows it held. */
  rows: z.number(),
})
export type BackupHeader = z.infer<typeof HeaderShape>

/** One record of the stream. What its letters mean is for backup.ts. */
export type BackupRecord = { readonly kind: string; readonly bytes: Buffer }

export type BackupFault =
  | 'not_a_backup'
  | 'format_unknown'
  | 'key_unknown'
  | 'damaged'
  | 'cut_off'
  | 'newer_schema'
  | 'rows_missing'

/** Why a file cannot be restored. */
export class BackupError extends Error {
  readonly code: BackupFault
  readonly facts: Readonly<Record<string, string>>
  constructor(code: BackupFault, facts: Readonly<Record<string, string>> = {}) {
    super(code)
    this.name = 'BackupError'
    this.code = code
    this.facts = facts
  }
}

// --- writing -------------------------------------------------------------------------------------

/** The bytes of a backup, one piece after another, from its records. */
export async function* writeBackup(
  head: Omit<BackupHeader, 'format' | 'key' | 'salt'>,
  records: AsyncIterable<BackupRecord>,
  secrets: Pick<Secrets, 'key' | 'derive'>,
): AsyncGenerator<Buffer> {
  const salt = randomBytes(32).toString('hex')
  const header: BackupHeader = { format: FORMAT, ...head, key: secrets.key, salt }
  const text = Buffer.from(JSON.stringify(header))
  const bound = hash('sha256', text, 'buffer')
  const key = keyOf(secrets, header)
  yield Buffer.concat([MAGIC, lengthOf(text), text])

  let number = 0
  const seal = (piece: Buffer, last: boolean): Buffer => {
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(number++)).setAAD(
      boundTo(bound, last),
    )
    const sealed = Buffer.concat([cipher.update(piece), cipher.final(), cipher.getAuthTag()])
    return Buffer.concat([lengthOf(sealed), sealed])
  }
  let held: Buffer[] = []
  let size = 0
  const compressed = Readable.from(encode(records)).compose(createZstdCompress())
  for await (const chunk of compressed as AsyncIterable<Buffer>) {
    held.push(chunk)
    size += chunk.length
    if (size < FRAME_BYTES) continue
    yield seal(Buffer.concat(held), false)
    held = []
    size = 0
  }
  yield seal(Buffer.concat(held), true)
}

async function* encode(records: AsyncIterable<BackupRecord>): AsyncGenerator<Buffer> {
  for await (const { kind, bytes } of records) {
    yield Buffer.concat([Buffer.from(kind), lengthOf(bytes)])
    if (bytes.length > 0) yield bytes
  }
}

// --- reading -------------------------------------------------------------------------------------

/** Reads a backup as it comes: its header, then its records, each of which is as it was written. */
export async function openBackup(content: AsyncIterable<Buffer>): Promise<{
  readonly header: BackupHeader
  records(secrets: Pick<Secrets, 'derive'>): AsyncGenerator<BackupRecord>
}> {
  const take = taker(content)
  const start = await take(MAGIC.length, 'not_a_backup')
  if (!start.equals(MAGIC)) throw new BackupError('not_a_backup')
  const length = (await take(4, 'cut_off')).readUInt32BE()
  if (length > MOST_HEADER) throw new BackupError('damaged')
  const text = await take(length, 'cut_off')
  const header = readHeader(text)
  return { header, records: (secrets) => readRecords(take, header, text, secrets) }
}

function readHeader(text: Buffer): BackupHeader {
  let raw: unknown
  try {
    raw = JSON.parse(text.toString())
  } catch {
    throw new BackupError('damaged')
  }
  const { format } = raw as { format?: number }
  if (format !== FORMAT) throw new BackupError('format_unknown', { format: String(format) })
  const read = HeaderShape.safeParse(raw)
  if (!read.success) throw new BackupError('damaged')
  return read.data
}

async function* readRecords(
  take: Taker,
  header: BackupHeader,
  text: Buffer,
  secrets: Pick<Secrets, 'derive'>,
): AsyncGenerator<BackupRecord> {
  const frames = openFrames(take, keyOf(secrets, header), hash('sha256', text, 'buffer'))
  const plain = Readable.from(frames).compose(createZstdDecompress())
  const next = taker(plain as AsyncIterable<Buffer>)
  for (;;) {
    const kind = await next(1, undefined)
    if (kind.length === 0) return
    const length = (await next(4, 'damaged')).readUInt32BE()
    if (length > MOST_RECORD) throw new BackupError('damaged')
    yield { kind: kind.toString(), bytes: await next(length, 'damaged') }
  }
}

async function* openFrames(take: Taker, key: Buffer, bound: Buffer): AsyncGenerator<Buffer> {
  for (let number = 0; ; number++) {
    const length = (await take(4, 'cut_off')).readUInt32BE()
    if (length < TAG_BYTES || length > 4 * FRAME_BYTES) throw new BackupError('damaged')
    const sealed = await take(length, 'cut_off')
    const middle = opened(sealed, key, nonceOf(number), boundTo(bound, false))
    const piece = middle ?? opened(sealed, key, nonceOf(number), boundTo(bound, true))
    if (piece === undefined) throw new BackupError('damaged')
    yield piece
    if (middle !== undefined) continue
    // Whatever comes after the last frame was not written by us.
    if ((await take(1, undefined)).length > 0) throw new BackupError('damaged')
    return
  }
}

function opened(sealed: Buffer, key: Buffer, nonce: Buffer, bound: Buffer): Buffer | undefined {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce)
    .setAAD(bound)
    .setAuthTag(sealed.subarray(sealed.length - TAG_BYTES))
  const piece = decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES))
  try {
    return Buffer.concat([piece, decipher.final()])
  } catch {
    return undefined
  }
}

// --- parts ---------------------------------------------------------------------------------------

/** Each file has a key of its own, so that numbers can be nonces. */
function keyOf(secrets: Pick<Secrets, 'derive'>, { key, salt }: BackupHeader): Buffer {
  const derived = secrets.derive(`kangyang backup 1 ${salt}`, key)
  if (!derived) throw new BackupError('key_unknown', { key })
  return derived
}

function nonceOf(number: number): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES)
  nonce.writeBigUInt64BE(BigInt(number), NONCE_BYTES - 8)
  return nonce
}

const boundTo = (header: Buffer, last: boolean): Buffer =>
  Buffer.concat([header, Buffer.of(last ? 1 : 0)])

function lengthOf(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return length
}

/** Takes so many bytes; where there are fewer, throws `fault`, or gives none where there is no fault in that. */
type Taker = (bytes: number, fault: BackupFault | undefined) => Promise<Buffer>

function taker(content: AsyncIterable<Buffer>): Taker {
  const pieces = content[Symbol.asyncIterator]()
  let held: Buffer = Buffer.alloc(0)
  return async (bytes, fault) => {
    const parts = [held]
    let size = held.length
    while (size < bytes) {
      const { done, value } = await pieces.next().catch((error: unknown) => {
        // A stream that does not decompress was sealed by us and is a fault of ours; both end here.
        throw error instanceof BackupError ? error : asDamaged(error)
      })
      if (done) break
      parts.push(value)
      size += value.length
    }
    const all = parts.length === 1 ? held : Buffer.concat(parts)
    if (all.length < bytes) {
      if (fault !== undefined) throw new BackupError(fault)
      held = Buffer.alloc(0)
      return all.subarray(0, 0)
    }
    held = all.subarray(bytes)
    return all.subarray(0, bytes)
  }
}

/** A disk that fails says so itself; everything else is a damaged file. */
const asDamaged = (error: unknown): unknown =>
  (error as NodeJS.ErrnoException).syscall ? error : new BackupError('damaged')
