import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { PlainDate } from '#base/plain-date.ts'
import { logAccess, searchLog, unusualHours } from '#platform/access-log.ts'
import type { Actor } from '#platform/actor.ts'
import { answers, DayText, Name } from '#platform/answers.ts'
import type { Guarded } from '#platform/database.ts'
import * as chain from '#platform/log-store.ts'
import { actorOf } from '#platform/request.ts'

const MOST_ENTRIES = 100
/** More in an hour than one counter serves, takes along, or is refused by mistake. */
const UNUSUAL = { records: 200, exports: 20, refusals: 10 }
const Count = z.coerce.number().int().min(1).max(1_000_000)

/** The access log for whoever supervises: its entries by person, user and day, and the state of its chain. */
export const logRoutes: FastifyPluginAsyncZod<{
  readonly database: Guarded
  today(): PlainDate
  /** The numbers of what belongs to a person: bills and settlements. */
  belongingTo(actor: Actor, person: string): Promise<string[]>
}> = async (app, { database, today, belongingTo }) => {
  app.get(
    '/access-log',
    {
      config: { access: 'log read' },
      schema: {
        summary:
          '访问日志：谁在何时查阅、办理了什么，查看日志本身也记入 Who read and changed what; asking is recorded too',
        tags: ['access log'],
        querystring: z.object({
          subject: Name.optional().meta({
            description:
              'The whole number of what entries are about; that of a person finds their bills and settlements too',
          }),
          user: Name.optional(),
          from: DayText.optional().meta({ description: 'First day in China; by default `until`' }),
          until: DayText.optional().meta({ description: 'Last day in China; by default today' }),
          before: z.coerce.number().int().min(1).optional().meta({
            description: 'Entries older than this one: `next` of the page before',
          }),
        }),
        response: answers({
          200: z.object({
            entries: z.array(EntryShape),
            next: z.number().nullable().meta({ description: 'Null on the last page' }),
          }),
        }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { subject, user, before } = request.query
      const until = request.query.until ?? today()
      const from = request.query.from ?? until
      const asked = [subject, user, from, until].filter((part) => part !== undefined)
      await logAccess(database.as(actor), actor, 'read access log', asked.join(' '))
      const subjects =
        subject === undefined ? [] : [subject, ...(await belongingTo(actor, subject))]
      const question = { subjects, user, from, until, before, limit: MOST_ENTRIES + 1 }
      const found = await searchLog(database.as(actor), actor.tenant, question)
      const entries = found.slice(0, MOST_ENTRIES)
      const next = found.length > MOST_ENTRIES ? (entries.at(-1)?.id ?? null) : null
      return reply.send({ entries, next })
    },
  )

  app.get(
    '/access-log/unusual',
    {
      config: { access: 'log read' },
      schema: {
        summary:
          '异常查阅：一小时内查阅过多或屡被拒绝的用户 Hours in which a user opened very much, or was refused often',
        tags: ['access log'],
        querystring: z.object({
          from: DayText.optional().meta({ description: 'First day in China; by default `until`' }),
          until: DayText.optional().meta({ description: 'Last day in China; by default today' }),
          records: Count.default(UNUSUAL.records).meta({
            description: 'So many persons, bills, settlements and the like in an hour stand out',
          }),
          exports: Count.default(UNUSUAL.exports).meta({
            description: 'So many files taken along in an hour stand out',
          }),
          refusals: Count.default(UNUSUAL.refusals).meta({
            description: 'So many refused requests in an hour stand out',
          }),
        }),
        response: answers({
          200: z.object({
            hours: z
              .array(UnusualHourShape)
              .meta({ description: `The ${MOST_ENTRIES} with the most records` }),
          }),
        }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { records, exports, refusals } = request.query
      const until = request.query.until ?? today()
      const from = request.query.from ?? until
      const sql = database.as(actor)
      await logAccess(sql, actor, 'read access log', `unusual ${from} ${until}`)
      const asked = { from, until, records, exports, refusals, limit: MOST_ENTRIES }
      return reply.send({ hours: await unusualHours(sql, actor.tenant, asked) })
    },
  )

  app.get(
    '/access-log/chain',
    {
      config: { access: 'log read' },
      schema: {
        summary:
          '哈希链：封存到哪里，最近一次核对 How far the log is sealed, and when it was last checked',
        tags: ['access log'],
        response: answers({ 200: ChainShape }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { tenant } = actor
      const sql = database.as(actor)
      const last = await chain.lastSeal(sql, tenant)
      const { waiting, seconds } = await chain.countWaiting(
        sql,
        tenant,
        last ?? chain.NOTHING_SEALED,
      )
      return reply.send({
        head: last ? chain.headOf(last) : null,
        waiting,
        waitingSeconds: Math.round(seconds),
        check: (await chain.lastCheck(sql, tenant)) ?? null,
      })
    },
  )
}

const EntryShape = z
  .object({
    id: z.number(),
    at: z.string(),
    user: z.string(),
    action: z.string(),
    subject: z.string().nullable(),
    purpose: z.string().nullable(),
  })
  .meta({ id: 'AccessEntry' })

const UnusualHourShape = z
  .object({
    user: z.string(),
    from: z.string().meta({ description: 'When the hour began' }),
    records: z.number().meta({ description: 'Different ones that were shown' }),
    exports: z.number(),
    refusals: z.number(),
  })
  .meta({ id: 'UnusualHour' })

const ChainShape = z
  .object({
    head: z
      .object({ tenant: z.string(), number: z.number(), sealedAt: z.string(), hash: z.string() })
      .nullable()
      .meta({ description: 'The newest seal; null before the first' }),
    waiting: z.number().meta({ description: 'Entries that the next seal takes' }),
    waitingSeconds: z.number(),
    check: z
      .object({
        at: z.string(),
        seals: z.number(),
        entries: z.number(),
        sound: z.boolean(),
        finding: z.string().nullable(),
      })
      .nullable()
      .meta({ description: 'The last `kangyang log verify`' }),
  })
  .meta({ id: 'AccessChain' })
