import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { formatYuan } from '#base/money.ts'
import { isMonth } from '#base/month.ts'
import type { Result } from '#base/result.ts'
import type { Actor } from '#platform/actor.ts'
import { answers, CommandHeaders, Name, namesOf, PROBLEMS } from '#platform/answers.ts'
import { Refused } from '#platform/problem.ts'
import { actorOf } from '#platform/request.ts'
import { BYTE_ORDER_MARK, csvRow } from '#platform/sheet-out.ts'
import type { ReserveRefusal, ReserveService } from './service.ts'
import { type Basis, METHODS, RESERVE_STATES } from './types.ts'

export type ReserveTools = {
  readonly reserves: ReserveService
  logRead(actor: Actor, action: string, subject: string): Promise<void>
}

/** Every request about what insurers set aside for care that is not claimed yet. */
export const reserveRoutes: FastifyPluginAsyncZod<ReserveTools> = async (
  app,
  { reserves, logRead },
) => {
  const granted = <T>(done: Result<T, ReserveRefusal>): T => {
    if (done.ok) return done.value
    const { code, ...facts } = done.error
    throw new Refused({ code, facts })
  }

  app.get(
    '/reserves/funds',
    {
      config: { access: 'reserves read' },
      schema: {
        summary: '提取准备金的基金：商业保险 Funds that reserves are made for: those of insurers',
        tags: ['reserves'],
        response: answers({ 200: z.object({ funds: z.array(z.string()).readonly() }) }),
      },
    },
    async (request, reply) => reply.send({ funds: await reserves.funds(actorOf(request)) }),
  )

  app.get(
    '/reserves/outlook',
    {
      config: { access: 'reserves read' },
      schema: {
        summary:
          '赔付三角形与未决估计，不保存 The triangle of a fund at the end of a month, and what is still to come; nothing is kept',
        tags: ['reserves'],
        querystring: OutlookQuery,
        response: answers({ 200: OutlookShape }),
      },
    },
    async (request, reply) => {
      const found = granted(await reserves.outlook(actorOf(request), askedOf(request.query)))
      const { estimated, ...rest } = found
      return reply.send({
        ...rest,
        estimate: estimated.ok ? estimated.value : null,
        why: estimated.ok ? null : estimated.error.code,
      })
    },
  )

  app.get(
    '/reserves/triangle.csv',
    {
      config: { access: 'reserves read' },
      schema: {
        summary: '赔付三角形（CSV） The triangle, in yuan',
        tags: ['reserves'],
        querystring: OutlookQuery,
        response: {
          200: { description: 'A file', content: { 'text/csv': { schema: z.unknown() } } },
          ...PROBLEMS,
        },
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const asked = askedOf(request.query)
      const { triangle } = granted(await reserves.outlook(actor, asked))
      await logRead(actor, 'export triangle', `${asked.fund} ${asked.month}`)
      const ages = triangle.rows[0]?.sums.map((_, age) => String(age)) ?? []
      const rows = triangle.rows.map(({ care, sums }) => [care, ...sums.map(formatYuan)])
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="triangle-${asked.month}.csv"`)
        .send(BYTE_ORDER_MARK + [['care', ...ages], ...rows].map((row) => csvRow(row)).join(''))
    },
  )

  app.get(
    '/reserves',
    {
      config: { access: 'reserves read' },
      schema: {
        summary:
          '已提取的准备金及其回溯 The reserves of a fund, and what they turned out to be worth',
        tags: ['reserves'],
        querystring: z.object({ fund: Name, until: MonthText }),
        response: answers({
          200: z.object({
            reserves: z.array(ReserveShape).readonly(),
            runOffs: z.array(RunOffShape).readonly(),
          }),
        }),
      },
    },
    async (request, reply) => {
      const { fund, until } = request.query
      return reply.send(await reserves.reserves(actorOf(request), fund, until))
    },
  )

  app.post(
    '/reserves',
    {
      config: { access: 'reserves propose' },
      schema: {
        summary: '拟提取准备金，待另一人入账 Proposes a reserve, for another person to book',
        tags: ['reserves'],
        headers: CommandHeaders,
        body: z.strictObject({
          fund: Name,
          month: MonthText,
          basis: BasisShape,
          reason: Words,
        }),
        response: answers({ 201: z.object({ id: z.uuid(), ibnr: z.int() }) }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      return reply
        .code(201)
        .send(granted(await reserves.propose(actorOf(request), key, request.body)))
    },
  )

  for (const [path, to, summary] of [
    ['confirm', 'confirmed', '准备金入账 Books a reserve in the place of the one before it'],
    ['withdraw', 'withdrawn', '撤回 Takes a proposal back'],
  ] as const)
    app.post(
      `/reserves/:id/${path}`,
      {
        config: { access: to === 'confirmed' ? 'reserves confirm' : 'reserves propose' },
        schema: {
          summary,
          tags: ['reserves'],
          headers: CommandHeaders,
          params: ById,
          response: answers({ 200: ById }),
        },
      },
      async (request, reply) => {
        const key = request.headers['idempotency-key']
        const { id } = request.params
        return reply.send(granted(await reserves.decide(actorOf(request), key, id, to)))
      },
    )

  app.post(
    '/reserves/history',
    {
      config: { access: 'reserves propose' },
      schema: {
        summary:
          '导入启用前的赔付历史 Keeps what a fund was claimed before its books were kept here; in the place of what was kept before',
        tags: ['reserves'],
        headers: CommandHeaders,
        body: z.strictObject({
          fund: Name,
          document: Words,
          rows: z
            .array(
              z.strictObject({
                care: MonthText,
                booked: MonthText,
                amount: z.int().min(-MOST_FEN).max(MOST_FEN).meta({ description: 'In fen' }),
              }),
            )
            .min(1)
            .max(5_000),
        }),
        response: answers({ 200: z.object({ rows: z.int() }) }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const { fund, ...history } = request.body
      return reply.send(granted(await reserves.keepHistory(actorOf(request), key, fund, history)))
    },
  )
}

// --- shapes --------------------------------------------------------------------------------------

const MOST_FEN = 10 ** 13
const MonthText = z.string().refine(isMonth, 'a month YYYY-MM').meta({ description: '2026-03' })
const ById = z.object({ id: z.uuid() })
const Words = z.string().trim().min(1).max(500)
const Method = z.enum(namesOf(METHODS))
const Window = z.int().min(1).max(60)
const Tail = z.int().min(500_000).max(3_000_000)
const Expected = z.int().min(0).max(MOST_FEN)

const BasisShape = z.strictObject({
  method: Method,
  window: Window.meta({ description: 'Months after which only the tail is expected' }),
  tail: Tail.meta({ description: 'Parts per million; 1000000 is nothing more' }),
  expected: Expected.optional().meta({
    description: 'In fen: what a month of care is expected to cost',
  }),
})

const OutlookQuery = z.object({
  fund: Name,
  month: MonthText,
  method: Method.default('chain-ladder'),
  window: z.coerce.number().pipe(Window).default(24),
  tail: z.coerce.number().pipe(Tail).default(1_000_000),
  expected: z.coerce.number().pipe(Expected).optional(),
})

const askedOf = ({ fund, month, ...basis }: z.infer<typeof OutlookQuery>) => ({
  fund,
  month,
  basis: basis satisfies Basis,
})

const EstimateShape = z.object({
  factors: z.array(z.object({ age: z.int(), from: z.int(), to: z.int() })).readonly(),
  months: z
    .array(z.object({ care: z.string(), claimed: z.int(), ultimate: z.int(), ibnr: z.int() }))
    .readonly(),
  ibnr: z.int(),
})

const OutlookShape = z
  .object({
    triangle: z.object({
      until: z.string(),
      rows: z.array(z.object({ care: z.string(), sums: z.array(z.int()).readonly() })).readonly(),
    }),
    estimate: EstimateShape.nullable(),
    why: z
      .enum(['too_few_months', 'age_without_claims', 'expected_needed'])
      .nullable()
      .meta({ description: 'Why nothing can be estimated' }),
    before: z.int().meta({ description: 'Set aside already' }),
  })
  .meta({ id: 'ReserveOutlook', description: '赔付三角形与未决估计, in fen' })

const ReserveShape = z
  .object({
    id: z.uuid(),
    fund: z.string(),
    month: z.string(),
    basis: z.object({
      method: Method,
      window: z.int(),
      tail: z.int(),
      expected: z.int().optional(),
    }),
    estimate: EstimateShape,
    reason: z.string(),
    state: z.enum(namesOf(RESERVE_STATES)),
    madeBy: z.string(),
    madeAt: z.string(),
    decidedBy: z.string().nullable(),
    decidedAt: z.string().nullable(),
  })
  .meta({ id: 'Reserve', description: '准备金, in fen' })

const RunOffShape = z
  .object({
    month: z.string(),
    reserved: z.int(),
    claimedSince: z.int(),
    stillHeld: z.int(),
    result: z.int(),
  })
  .meta({ id: 'RunOff', description: '回溯, in fen' })
