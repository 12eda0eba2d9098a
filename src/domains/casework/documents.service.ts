import { createHash, randomUUID } from 'node:crypto'
import { err, ok, type Result } from '#base/result.ts'
import { logAccess } from '#platform/access-log.ts'
import type { Actor } from '#platform/actor.ts'
import { changesIn } from '#platform/commands.ts'
import type { Guarded, Sql } from '#platform/database.ts'
import type { Secrets } from '#platform/secrets.ts'
import { typeOf } from './document.ts'
import * as store from './documents.store.ts'
import {
  type CaseDocument,
  type CaseState,
  type DocumentKind,
  type DocumentType,
  SENDERS,
} from './types.ts'

export type DocumentRefusal =
  | { readonly code: 'idempotency_key_reused' }
  | { readonly code: 'unknown_case' | 'unknown_document' }
  | { readonly code: 'case_is_over'; readonly state: CaseState }
  | { readonly code: 'document_type_unknown' }
  | { readonly code: 'document_known' }
  | { readonly code: 'documents_full'; readonly most: number }

type Answered<T> = Promise<Result<T, DocumentRefusal>>

export type DocumentService = ReturnType<typeof createDocumentService>

/** More than anybody hands in with one bill. */
const MOST_DOCUMENTS = 50

/** 案件材料: what is handed in with a case, sealed, shown beside the lines of its bill, and taken out where it was a mistake. */
export function createDocumentService({
  database,
  secrets,
}: {
  readonly database: Guarded
  readonly secrets: Pick<Secrets, 'seal' | 'open' | 'sealBytes' | 'openBytes'>
}) {
  /** Whoever may work on the case was asked by the guard, and sees it by their scope; the program keeps what they hand in. */
  const program: Guarded = { as: ({ tenant }) => database.as({ tenant, role: 'system' }) }
  const changeAsProgram = changesIn<DocumentRefusal>(program)

  async function change<T extends object>(
    actor: Actor,
    key: string,
    [action, id, ...facts]: readonly [string, string, ...unknown[]],
    work: (sql: Sql) => Answered<T>,
  ): Answered<T> {
    if (!(await store.isCase(database.as(actor), actor.tenant, id)))
      return err({ code: 'unknown_case' })
    return changeAsProgram(actor, key, [action, id, ...facts], async (sql): Answered<T> => {
      const found = await store.lockCase(sql, actor.tenant, id)
      if (!found) return err({ code: 'unknown_case' })
      if (found.desk === null) return err({ code: 'case_is_over', state: found.state })
      return work(sql)
    })
  }

  /** Keeps a picture or PDF with a case that is not over. The same file is kept once. */
  function add(
    actor: Actor,
    key: string,
    id: string,
    {
      name,
      kind,
      content,
    }: { readonly name: string; readonly kind: DocumentKind; readonly content: Buffer },
  ): Answered<{ readonly id: string }> {
    const digest = createHash('sha256').update(content).digest()
    const asked = ['add case document', id, name, kind, digest.toString('hex')] as const
    return change(actor, key, asked, async (sql) => {
      const { tenant, name: user } = actor
      const type = typeOf(content)
      if (!type) return err({ code: 'document_type_unknown' })
      if (await store.isKnown(sql, tenant, id, digest)) return err({ code: 'document_known' })
      const all = await store.documentsOf(sql, tenant, id)
      if (all.filter(({ removedBy }) => removedBy === null).length >= MOST_DOCUMENTS)
        return err({ code: 'documents_full', most: MOST_DOCUMENTS })
      const own = randomUUID()
      await store.insertDocument(sql, tenant, {
        id: own,
        case: id,
        kind,
        type,
        nameSealed: secrets.seal(name),
        content: secrets.sealBytes(content),
        digest,
        size: content.length,
        user,
      })
      return ok({ id: own })
    })
  }

  const remove = (
    actor: Actor,
    key: string,
    id: string,
    { document, why }: { readonly document: string; readonly why: string },
  ): Answered<{ readonly id: string }> =>
    change(actor, key, ['remove case document', id, document, why], async (sql) =>
      (await store.removeDocument(sql, actor.tenant, id, document, {
        user: actor.name,
        why: secrets.seal(why),
      }))
        ? ok({ id: document })
        : err({ code: 'unknown_document' }),
    )

  async function list(actor: Actor, id: string): Answered<readonly CaseDocument[]> {
    const sql = database.as(actor)
    if (!(await store.isCase(sql, actor.tenant, id))) return err({ code: 'unknown_case' })
    const rows = await store.documentsOf(sql, actor.tenant, id)
    return ok(
      rows
        .filter(({ user }) => mayLookAt(actor, user))
        .map(({ nameSealed, removedWhySealed, ...row }) => ({
          ...row,
          name: secrets.open(nameSealed),
          removedWhy: removedWhySealed && secrets.open(removedWhySealed),
        })),
    )
  }

  /** One of them, opened: looking at it is on record. */
  async function open(
    actor: Actor,
    id: string,
    document: string,
  ): Answered<{ readonly type: DocumentType; readonly content: Buffer }> {
    const sql = database.as(actor)
    const row = await store.contentOf(sql, actor.tenant, id, document)
    if (!row || !mayLookAt(actor, row.user)) return err({ code: 'unknown_document' })
    await logAccess(sql, actor, 'read case document', id)
    return ok({ type: row.type, content: secrets.openBytes(row.content) })
  }

  return { add, remove, list, open }
}

/** Whoever is outside the office sees what they handed in themselves, and nothing that others did. */
const mayLookAt = ({ role, name }: Actor, user: string): boolean =>
  !(role in SENDERS) || user === name
