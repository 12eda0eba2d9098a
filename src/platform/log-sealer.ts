import { DOOR, type Guarded, type Sql } from './database.ts'
import { type LogEntry, NOTHING_BEFORE, sealEntries } from './log-chain.ts'
import * as store from './log-store.ts'
import type { Secrets } from './secrets.ts'
import { tenantsOf } from './tenants.ts'

/** How many entries a seal covers, about: whoever waits for an answer waits for no more of them than these. */
const BATCH = 400
const EVERY_MS = 1_000

export type LogSealer = ReturnType<typeof createLogSealer>

/**
 * Seals what the access log has gained, a batch at a time. Entries are written without waiting for anybody;
 * a batch takes the transactions that have certainly ended, so an entry that is committed late, or with a
 * smaller number than its neighbours, is sealed like any other and none is left out. Any server may seal.
 */
export function createLogSealer(database: Guarded, secrets: Pick<Secrets, 'sign'>) {
  let stopping = false
  let working: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  /** Seals one batch of a tenant. Answers with how many entries it holds; nothing where another sealer is at it. */
  const sealBatch = (tenant: string): Promise<number> =>
    database.as({ tenant, role: 'system' }).transaction(async (sql) => {
      if (!(await store.holdChain(sql, tenant))) return 0
      const before = await store.lastSeal(sql, tenant)
      const reached = before ?? store.NOTHING_SEALED
      // Asked before the entries are: whatever is older has ended by then, and is seen.
      const { oldest } = await store.horizon(sql)
      const until = await store.batchEnd(sql, tenant, reached, oldest, BATCH)
      if (until === undefined) return 0
      const entries = await store.entriesBetween(sql, tenant, reached, until)
      await seal(sql, secrets, tenant, before, entries, { ...reached, untilTransaction: until })
      return entries.length
    })

  /** Seals everything that can be sealed now. Answers with how many entries were. */
  async function sealAll(): Promise<number> {
    let entries = 0
    for (const tenant of await tenantsOf(database.as(DOOR)))
      for (let sealed = -1; sealed !== 0 && !stopping; entries += sealed)
        sealed = await sealBatch(tenant)
    return entries
  }

  function work(): void {
    if (stopping || working) return
    working = sealAll()
      // The database may be away; the next tick asks again, and nothing is lost meanwhile.
      .then(
        () => {},
        () => {},
      )
      .finally(() => {
        working = undefined
      })
  }

  return {
    sealAll,
    start(): void {
      timer = setInterval(work, EVERY_MS)
      timer.unref()
    },
    async stop(): Promise<void> {
      clearInterval(timer)
      await working
      await sealAll().catch(() => {})
      stopping = true
    },
  }
}

async function seal(
  sql: Sql,
  secrets: Pick<Secrets, 'sign'>,
  tenant: string,
  before: store.LastSeal | undefined,
  entries: readonly LogEntry[],
  { untilTransaction, untilId }: store.Reached,
): Promise<void> {
  const { at: sealedAt } = await store.horizon(sql)
  const number = (before?.number ?? 0) + 1
  const sealed = sealEntries({ tenant, number, sealedAt }, before?.hash ?? NOTHING_BEFORE, entries)
  const { key, code } = secrets.sign(sealed.hash)
  await store.insertSeal(sql, { ...sealed, key, code, untilTransaction, untilId })
}

/**
 * Goes on in another database than the one that was copied, which counts its transactions anew: seals what
 * was copied unsealed, and marks where the entries written here begin. Nobody may write meanwhile. Does
 * nothing where the chains belong here already, unless it is known that they were `moved`.
 */
export async function settleIn(
  sql: Sql,
  secrets: Pick<Secrets, 'sign'>,
  { moved = false }: { readonly moved?: boolean } = {},
): Promise<void> {
  for (const tenant of await tenantsOf(sql)) {
    const before = await store.lastSeal(sql, tenant)
    const { elsewhere, newest } = await store.whereabouts(
      sql,
      tenant,
      before ?? store.NOTHING_SEALED,
    )
    if (newest === 0 || (!elsewhere && !moved)) continue
    const next = BigInt(await store.thisTransaction(sql)) + 1n
    const reached = { untilTransaction: String(next), untilId: newest }
    await seal(sql, secrets, tenant, before, await store.unsealedEntries(sql, tenant), reached)
  }
}
