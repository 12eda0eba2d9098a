/** Loads the invented persons of a province into a database that a server made. */
import type { Database } from '#platform/database.ts'
import { inParallel, openThreads } from '#platform/threads.ts'
import { TENANT } from '../test/crash/server-process.ts'
import { COLUMNS, idOf, type Stretch } from './invented-persons.ts'

const BATCH = 10_000
const PIECE = 250_000
const THREADS = 2

/** What finds persons by a digest. Digests come in no order, so these are made once all persons are there. */
const BY_DIGEST = [
  'create unique index persons_by_id_number on persons (tenant_id, id_digest) where id_digest is not null',
  'create index persons_by_name on persons (tenant_id, name_digest) where name_digest is not null',
]
const TABLES = ['persons', 'memberships'] as const

/**
 * In pieces, so that no transaction is larger than one, and two at a time. The sequence of numbers says how far all
 * of them are there: what an earlier run left beyond it is taken away first.
 */
export async function load(database: Database, from: number, to: number): Promise<void> {
  await database.query('drop index if exists persons_by_id_number, persons_by_name')
  for (const table of TABLES) {
    await database.query(`alter table ${table} set (autovacuum_enabled = off)`)
    const id = table === 'persons' ? 'id' : 'person_id'
    await database.query(`delete from ${table} where tenant_id = $1 and ${id} between $2 and $3`, [
      TENANT,
      idOf(from),
      idOf(to),
    ])
  }
  const file = new URL('./persons-thread.ts', import.meta.url)
  const threads = openThreads<undefined, Stretch, Uint8Array>(file, THREADS, undefined)
  async function* pieces() {
    for (let i = from; i < to; i += PIECE) yield { from: i, to: Math.min(to, i + PIECE) }
  }
  const loadPiece = (piece: Omit<Stretch, 'table'>): Promise<number> =>
    database.transaction(async (sql) => {
      for (const table of TABLES) {
        const batches = inParallel(batchesOf({ table, ...piece }), THREADS, (batch) =>
          threads.run(batch),
        )
        await sql.copyIn(`copy ${table} (${COLUMNS[table]}) from stdin`, asBuffers(batches))
      }
      return piece.to
    })
  try {
    for await (const end of inParallel(pieces(), THREADS, loadPiece))
      await database.query(`select setval('person_numbers', $1)`, [end])
  } finally {
    await threads.close()
  }
  for (const index of BY_DIGEST)
    await database.transaction(async (sql) => {
      await sql.query(`set local maintenance_work_mem = '1GB'`)
      await sql.query(index)
    })
  for (const table of TABLES) {
    await database.query(`vacuum analyze ${table}`)
    await database.query(`alter table ${table} reset (autovacuum_enabled)`)
  }
}

async function* batchesOf({ table, from, to }: Stretch): AsyncGenerator<Stretch> {
  for (let i = from; i < to; i += BATCH) yield { table, from: i, to: Math.min(to, i + BATCH) }
}

async function* asBuffers(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const part of parts) yield Buffer.from(part.buffer)
}

/** How many persons there are. */
export async function loadedIn(database: Database): Promise<number> {
  const [numbers] = await database.query<{ last: number; used: boolean }>(
    'select last_value as last, is_called as used from person_numbers',
  )
  return numbers?.used ? numbers.last : 0
}
