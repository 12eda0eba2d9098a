import type { Sql } from '#platform/database.ts'
import type { Entry, ItemClass, Kind } from './types.ts'

/** An entry, and what finds it. */
export type StoredEntry = {
  readonly entry: Entry
  readonly search: string
  readonly pieces: readonly string[]
}

export type HistoryRow = {
  readonly entry: Entry
  readonly addedIn: number
  readonly removedIn: number | null
}

export type DraftRow = {
  readonly id: string
  readonly place: string
  readonly whole: boolean
  readonly fileName: string
  readonly entries: number
  readonly baseVersion: number
  readonly author: string
  readonly state: 'open' | 'published'
  readonly createdAt: string
}

/** What publishing a draft would do to the entries in force. */
export type DraftChanges = {
  readonly added: number
  readonly changed: number
  readonly removed: number
  readonly same: number
}

export type VersionRow = {
  readonly place: string
  readonly version: number
  readonly note: string
  readonly author: string
  readonly publisher: string
  readonly publishedAt: string
  readonly entries: number
}

const CHINA_TIME = `at time zone 'Asia/Shanghai', 'YYYY-MM-DD"T"HH24:MI:SS"+08:00"'`

/** Every entry in force of some codes, in any place. */
export async function entriesOf(
  sql: Sql,
  tenant: string,
  codes: readonly string[],
): Promise<Entry[]> {
  const rows = await sql.query<{ body: Entry }>(
    'select body from catalogue_entries where tenant_id = $1 and code = any($2) and removed_in is null',
    [tenant, codes],
  )
  return rows.map(({ body }) => body)
}

/** The newest version of each place's catalogue. */
export async function currentVersions(
  sql: Sql,
  tenant: string,
): Promise<ReadonlyMap<string, number>> {
  const rows = await sql.query<{ place: string; version: number }>(
    'select place, max(version) as version from catalogues where tenant_id = $1 group by place',
    [tenant],
  )
  return new Map(rows.map(({ place, version }) => [place, version]))
}

/** Codes in order, of entries in force that hold the words. */
export async function searchCodes(
  sql: Sql,
  tenant: string,
  {
    places,
    words,
    pieces,
    kind,
    itemClass,
    after,
    limit,
  }: {
    readonly places: readonly string[]
    readonly words: string
    readonly pieces: readonly string[]
    readonly kind: Kind | undefined
    readonly itemClass: ItemClass | undefined
    readonly after: string
    readonly limit: number
  },
): Promise<string[]> {
  const values: unknown[] = [tenant, places, after, limit]
  const add = (value: unknown) => `$${values.push(value)}`
  const conditions = [
    ...(words === '' ? [] : [`pieces @> ${add(pieces)} and strpos(search, ${add(words)}) > 0`]),
    ...(kind ? [`kind = ${add(kind)}`] : []),
    ...(itemClass ? [`class = ${add(itemClass)}`] : []),
  ]
  const rows = await sql.query<{ code: string }>(
    `select distinct code from catalogue_entries
      where tenant_id = $1 and removed_in is null and place = any($2) and code > $3
        ${conditions.map((condition) => `and ${condition}`).join(' ')}
      order by code limit $4`,
    values,
  )
  return rows.map(({ code }) => code)
}

/** Everything that was ever said of a code, oldest first. */
export async function historyOf(sql: Sql, tenant: string, code: string): Promise<HistoryRow[]> {
  return sql.query<HistoryRow>(
    `select body as entry, added_in as "addedIn", removed_in as "removedIn" from catalogue_entries
      where tenant_id = $1 and code = $2 order by place, from_on, added_in`,
    [tenant, code],
  )
}

export async function versions(sql: Sql, tenant: string): Promise<VersionRow[]> {
  return sql.query<VersionRow>(
    `select place, version, note, author, publisher, to_char(published_at ${CHINA_TIME}) as "publishedAt",
            (select count(*) from catalogue_entries e
              where e.tenant_id = c.tenant_id and e.place = c.place and e.added_in <= c.version
                and (e.removed_in is null or e.removed_in > c.version)) as entries
       from catalogues c where tenant_id = $1 order by place, version desc`,
    [tenant],
  )
}

// --- drafts --------------------------------------------------------------------------------------

export async function insertDraft(
  sql: Sql,
  tenant: string,
  draft: Pick<DraftRow, 'id' | 'place' | 'whole' | 'fileName' | 'baseVersion' | 'author'>,
): Promise<void> {
  const { id, place, whole, fileName, baseVersion, author } = draft
  await sql.query(
    `insert into catalogue_drafts (tenant_id, id, place, whole, file_name, entries, base_version, author)
     values ($1, $2, $3, $4, $5, 0, $6, $7)`,
    [tenant, id, place, whole, fileName, baseVersion, author],
  )
}

export async function insertDraftEntries(
  sql: Sql,
  tenant: string,
  draft: string,
  entries: readonly StoredEntry[],
): Promise<void> {
  const rows = entries.map(({ entry, search, pieces }) => ({
    code: entry.code,
    from_on: entry.from,
    kind: entry.kind,
    class: entry.class ?? null,
    body: entry,
    search,
    pieces,
  }))
  await sql.query(
    `with added as (
       insert into catalogue_draft_entries (tenant_id, draft_id, code, from_on, kind, class, body, search, pieces)
       select $1, $2, code, from_on, kind, class, body, search, pieces
         from jsonb_to_recordset($3::jsonb)
           as r (code text, from_on date, kind text, class text, body jsonb, search text, pieces text[])
       returning 1
     )
     update catalogue_drafts set entries = entries + (select count(*) from added)
      where tenant_id = $1 and id = $2`,
    [tenant, draft, JSON.stringify(rows)],
  )
}

/** A draft's entries beside those in force, matched by code and first day. */
const MATCHED = `catalogue_drafts d
       cross join lateral (
         select n.code as new_code, n.body as new_body, o.id as old_id, o.body as old_body
           from (select * from catalogue_draft_entries where tenant_id = $1 and draft_id = $2) n
           full join (select * from catalogue_entries
                       where tenant_id = $1 and place = d.place and removed_in is null) o
             on o.code = n.code and o.from_on = n.from_on
       ) m
      where d.tenant_id = $1 and d.id = $2`

export async function changesOf(sql: Sql, tenant: string, draft: string): Promise<DraftChanges> {
  const [row] = await sql.query<DraftChanges>(
    `select count(*) filter (where old_id is null) as added,
            count(*) filter (where new_body <> old_body) as changed,
            count(*) filter (where new_code is null and d.whole) as removed,
            count(*) filter (where new_body = old_body or (new_code is null and not d.whole)) as same
       from ${MATCHED}`,
    [tenant, draft],
  )
  if (!row) throw new Error('a count is one row')
  return row
}

export async function drafts(sql: Sql, tenant: string): Promise<DraftRow[]> {
  return sql.query<DraftRow>(
    `${DRAFT} where tenant_id = $1 and state = 'open' order by created_at desc limit 100`,
    [tenant],
  )
}

export async function lockDraft(
  sql: Sql,
  tenant: string,
  id: string,
): Promise<DraftRow | undefined> {
  const [row] = await sql.query<DraftRow>(`${DRAFT} where tenant_id = $1 and id = $2 for update`, [
    tenant,
    id,
  ])
  return row
}

const DRAFT = `select id, place, whole, file_name as "fileName", entries, base_version as "baseVersion", author,
  state, to_char(created_at ${CHINA_TIME}) as "createdAt" from catalogue_drafts`

/** Lets one transaction at a time make a new version of a tenant's catalogues. */
export async function lockCatalogues(sql: Sql, tenant: string): Promise<void> {
  await sql.query('select pg_advisory_xact_lock(hashtextextended($1, 2))', [tenant])
}

/** Makes a draft's entries those in force from a new version on. What it replaces stays, marked as removed. */
export async function publish(
  sql: Sql,
  tenant: string,
  draft: DraftRow,
  { version, publisher }: { readonly version: number; readonly publisher: string },
): Promise<void> {
  const { id, place, fileName, author } = draft
  await sql.query(
    `insert into catalogues (tenant_id, place, version, note, author, publisher) values ($1, $2, $3, $4, $5, $6)`,
    [tenant, place, version, fileName, author, publisher],
  )
  await sql.query(
    `update catalogue_entries set removed_in = $3 where tenant_id = $1 and id in (
       select old_id from ${MATCHED}
          and (new_body <> old_body or (new_code is null and d.whole)))`,
    [tenant, id, version],
  )
  await sql.query(
    `insert into catalogue_entries (tenant_id, place, code, from_on, kind, class, body, search, pieces, added_in)
     select n.tenant_id, $3, n.code, n.from_on, n.kind, n.class, n.body, n.search, n.pieces, $4
       from catalogue_draft_entries n
      where n.tenant_id = $1 and n.draft_id = $2 and not exists (
        select 1 from catalogue_entries o
         where o.tenant_id = $1 and o.place = $3 and o.removed_in is null
           and o.code = n.code and o.from_on = n.from_on)`,
    [tenant, id, place, version],
  )
  // Until the database has counted, it would read a large catalogue through instead of using its index.
  if (draft.entries >= MANY) await sql.query(`select kangyang_count('catalogue_entries')`)
}

const MANY = 1000

/** A published draft's entries stand among those in force now, so its own copy goes. */
export async function closeDraft(sql: Sql, tenant: string, id: string): Promise<void> {
  await sql.query('delete from catalogue_draft_entries where tenant_id = $1 and draft_id = $2', [
    tenant,
    id,
  ])
  await sql.query(
    `update catalogue_drafts set state = 'published' where tenant_id = $1 and id = $2`,
    [tenant, id],
  )
}
