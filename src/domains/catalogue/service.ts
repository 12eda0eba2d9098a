import { randomUUID } from 'node:crypto'
import type { PlainDate } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import { logAccess } from '#platform/access-log.ts'
import type { Actor } from '#platform/actor.ts'
import { type Commanded, commandOnce } from '#platform/commands.ts'
import type { Guarded, Sql } from '#platform/database.ts'
import { createCatalogue } from './catalogue.ts'
import { lookUp, placesAbove } from './lookup.ts'
import { RowReader } from './read-rows.ts'
import { normalWords, piecesAsked, piecesOf, searchText } from './search-terms.ts'
import * as store from './store.ts'
import type { Catalogue, Entry, Item, ItemClass, Kind, LookupRefusal, RowFault } from './types.ts'

export type ServiceRefusal =
  | { readonly code: 'unknown_place'; readonly place: string }
  | { readonly code: 'unknown_draft' | 'already_published' | 'idempotency_key_reused' }
  | { readonly code: 'second_person_required'; readonly author: string }
  | { readonly code: 'draft_outdated'; readonly base: number; readonly current: number }
  | LookupRefusal

/** What became of one file: what is wrong with it, or what publishing it would do. */
export type Import = {
  readonly entries: number
  readonly faults: readonly RowFault[]
  readonly changes: store.DraftChanges | undefined
  /** The draft that now waits for a second person; none where the file has faults or was only checked. */
  readonly draft: string | undefined
}

/** A row of a search: what the catalogue says that day, or why it says nothing. */
export type Found =
  | { readonly inForce: true; readonly item: Item }
  | { readonly inForce: false; readonly kind: Kind; readonly refusal: LookupRefusal }

export type CatalogueService = ReturnType<typeof createCatalogueService>

const STAGED_AT_ONCE = 1000
const ROWS_OF_A_PAGE = 50

/**
 * Keeps the catalogues of a tenant's places: reads files into drafts, publishes them as versions, and looks
 * codes up. `isTeaching` knows the places of the tenant's rules: undefined for one that is none of them.
 */
export function createCatalogueService({
  database,
  isTeaching,
}: {
  readonly database: Guarded
  readonly isTeaching: (actor: Actor, place: string) => Promise<boolean | undefined>
}) {
  async function catalogueOf(
    sql: Sql,
    tenant: string,
    codes: readonly string[],
  ): Promise<Catalogue> {
    const entries = await store.entriesOf(sql, tenant, codes)
    const versions = await store.currentVersions(sql, tenant)
    return createCatalogue(
      entries,
      new Map([...versions].map(([place, version]) => [place, String(version)])),
    )
  }

  /** What the catalogues in force say of these codes. */
  const catalogueFor = (actor: Actor, codes: readonly string[]): Promise<Catalogue> =>
    catalogueOf(database.as(actor), actor.tenant, codes)

  async function search(
    actor: Actor,
    {
      place,
      on,
      q,
      kind,
      itemClass,
      after,
    }: {
      readonly place: string
      readonly on: PlainDate
      readonly q: string
      readonly kind?: Kind | undefined
      readonly itemClass?: ItemClass | undefined
      readonly after: string
    },
  ): Promise<{ readonly rows: readonly Found[]; readonly next: string | undefined }> {
    const words = normalWords(q)
    const { tenant } = actor
    const sql = database.as(actor)
    const codes = await store.searchCodes(sql, tenant, {
      places: placesAbove(place),
      words,
      pieces: words === '' ? [] : piecesAsked(words),
      kind,
      itemClass,
      after,
      limit: ROWS_OF_A_PAGE + 1,
    })
    const page = codes.slice(0, ROWS_OF_A_PAGE)
    const catalogue = await catalogueOf(sql, tenant, page)
    const rows = page.map((code): Found => {
      const found = lookUp(catalogue, code, place, on)
      if (found.ok) return { inForce: true, item: found.value }
      const known = placesAbove(place).flatMap((each) => catalogue.find(each, code))
      return { inForce: false, kind: known[0]?.kind ?? 'drug', refusal: found.error }
    })
    // An entry above may have the class while a narrower place has given it another.
    const fitting = itemClass
      ? rows.filter((row) => row.inForce && row.item.class === itemClass)
      : rows
    return { rows: fitting, next: codes.length > page.length ? page.at(-1) : undefined }
  }

  /** One code in one place on one day, and everything that was ever said of it anywhere. */
  async function item(actor: Actor, code: string, place: string, on: PlainDate) {
    const { tenant } = actor
    const sql = database.as(actor)
    const history = await store.historyOf(sql, tenant, code)
    if (history.length === 0) return err({ code: 'unknown_item', item: code, place } as const)
    const found = lookUp(await catalogueOf(sql, tenant, [code]), code, place, on)
    return ok({ history, found })
  }

  const versions = (actor: Actor) => store.versions(database.as(actor), actor.tenant)
  const drafts = (actor: Actor) => store.drafts(database.as(actor), actor.tenant)

  /**
   * Reads a file into a draft: all of it, or nothing where any row has a fault or it is only to be checked.
   * `whole`: the file is the place's whole catalogue, and what it does not have is removed.
   */
  async function importFile(
    actor: Actor,
    {
      place,
      whole,
      fileName,
      checkOnly,
      rows,
    }: {
      readonly place: string
      readonly whole: boolean
      readonly fileName: string
      readonly checkOnly: boolean
      readonly rows: AsyncIterable<{ readonly line: number; readonly cells: readonly string[] }>
    },
  ): Promise<Result<Import, ServiceRefusal>> {
    const { tenant, name } = actor
    const teaching = await isTeaching(actor, place)
    if (teaching === undefined) return err({ code: 'unknown_place', place })
    const reader = new RowReader(place, { teaching })
    const faults: RowFault[] = []
    const id = randomUUID()
    let entries = 0
    let changes: store.DraftChanges | undefined
    const arrived = await begun(rows)
    try {
      await database.as(actor).transaction(async (sql) => {
        const baseVersion = (await store.currentVersions(sql, tenant)).get(place) ?? 0
        const draft = { id, place, whole, fileName, baseVersion, author: name }
        await store.insertDraft(sql, tenant, draft)
        let staged: store.StoredEntry[] = []
        const stage = async () => {
          await store.insertDraftEntries(sql, tenant, id, staged)
          staged = []
        }
        for await (const row of arrived) {
          const entry = reader.read(row, faults)
          if (!entry) continue
          entries++
          if (faults.length === 0) staged.push(withSearch(entry))
          if (staged.length === STAGED_AT_ONCE) await stage()
        }
        if (faults.length > 0) throw new Undone()
        await stage()
        changes = await store.changesOf(sql, tenant, id)
        if (checkOnly || isNothing(changes)) throw new Undone()
        await logAccess(sql, actor, 'import catalogue', `${place} ${id}`)
      })
      return ok({ entries, faults, changes, draft: id })
    } catch (thrown) {
      if (!(thrown instanceof Undone)) throw thrown
      return ok({ entries, faults, changes, draft: undefined })
    }
  }

  /** Makes a draft the catalogue in force of its place. Nobody publishes their own draft. */
  async function publish(
    actor: Actor,
    key: string,
    id: string,
  ): Promise<Result<Commanded<{ readonly version: number }>, ServiceRefusal>> {
    const { tenant, name } = actor
    const request = ['publish catalogue', id]
    return commandOnce<{ readonly version: number }, ServiceRefusal>(
      database,
      { actor, key, request },
      async (sql) => {
        await store.lockCatalogues(sql, tenant)
        const draft = await store.lockDraft(sql, tenant, id)
        if (!draft) return err({ code: 'unknown_draft' })
        if (draft.state === 'published') return err({ code: 'already_published' })
        if (draft.author === name) return err({ code: 'second_person_required', author: name })
        const current = (await store.currentVersions(sql, tenant)).get(draft.place) ?? 0
        if (draft.baseVersion !== current)
          return err({ code: 'draft_outdated', base: draft.baseVersion, current })
        const version = current + 1
        await store.publish(sql, tenant, draft, { version, publisher: name })
        await store.closeDraft(sql, tenant, id)
        await logAccess(sql, actor, 'publish catalogue', `${draft.place} ${version}`)
        return ok({ version })
      },
    )
  }

  /** Publishes a first catalogue for a place of a tenant that has none there; otherwise does nothing. */
  async function ensureCatalogue(
    tenant: string,
    place: string,
    entries: readonly Entry[],
    note: string,
  ): Promise<void> {
    await database.as({ tenant, role: 'system' }).transaction(async (sql) => {
      await store.lockCatalogues(sql, tenant)
      if ((await store.currentVersions(sql, tenant)).has(place)) return
      const id = randomUUID()
      const author = 'system'
      const draft = { id, place, whole: true, fileName: note, baseVersion: 0, author }
      await store.insertDraft(sql, tenant, draft)
      for (let i = 0; i < entries.length; i += STAGED_AT_ONCE)
        await store.insertDraftEntries(
          sql,
          tenant,
          id,
          entries.slice(i, i + STAGED_AT_ONCE).map(withSearch),
        )
      const row = await store.lockDraft(sql, tenant, id)
      if (!row) throw new Error('the draft was just written')
      await store.publish(sql, tenant, row, { version: 1, publisher: author })
      await store.closeDraft(sql, tenant, id)
    })
  }

  return {
    catalogueFor,
    search,
    item,
    versions,
    drafts,
    importFile,
    publish,
    ensureCatalogue,
  }
}

/**
 * The same rows, the first of them read already. A reader of uploads gives none before it has the whole file:
 * so a slow sender is waited for before a transaction begins, and not in it.
 */
async function begun<T>(rows: AsyncIterable<T>): Promise<AsyncIterable<T>> {
  const iterator = rows[Symbol.asyncIterator]()
  const first = await iterator.next()
  return (async function* () {
    try {
      if (first.done) return
      yield first.value
      yield* { [Symbol.asyncIterator]: () => iterator }
    } finally {
      await iterator.return?.()
    }
  })()
}

/** Leaves the transaction of a file that is not to be kept. */
class Undone extends Error {}

const isNothing = ({ added, changed, removed }: store.DraftChanges): boolean =>
  added + changed + removed === 0

function withSearch(entry: Entry): store.StoredEntry {
  const search = searchText(entry)
  return { entry, search, pieces: piecesOf(search) }
}
