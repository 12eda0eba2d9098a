import type { Sql } from '#platform/database.ts'
import { MOMENT } from '#platform/moment.ts'
import type { CaseState, Desk, DocumentKind, DocumentType } from './types.ts'

export type DocumentRow = {
  readonly id: string
  readonly kind: DocumentKind
  readonly type: DocumentType
  readonly nameSealed: Buffer
  readonly size: number
  readonly user: string
  readonly at: string
  readonly removedBy: string | null
  readonly removedAt: string | null
  readonly removedWhySealed: Buffer | null
}

const DOCUMENT = `id, kind, type, name_sealed as "nameSealed", size, user_name as user, ${MOMENT('at')} as at,
  removed_by as "removedBy", ${MOMENT('removed_at')} as "removedAt", removed_why_sealed as "removedWhySealed"`

/** Where a case stands, locked: nobody ends it while a document comes in. */
export async function lockCase(
  sql: Sql,
  tenant: string,
  id: string,
): Promise<{ readonly state: CaseState; readonly desk: Desk | null } | undefined> {
  const [row] = await sql.query<{ state: CaseState; desk: Desk | null }>(
    'select state, desk from cases where tenant_id = $1 and id = $2 for update',
    [tenant, id],
  )
  return row
}

export async function isCase(sql: Sql, tenant: string, id: string): Promise<boolean> {
  const rows = await sql.query('select from cases where tenant_id = $1 and id = $2', [tenant, id])
  return rows.length > 0
}

export async function documentsOf(sql: Sql, tenant: string, id: string): Promise<DocumentRow[]> {
  return sql.query(
    `select ${DOCUMENT} from case_documents where tenant_id = $1 and case_id = $2 order by no`,
    [tenant, id],
  )
}

export async function isKnown(
  sql: Sql,
  tenant: string,
  id: string,
  digest: Buffer,
): Promise<boolean> {
  const rows = await sql.query(
    'select from case_documents where tenant_id = $1 and case_id = $2 and digest = $3 and removed_by is null',
    [tenant, id, digest],
  )
  return rows.length > 0
}

export async function insertDocument(
  sql: Sql,
  tenant: string,
  row: Pick<DocumentRow, 'id' | 'kind' | 'type' | 'nameSealed' | 'size' | 'user'> & {
    readonly case: string
    readonly content: Buffer
    readonly digest: Buffer
  },
): Promise<void> {
  await sql.query(
    `insert into case_documents (tenant_id, id, case_id, kind, type, name_sealed, content_sealed, digest, size, user_name)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      tenant,
      row.id,
      row.case,
      row.kind,
      row.type,
      row.nameSealed,
      row.content,
      row.digest,
      row.size,
      row.user,
    ],
  )
}

export async function contentOf(
  sql: Sql,
  tenant: string,
  id: string,
  document: string,
): Promise<
  { readonly type: DocumentType; readonly content: Buffer; readonly user: string } | undefined
> {
  const [row] = await sql.query<{ type: DocumentType; content: Buffer | null; user: string }>(
    'select type, content_sealed as content, user_name as user from case_documents where tenant_id = $1 and case_id = $2 and id = $3',
    [tenant, id, document],
  )
  return row?.content ? { ...row, content: row.content } : undefined
}

/** Takes the content out; false where it is out already, or was never there. */
export async function removeDocument(
  sql: Sql,
  tenant: string,
  id: string,
  document: string,
  { user, why }: { readonly user: string; readonly why: Buffer },
): Promise<boolean> {
  const rows = await sql.query(
    `update case_documents set content_sealed = null, removed_by = $4, removed_at = now(), removed_why_sealed = $5
      where tenant_id = $1 and case_id = $2 and id = $3 and removed_by is null returning id`,
    [tenant, id, document, user, why],
  )
  return rows.length > 0
}
