import { Readable } from 'node:stream'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { PlainDate } from '#base/plain-date.ts'
import type { Result } from '#base/result.ts'
import { answers, CommandHeaders, DayText, Name } from '#platform/answers.ts'
import { Refused } from '#platform/problem.ts'
import { actorOf } from '#platform/request.ts'
import { MAX_SHEET_BYTES, readSheet } from '#platform/sheet.ts'
import { SheetError } from '#platform/sheet-error.ts'
import { BYTE_ORDER_MARK, csvRow, textWorkbook } from '#platform/sheet-out.ts'
import { citationsOf } from './lookup.ts'
import { COLUMNS } from './read-rows.ts'
import type { CatalogueService, Found, ServiceRefusal } from './service.ts'
import { CLASSES, type Entry, type Item, KINDS, type Kind, type RowFault } from './types.ts'

/** A code of a public list of diseases, procedures or drugs. */
export type PublicCode = { readonly code: string; readonly name: string; readonly note?: string }

export type RouteTools = {
  readonly service: CatalogueService
  today(): PlainDate
  /** Searches a public list of codes; undefined where its pack is not there. */
  searchCodes(list: CodeList, q: string): Promise<readonly PublicCode[] | undefined>
  /** What is said where a pack is missing. */
  describeMissingPack(): { readonly zh: string; readonly en: string }
}

export const CODE_LISTS = ['icd10', 'icd9cm3', 'nrdl'] as const
export type CodeList = (typeof CODE_LISTS)[number]

/** What an answer shows of the faults of a file; the file of faults has all of them. */
const FAULTS_SHOWN = 100

/** Every request about the three catalogues, and about public lists of codes. */
export const catalogueRoutes: FastifyPluginAsyncZod<RouteTools> = async (app, tools) => {
  const { service } = tools
  // Tables come as they are, and are read as they come.
  app.addContentTypeParser(TABLES, { bodyLimit: MAX_SHEET_BYTES }, (_, payload, done) =>
    done(null, payload),
  )

  app.get(
    '/catalogue',
    {
      config: { access: 'catalogue read' },
      schema: {
        summary: '按名称、拼音、首字母或编码查目录 Finds items by name, pinyin, initials or code',
        tags: ['catalogue'],
        querystring: z.object({
          place: Place,
          on: DayText.optional().meta({ description: 'Today where left out' }),
          q: z.string().max(100).default(''),
          kind: KindName.optional(),
          class: z.enum(CLASSES).optional(),
          after: z.string().max(200).default('').meta({ description: 'The last code seen' }),
        }),
        response: answers({
          200: z.object({
            on: z.string(),
            rows: z.array(RowShape),
            next: z.string().optional(),
          }),
        }),
      },
    },
    async (request, reply) => {
      const { place, on = tools.today(), q, kind, class: itemClass, after } = request.query
      const query = { place, on, q, kind, itemClass, after }
      const { rows, next } = await service.search(actorOf(request), query)
      return reply.send({ on, rows: rows.map(presentFound), ...(next ? { next } : {}) })
    },
  )

  app.get(
    '/catalogue/item',
    {
      config: { access: 'catalogue read' },
      schema: {
        summary: '一项：某日的规定、各地的变动、全部历史和来源 One item, its history and sources',
        tags: ['catalogue'],
        querystring: z.object({ code: Name, place: Place, on: DayText.optional() }),
        response: answers({
          200: z.object({
            on: z.string(),
            row: RowShape,
            citations: z.array(CitationShape),
            history: z.array(
              z.object({
                entry: EntryShape,
                addedIn: z.int(),
                removedIn: z.int().nullable(),
              }),
            ),
          }),
        }),
      },
    },
    async (request, reply) => {
      const { code, place, on = tools.today() } = request.query
      const { history, found } = granted(await service.item(actorOf(request), code, place, on))
      const kind = history[0]?.entry.kind ?? 'drug'
      const row: Found = found.ok
        ? { inForce: true, item: found.value }
        : { inForce: false, kind, refusal: found.error }
      return reply.send({
        on,
        row: presentFound(row),
        citations: found.ok ? citationsOf(found.value) : [],
        history,
      })
    },
  )

  app.get(
    '/catalogue/versions',
    {
      config: { access: 'catalogue read' },
      schema: {
        summary: '各地目录的版本 The versions of each place',
        tags: ['catalogue'],
        response: answers({
          200: z.object({
            versions: z.array(
              z.object({
                place: z.string(),
                version: z.int(),
                note: z.string(),
                author: z.string(),
                publisher: z.string(),
                publishedAt: z.string(),
                entries: z.int(),
              }),
            ),
          }),
        }),
      },
    },
    async (request, reply) => reply.send({ versions: await service.versions(actorOf(request)) }),
  )

  app.get(
    '/catalogue/template',
    {
      config: { access: 'catalogue read' },
      schema: {
        summary: '导入模板 The template of a catalogue file',
        tags: ['catalogue'],
        querystring: z.object({ format: z.enum(['csv', 'xlsx']).default('xlsx') }),
        response: answers({
          200: {
            description: 'The file',
            content: { [XLSX]: { schema: z.unknown() }, 'text/csv': { schema: z.unknown() } },
          },
        }),
      },
    },
    async (request, reply) => {
      const { format } = request.query
      const head = Object.values(COLUMNS).map(({ zh }) => zh)
      reply.header('content-disposition', `attachment; filename="catalogue-template.${format}"`)
      if (format === 'csv')
        return reply.type('text/csv; charset=utf-8').send(BYTE_ORDER_MARK + csvRow(head))
      return reply.type(XLSX).send(Buffer.from(await textWorkbook('目录', [head])))
    },
  )

  app.post(
    '/catalogue/imports',
    {
      config: { access: 'catalogue draft' },
      schema: {
        summary:
          '导入目录文件：先核对，全部无误才存为草稿 Reads a catalogue file into a draft: all of it or nothing',
        description:
          'The body is the file: text/csv, an XLSX workbook, or application/octet-stream. With check=true nothing is kept. ' +
          'With faults=csv the answer to a file with faults is the file of its faults.',
        tags: ['catalogue'],
        querystring: z.object({
          place: Place,
          whole: z
            .enum(['true', 'false'])
            .default('false')
            .meta({ description: 'The file is the whole catalogue of the place' }),
          check: z.enum(['true', 'false']).default('false'),
          name: z.string().max(200).default('catalogue'),
          faults: z.enum(['json', 'csv']).default('json'),
        }),
        response: answers({ 200: ImportShape }),
      },
    },
    async (request, reply) => {
      const { place, whole, check, name, faults: form } = request.query
      if (!(request.body instanceof Readable)) throw new Refused({ code: 'unsupported_media_type' })
      const imported = granted(
        await importing(
          service.importFile(actorOf(request), {
            place,
            whole: whole === 'true',
            fileName: name,
            checkOnly: check === 'true',
            rows: readSheet(request.body),
          }),
        ),
      )
      const { faults, ...rest } = imported
      if (form === 'csv' && faults.length > 0)
        return (
          reply
            .type('text/csv; charset=utf-8')
            .header('content-disposition', 'attachment; filename="catalogue-faults.csv"')
            // biome-ignore lint/suspicious/noExplicitAny: the schema describes the usual answer
            .send(faultsCsv(faults) as any)
        )
      return reply.send({
        ...rest,
        faultCount: faults.length,
        faults: faults.slice(0, FAULTS_SHOWN),
      })
    },
  )

  app.get(
    '/catalogue/drafts',
    {
      config: { access: 'catalogue draft' },
      schema: {
        summary: '待发布的目录 Catalogues that wait for a second person',
        tags: ['catalogue'],
        response: answers({
          200: z.object({
            drafts: z.array(
              z.object({
                id: z.string(),
                place: z.string(),
                whole: z.boolean(),
                fileName: z.string(),
                entries: z.int(),
                baseVersion: z.int(),
                author: z.string(),
                state: z.enum(['open', 'published']),
                createdAt: z.string(),
              }),
            ),
          }),
        }),
      },
    },
    async (request, reply) => reply.send({ drafts: await service.drafts(actorOf(request)) }),
  )

  app.post(
    '/catalogue/drafts/:id/publish',
    {
      config: { access: 'catalogue publish' },
      schema: {
        summary: '发布目录，须由另一人 Publishes a catalogue; nobody publishes their own',
        tags: ['catalogue'],
        headers: CommandHeaders,
        params: z.object({ id: z.uuid() }),
        response: answers({ 201: z.object({ version: z.int() }) }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const done = granted(await service.publish(actorOf(request), key, request.params.id))
      return reply.code(201).send(done.answer)
    },
  )

  app.get(
    '/codes',
    {
      config: { access: 'catalogue read' },
      schema: {
        summary: '疾病、手术、药品的公开编码 Public codes of diseases, procedures and drugs',
        tags: ['catalogue'],
        querystring: z.object({
          list: z.enum(CODE_LISTS).default('icd10'),
          q: z.string().max(100).default(''),
        }),
        response: answers({
          200: z.object({
            codes: z.array(
              z.object({ code: z.string(), name: z.string(), note: z.string().optional() }),
            ),
          }),
        }),
      },
    },
    async (request, reply) => {
      const { list, q } = request.query
      const codes = await tools.searchCodes(list, q)
      if (codes) return reply.send({ codes: [...codes] })
      const { zh, en } = tools.describeMissingPack()
      throw new Refused({
        code: 'pack_missing',
        status: 404,
        description: {
          what: { zh: '没有公开编码的数据包', en: 'the pack of public codes is missing' },
          remedy: { zh, en },
        },
      })
    },
  )
}

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
const TABLES = ['text/csv', XLSX, 'application/octet-stream']

function granted<T>(result: Result<T, ServiceRefusal>): T {
  if (result.ok) return result.value
  const { code, ...facts } = result.error
  throw new Refused({ code, facts })
}

/** A file that is no table is told like everything else that is wrong with a request. */
async function importing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof SheetError)) throw error
    const { code, what, remedy, line, column } = error
    const field = [line, column].filter((part) => part !== undefined).join(':') || 'file'
    throw new Refused({
      code,
      status: 422,
      description: { what, remedy, errors: [{ field, reason: what, remedy }] },
    })
  }
}

/** Line, column, value, reason and remedy of each fault, in both languages. */
function faultsCsv(faults: readonly RowFault[]): string {
  const head = ['行 line', '列 column', '值 value', '代码 code', '原因', '处理', 'reason', 'remedy']
  const rows = faults.map(({ line, column, value, code, reason, remedy }) => [
    String(line),
    column,
    value,
    code,
    reason.zh,
    remedy.zh,
    reason.en,
    remedy.en,
  ])
  return BYTE_ORDER_MARK + [head, ...rows].map(csvRow).join('')
}

// --- shapes --------------------------------------------------------------------------------------

const Place = z
  .string()
  .max(200)
  .regex(/^$|^[a-z0-9-]+(\/[a-z0-9-]+)*$/)
  .default('')
  .meta({ description: 'The folder of the place, such as teaching/shifan; nothing is the nation' })
const KindName = z.enum(Object.keys(KINDS) as [Kind, ...Kind[]])
const Words = z.object({ zh: z.string(), en: z.string() })

const RowShape = z
  .object({
    code: z.string(),
    kind: KindName,
    inForce: z.boolean(),
    name: z.string().optional(),
    class: z.enum(CLASSES).optional(),
    upfrontShare: z.int().optional().meta({ description: 'Parts per million' }),
    limitPrice: z.int().optional().meta({ description: 'Whole fen, per unit' }),
    unit: z.string().optional(),
    category: z.string().optional(),
    genericName: z.string().optional(),
    limit: z.string().optional(),
    from: z.string().optional(),
    grade: z.string().optional(),
    setBy: z.array(z.string()).optional().meta({ description: 'The places it rests on' }),
    reason: z.string().optional().meta({ description: 'Why nothing holds that day' }),
    next: z.string().optional().meta({ description: 'The first day on which something will' }),
  })
  .meta({ id: 'CatalogueRow' })

const SourceShape = z.object({
  title: z.string(),
  address: z.string(),
  grade: z.enum(['A', 'B', 'C', 'D', 'invented']),
})
const CitationShape = z.object({
  rule: z.string(),
  from: z.string(),
  source: SourceShape.extend({ id: z.string() }),
  article: z.string().optional(),
})
const EntryShape = z
  .custom<Entry>(() => true)
  .meta({ description: 'One line of one place, as its file had it' })
const ImportShape = z
  .object({
    entries: z.int(),
    faultCount: z.int(),
    faults: z.array(
      z.object({
        line: z.int(),
        column: z.string(),
        value: z.string(),
        code: z.string(),
        reason: Words,
        remedy: Words,
      }),
    ),
    changes: z
      .object({ added: z.int(), changed: z.int(), removed: z.int(), same: z.int() })
      .optional(),
    draft: z.string().optional().meta({ description: 'Absent where nothing was kept' }),
  })
  .meta({ id: 'CatalogueImport' })

function presentFound(found: Found): z.infer<typeof RowShape> {
  if (found.inForce) return presentItem(found.item)
  const { kind, refusal } = found
  const next = 'next' in refusal ? refusal.next : undefined
  return {
    code: refusal.item,
    kind,
    inForce: false,
    reason: refusal.code,
    ...(next ? { next } : {}),
  }
}

function presentItem(item: Item): z.infer<typeof RowShape> {
  const { limits, layers, place: _place, on: _on, ...shown } = item
  const last = layers.at(-1)?.entry
  return {
    ...shown,
    inForce: true,
    limit: limits?.text,
    from: last?.from,
    grade: last?.source.grade,
    setBy: layers.map(({ entry }) => entry.place),
  }
}
