import { Readable } from 'node:stream'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Result } from '#base/result.ts'
import type { SchemeBook } from '#domains/settlement/index.ts'
import type { Actor } from '#platform/actor.ts'
import { answers, CommandHeaders } from '#platform/answers.ts'
import { type Description, Refused, type Text } from '#platform/problem.ts'
import { actorOf } from '#platform/request.ts'
import { BYTE_ORDER_MARK, csvRow, textWorkbook } from '#platform/sheet-out.ts'
import { type HeaderRefusal, templateRows } from './import-row.ts'
import type { ImportRefusal, ImportService, ImportView } from './imports.service.ts'

export type ImportTools = {
  readonly service: ImportService
  bookOf(actor: Actor): Promise<SchemeBook>
  logRead(actor: Actor, action: string, subject: string): Promise<void>
  /** The words of a code, with the facts filled in. */
  describe(code: string, facts: Readonly<Record<string, unknown>>): Description
}

const CSV = 'text/csv'
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

/** Files of enrolments: received, checked, carried out, followed. */
export const importRoutes: FastifyPluginAsyncZod<ImportTools> = async (app, tools) => {
  const { service } = tools
  // A file is passed on as it comes, and never held in memory.
  app.addContentTypeParser([CSV, XLSX, 'application/octet-stream'], (_, payload, done) =>
    done(null, payload),
  )

  app.get(
    '/imports/template.csv',
    {
      config: { access: 'imports run' },
      schema: {
        summary: '参保导入模板 A template',
        tags: ['imports'],
        querystring: Language,
        response: answers({ 200: fileOf(CSV) }),
      },
    },
    async (request, reply) => {
      const rows = await template(actorOf(request), request.query.language)
      return reply
        .type(`${CSV}; charset=utf-8`)
        .header('content-disposition', 'attachment; filename="enrolment-template.csv"')
        .send(BYTE_ORDER_MARK + rows.map((row) => csvRow(row)).join(''))
    },
  )

  app.get(
    '/imports/template.xlsx',
    {
      config: { access: 'imports run' },
      schema: {
        summary:
          '参保导入模板（XLSX，最多 1,048,576 行） A template; a sheet holds 1,048,576 rows at most',
        tags: ['imports'],
        querystring: Language,
        response: answers({ 200: fileOf(XLSX) }),
      },
    },
    async (request, reply) => {
      const rows = await template(actorOf(request), request.query.language)
      return reply
        .type(XLSX)
        .header('content-disposition', 'attachment; filename="enrolment-template.xlsx"')
        .send(Buffer.from(await textWorkbook('参保', rows)))
    },
  )

  async function template(actor: Actor, language: 'zh' | 'en') {
    const { vocabulary, schemes } = await tools.bookOf(actor)
    return templateRows(vocabulary, [...schemes.keys()][0] ?? '', language)
  }

  app.get(
    '/imports',
    {
      config: { access: 'imports run' },
      schema: {
        summary: '参保导入 Imports, the newest first',
        tags: ['imports'],
        response: answers({ 200: z.object({ imports: z.array(ImportShape) }) }),
      },
    },
    async (request, reply) => {
      const list = await service.list(actorOf(request))
      return reply.send({ imports: list.map(shown) })
    },
  )

  app.post(
    '/imports',
    {
      config: { access: 'imports run' },
      bodyLimit: MOST_BYTES,
      schema: {
        summary:
          '上传参保文件（CSV 或 XLSX），只保存，尚不导入 Receives a file; nothing is imported yet',
        description:
          'The body is the file itself. A worksheet holds 1,048,576 rows at most; CSV has no limit of rows.',
        tags: ['imports'],
        querystring: z.object({ name: z.string().trim().min(1).max(200) }),
        response: answers({ 201: z.object({ id: z.uuid() }) }),
      },
    },
    async (request, reply) => {
      const { body } = request as { body: unknown }
      if (!(body instanceof Readable)) throw new Refused({ code: 'unsupported_media_type' })
      const received = await service.receive(actorOf(request), request.query.name, body)
      return reply.code(201).send(granted(received))
    },
  )

  app.get(
    '/imports/:id',
    {
      config: { access: 'imports run' },
      schema: {
        summary: '导入进度和结果 How far an import is, and what came of it',
        tags: ['imports'],
        params: z.object({ id: z.uuid() }),
        response: answers({ 200: ImportShape }),
      },
    },
    async (request, reply) =>
      reply.send(shown(granted(await service.view(actorOf(request), request.params.id)))),
  )

  app.post(
    '/imports/:id/run',
    {
      config: { access: 'imports run' },
      schema: {
        summary:
          '校验，或导入正确的行（good），或全部导入否则不导入（all） Checks, or carries out the good rows, or all or none',
        tags: ['imports'],
        headers: CommandHeaders,
        params: z.object({ id: z.uuid() }),
        body: z.strictObject({ mode: z.enum(['check', 'good', 'all']) }),
        response: answers({ 201: z.object({ id: z.uuid() }) }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const { id } = request.params
      const started = await service.run(actorOf(request), key, id, request.body.mode)
      return reply.code(201).send(granted(started))
    },
  )

  app.post(
    '/imports/:id/cancel',
    {
      config: { access: 'imports run' },
      schema: {
        summary:
          '停止正在进行的导入；已导入的保留，可重新开始 Stops an import under way; what was carried out stays',
        tags: ['imports'],
        headers: CommandHeaders,
        params: z.object({ id: z.uuid() }),
        response: answers({ 201: z.object({ id: z.uuid() }) }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const stopped = await service.cancel(actorOf(request), key, request.params.id)
      return reply.code(201).send(granted(stopped))
    },
  )

  app.get(
    '/imports/:id/faults',
    {
      config: { access: 'imports run' },
      schema: {
        summary: '前若干处错误 The first faults',
        tags: ['imports'],
        params: z.object({ id: z.uuid() }),
        querystring: z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
        response: answers({ 200: z.object({ faults: z.array(FaultShape) }) }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { id } = granted(await service.view(actor, request.params.id))
      await tools.logRead(actor, 'read import', id)
      const faults = []
      for await (const fault of service.faults(actor, id)) {
        const { what, remedy } = tools.describe(fault.code, fault.facts)
        const { line, column, value, code } = fault
        faults.push({ line, column, value, code, what, remedy })
        if (faults.length === request.query.limit) break
      }
      return reply.send({ faults })
    },
  )

  app.get(
    '/imports/:id/faults.csv',
    {
      config: { access: 'imports run' },
      schema: {
        summary: '错误文件：行、列、值（已遮盖）、原因、办法 The error file, a line for each fault',
        tags: ['imports'],
        params: z.object({ id: z.uuid() }),
        response: answers({ 200: fileOf(CSV) }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { id } = granted(await service.view(actor, request.params.id))
      await tools.logRead(actor, 'read import', id)
      async function* lines() {
        const head = [
          '行 Line',
          '列 Column',
          '值 Value',
          '代码 Code',
          '原因',
          '办法',
          'Reason',
          'Remedy',
        ]
        yield BYTE_ORDER_MARK + csvRow(head)
        for await (const { line, column, value, code, facts } of service.faults(actor, id)) {
          const { what, remedy } = tools.describe(code, facts)
          yield csvRow([String(line), column, value, code, what.zh, remedy.zh, what.en, remedy.en])
        }
      }
      return reply
        .type(`${CSV}; charset=utf-8`)
        .header('content-disposition', 'attachment; filename="faults.csv"')
        .send(Readable.from(lines()))
    },
  )

  function shown({ failure, ...view }: ImportView) {
    return { ...view, failure: failure && describeFailure(failure) }
  }

  /** What makes a whole file unreadable: the reader of sheets brings its own words. */
  function describeFailure({ code, facts }: NonNullable<ImportView['failure']>) {
    const own = facts as { what?: Text; remedy?: Text; line?: number | null }
    const { what, remedy } =
      own.what && own.remedy ? { what: own.what, remedy: own.remedy } : tools.describe(code, facts)
    return { code, line: own.line ?? null, what, remedy }
  }
}

function granted<T>(result: Result<T, ImportRefusal | HeaderRefusal>): T {
  if (result.ok) return result.value
  const { code, ...facts } = result.error
  throw new Refused({ code, facts })
}

// --- shapes --------------------------------------------------------------------------------------

const MOST_BYTES = 1_000_000_000
const Language = z.object({ language: z.enum(['zh', 'en']).default('zh') })
const TextShape = z.object({ zh: z.string(), en: z.string() })
const fileOf = (type: string) => ({
  description: type,
  content: { [type]: { schema: z.unknown() } },
})

const ImportShape = z
  .object({
    id: z.uuid(),
    name: z.string(),
    author: z.string(),
    createdAt: z.string(),
    finishedAt: z.string().nullable(),
    state: z.enum(['receiving', 'received', 'running', 'stopped', 'checked', 'done', 'failed']),
    mode: z.enum(['check', 'good', 'all']).nullable(),
    bytes: z.int(),
    rowsRead: z.int(),
    rowsTotal: z.int().nullable().meta({ description: 'Null until the whole file is read' }),
    rowsDone: z.int(),
    rowsFaulty: z.int(),
    sameAs: z
      .object({ id: z.uuid(), name: z.string(), finishedAt: z.string() })
      .nullable()
      .meta({ description: 'An earlier import of the very same file' }),
    outcome: z.object({
      personsNew: z.int(),
      added: z.int(),
      changed: z.int(),
      unchanged: z.int(),
      refused: z.int(),
    }),
    failure: z
      .object({ code: z.string(), line: z.int().nullable(), what: TextShape, remedy: TextShape })
      .nullable(),
  })
  .meta({ id: 'Import', description: '参保导入 A file of enrolments' })

const FaultShape = z.object({
  line: z.int(),
  column: z.string(),
  value: z.string().meta({ description: 'Masked where it is personal' }),
  code: z.string(),
  what: TextShape,
  remedy: TextShape,
})
