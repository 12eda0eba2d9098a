import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Result } from '#base/result.ts'
import { answers, CommandHeaders, namesOf, PROBLEMS } from '#platform/answers.ts'
import { Refused } from '#platform/problem.ts'
import { actorOf } from '#platform/request.ts'
import type { DocumentRefusal, DocumentService } from './documents.service.ts'
import { DOCUMENT_KINDS, DOCUMENT_TYPES, type DocumentType } from './types.ts'

/** A page that was photographed well, and a record of some pages. */
const MOST_BYTES = 8 * 1024 * 1024

/** Every request about what is handed in with a case. */
export const documentRoutes: FastifyPluginAsyncZod<{
  readonly documents: DocumentService
}> = async (app, { documents }) => {
  app.addContentTypeParser(
    [...Object.keys(DOCUMENT_TYPES), 'application/octet-stream'],
    { parseAs: 'buffer' },
    (_, body, done) => done(null, body),
  )

  const granted = <T>(done: Result<T, DocumentRefusal>): T => {
    if (done.ok) return done.value
    const { code, ...facts } = done.error
    throw new Refused({ code, facts })
  }

  // The same for the office, and for whoever hands in from outside: what each may see of it, the service knows.
  for (const [base, reads, hands] of [
    ['/cases', 'cases read', 'cases work'],
    ['/own-cases', 'own cases read', 'own cases send'],
  ] as const) {
    app.get(
      `${base}/:id/documents`,
      {
        config: { access: reads },
        schema: {
          summary: '案件材料 What was handed in with a case',
          tags: ['cases'],
          params: ById,
          response: answers({ 200: z.object({ documents: z.array(DocumentShape).readonly() }) }),
        },
      },
      async (request, reply) =>
        reply.send({
          documents: granted(await documents.list(actorOf(request), request.params.id)),
        }),
    )

    app.post(
      `${base}/:id/documents`,
      {
        config: { access: hands },
        bodyLimit: MOST_BYTES,
        schema: {
          summary: '提交材料：PNG、JPEG 或 PDF Hands in a picture or PDF',
          description: 'The body is the file itself; what it is, its first bytes say.',
          tags: ['cases'],
          // Names of files name people: they stay out of addresses, which proxies keep.
          headers: CommandHeaders.extend({
            'x-kangyang-name': z
              .string()
              .min(1)
              .max(1_000)
              .meta({ description: 'The name of the file, percent-encoded' }),
          }),
          params: ById,
          querystring: z.object({ kind: z.enum(namesOf(DOCUMENT_KINDS)).default('other') }),
          response: answers({ 201: ById }),
        },
      },
      async (request, reply) => {
        const { body } = request as { body: unknown }
        if (!Buffer.isBuffer(body)) throw new Refused({ code: 'document_type_unknown' })
        const key = request.headers['idempotency-key']
        const name = plain(request.headers['x-kangyang-name']).slice(0, 200)
        const asked = { name, kind: request.query.kind, content: body }
        return reply
          .code(201)
          .send(granted(await documents.add(actorOf(request), key, request.params.id, asked)))
      },
    )

    app.get(
      `${base}/:id/documents/:document`,
      {
        config: { access: reads },
        schema: {
          summary: '查看一份材料 One of them, as it was handed in',
          tags: ['cases'],
          params: ByDocument,
          response: {
            200: {
              description: 'A file',
              content: Object.fromEntries(
                Object.keys(DOCUMENT_TYPES).map((type) => [type, { schema: z.unknown() }]),
              ),
            },
            ...PROBLEMS,
          },
        },
      },
      async (request, reply) => {
        const { id, document } = request.params
        const { type, content } = granted(await documents.open(actorOf(request), id, document))
        return reply
          .type(type)
          .header('content-disposition', `inline; filename="${document}.${endingOf(type)}"`)
          .send(content)
      },
    )
  }

  app.post(
    '/cases/:id/documents/:document/remove',
    {
      config: { access: 'cases work' },
      schema: {
        summary: '移除误交的材料，写明原因 Takes out what was handed in by mistake, and says why',
        tags: ['cases'],
        headers: CommandHeaders,
        params: ByDocument,
        body: z.strictObject({ why: z.string().trim().min(1).max(500) }),
        response: answers({ 200: ById }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const { id, document } = request.params
      const asked = { document, why: request.body.why }
      return reply.send(granted(await documents.remove(actorOf(request), key, id, asked)))
    },
  )
}

const endingOf = (type: DocumentType): string => DOCUMENT_TYPES[type].ending

/** Text that is no percent-encoding is taken as it stands. */
function plain(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const ById = z.object({ id: z.uuid() })
const ByDocument = z.object({ id: z.uuid(), document: z.uuid() })

const DocumentShape = z
  .object({
    id: z.uuid(),
    kind: z.enum(namesOf(DOCUMENT_KINDS)),
    type: z.enum(namesOf(DOCUMENT_TYPES)),
    name: z.string(),
    size: z.int().meta({ description: 'In bytes' }),
    user: z.string(),
    at: z.string(),
    removedBy: z.string().nullable(),
    removedAt: z.string().nullable(),
    removedWhy: z.string().nullable(),
  })
  .meta({ id: 'CaseDocument', description: '案件材料' })
