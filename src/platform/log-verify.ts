import type { Database, Snapshot } from './database.ts'
import { type Fault, faultOf, type Head, type Seal } from './log-chain.ts'
import * as store from './log-store.ts'
import type { Secrets } from './secrets.ts'
import { tenantsOf } from './tenants.ts'

/** What became of one tenant's chain. */
export type Verified = {
  readonly tenant: string
  readonly seals: number
  readonly entries: number
  /** Entries younger than the newest seal, and how long the oldest of them has waited. */
  readonly waiting: number
  readonly waitingSeconds: number
  readonly fault: Fault | StrayFault | HeadFault | undefined
}

/** An entry that no seal covers, though it claims to be older than the newest. */
export type StrayFault = { readonly what: 'entry_slipped_in'; readonly entry: number }
/** A head that was kept elsewhere and is no longer in the chain. */
export type HeadFault = {
  readonly what: 'cut_off' | 'rewritten' | 'key_unknown'
  readonly seal: number
}

const SEALS_AT_ONCE = 4

/**
 * Looks through every chain from its first seal: each entry, each batch, each code whose key is known, and
 * the heads that were kept elsewhere. Stops a chain at its first fault. What was found is recorded.
 * `step` is told how many entries each batch holds.
 */
export async function verifyLog(
  database: Database,
  secrets: Pick<Secrets, 'isSigned'>,
  {
    heads = [],
    step = () => {},
  }: { readonly heads?: readonly Head[]; step?(entries: number): void },
): Promise<Verified[]> {
  const verified = await database.snapshot(async (sql) => {
    const tenants = await tenantsOf(sql)
    const unknown = heads.map(({ tenant }) => tenant).filter((tenant) => !tenants.includes(tenant))
    const found: Verified[] = []
    for (const tenant of [...tenants, ...new Set(unknown)])
      found.push(await verifyChain(sql, secrets, tenant, heads, step))
    return found
  })
  for (const { tenant, seals, entries, fault } of verified)
    if (seals > 0)
      await store.insertCheck(database, tenant, {
        seals,
        entries,
        sound: fault === undefined,
        finding: fault ? JSON.stringify(fault) : null,
      })
  return verified
}

async function verifyChain(
  sql: Snapshot,
  secrets: Pick<Secrets, 'isSigned'>,
  tenant: string,
  heads: readonly Head[],
  step: (entries: number) => void,
): Promise<Verified> {
  const kept = new Map(
    heads.filter((head) => head.tenant === tenant).map((head) => [head.number, head.hash]),
  )
  let before: store.SealRow | undefined
  let entries = 0
  const told = async (fault: Verified['fault']): Promise<Verified> => {
    const reached = before ?? store.NOTHING_SEALED
    const { waiting, seconds } = await store.countWaiting(sql, tenant, reached)
    const stray =
      fault === undefined && (await store.countEntries(sql, tenant)) !== entries + waiting
        ? await store.strayEntry(sql, tenant, reached)
        : undefined
    return {
      tenant,
      seals: before?.number ?? 0,
      entries,
      waiting,
      waitingSeconds: seconds,
      fault: stray === undefined ? fault : { what: 'entry_slipped_in', entry: stray },
    }
  }
  for (;;) {
    const seals = await store.sealsAfter(sql, tenant, before?.number ?? 0, SEALS_AT_ONCE)
    if (seals.length === 0) break
    for (const seal of seals) {
      const there = await store.entriesOf(sql, tenant, seal.ids)
      const signed = secrets.isSigned(seal.hash, seal.key, seal.code)
      const fault = faultOf(seal, before, there, signed) ?? headFault(seal, kept)
      if (fault) return told(fault)
      before = seal
      entries += seal.ids.length
      step(seal.ids.length)
    }
  }
  const beyond = [...kept.keys()].filter((number) => number > (before?.number ?? 0))
  if (beyond.length > 0) return told({ what: 'cut_off', seal: (before?.number ?? 0) + 1 })
  // Codes under keys that are gone are covered by later ones; the last has nothing after it.
  const unproven = before && secrets.isSigned(before.hash, before.key, before.code) === undefined
  return told(unproven ? { what: 'key_unknown', seal: before?.number ?? 0 } : undefined)
}

function headFault(
  { number, hash }: Seal,
  kept: ReadonlyMap<number, string>,
): HeadFault | undefined {
  const head = kept.get(number)
  return head === undefined || head === hash.toString('hex')
    ? undefined
    : { what: 'rewritten', seal: number }
}

/** The newest seal of each chain. */
export async function headsOf(database: Database): Promise<Head[]> {
  const heads: Head[] = []
  for (const tenant of await tenantsOf(database)) {
    const last = await store.lastSeal(database, tenant)
    if (last) heads.push(store.headOf(last))
  }
  return heads
}
