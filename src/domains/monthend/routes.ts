import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { formatYuan } from '#base/money.ts'
import type { Result } from '#base/result.ts'
import type { Actor } from '#platform/actor.ts'
import { answers, CommandHeaders, Name, namesOf, PROBLEMS } from '#platform/answers.ts'
import { Refused } from '#platform/problem.ts'
import { actorOf } from '#platform/request.ts'
import { BYTE_ORDER_MARK, csvRow } from '#platform/sheet-out.ts'
import type { MonthRefusal, MonthService } from './service.ts'
import {
  DEDUCTION_ACTS,
  DEDUCTION_STATES,
  MONTH_STATES,
  type MonthView,
  TERMS_STATES,
} from './types.ts'

export type MonthTools = {
  readonly months: MonthService
  logRead(actor: Actor, action: string, subject: string): Promise<void>
  /** 机构月结单 on paper. */
  printMonth(view: MonthView): Promise<Buffer>
}

/** As many bills as are shown with a month; the file of them holds so many at most. */
const SHOWN_BILLS = 100
const MOST_BILLS = 200_000

/** Every request about months of institutions: terms, months, deductions, years. */
export const monthRoutes: FastifyPluginAsyncZod<MonthTools> = async (app, tools) => {
  const { months, logRead } = tools

  const granted = <T>(done: Result<T, MonthRefusal>): T => {
    if (done.ok) return done.value
    const { code, ...facts } = done.error
    throw new Refused({ code, facts })
  }

  // --- months ------------------------------------------------------------------------------------

  app.get(
    '/month-ends',
    {
      config: { access: 'months read' },
      schema: {
        summary:
          '机构月结：一个月内各机构应付、预留、扣款、应拨 A month of every institution under terms, closed or as it stands',
        tags: ['months'],
        querystring: z.object({ month: MonthText }),
        response: answers({ 200: z.object({ months: z.array(MonthShape).readonly() }) }),
      },
    },
    async (request, reply) =>
      reply.send({ months: await months.months(actorOf(request), request.query.month) }),
  )

  app.get(
    '/month-ends/one',
    {
      config: { access: 'months read' },
      schema: {
        summary: '一个机构的月结及账单 A month of one institution, with its first bills',
        tags: ['months'],
        querystring: OneMonth,
        response: answers({
          200: z.object({ month: MonthShape, bills: z.array(BillShape).readonly() }),
        }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const month = granted(await months.month(actor, request.query))
      await logRead(actor, 'read month', `${request.query.institution} ${request.query.month}`)
      return reply.send({ month, bills: await months.bills(actor, request.query, SHOWN_BILLS) })
    },
  )

  app.get(
    '/month-ends/one.pdf',
    {
      config: { access: 'months read' },
      schema: {
        summary: '机构月结单（PDF） The statement of a month, to print',
        tags: ['months'],
        querystring: OneMonth,
        response: FILE('application/pdf'),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { institution, month } = request.query
      const view = granted(await months.month(actor, request.query))
      await logRead(actor, 'print month', `${institution} ${month}`)
      return reply
        .type('application/pdf')
        .header('content-disposition', `inline; filename="month-${month}.pdf"`)
        .send(await tools.printMonth(view))
    },
  )

  app.get(
    '/month-ends/one/bills.csv',
    {
      config: { access: 'months read' },
      schema: {
        summary: '月结账单（CSV） Every bill of a month, in yuan',
        tags: ['months'],
        querystring: OneMonth,
        response: FILE('text/csv'),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { institution, month } = request.query
      granted(await months.month(actor, request.query))
      await logRead(actor, 'export month', `${institution} ${month}`)
      const bills = await months.bills(actor, request.query, MOST_BILLS + 1)
      if (bills.length > MOST_BILLS)
        throw new Refused({ code: 'too_many_bills', facts: { most: MOST_BILLS } })
      const rows = bills.map(({ bill, day, kind, amount, settlement }) => [
        bill,
        day,
        kind,
        formatYuan(amount),
        settlement ?? '',
      ])
      const titles = ['bill', 'booked_on', 'kind', 'amount_yuan', 'settlement']
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="month-${month}.csv"`)
        .send(BYTE_ORDER_MARK + [titles, ...rows].map((row) => csvRow(row)).join(''))
    },
  )

  app.post(
    '/month-ends/:month/close',
    {
      config: { access: 'months close' },
      schema: {
        summary:
          '关账：预留、扣回预付 Closes a month: holds the deposits and takes the advances back',
        tags: ['months'],
        headers: CommandHeaders,
        params: z.object({ month: MonthText }),
        response: answers({ 200: z.object({ month: z.string(), closed: z.int() }) }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      return reply.send(granted(await months.close(actorOf(request), key, request.params.month)))
    },
  )

  // --- terms -------------------------------------------------------------------------------------

  app.get(
    '/month-terms',
    {
      config: { access: 'months read' },
      schema: {
        summary:
          '结算约定：预留比例、预付金、考核返还 What fund and institution agreed, newest first',
        tags: ['months'],
        response: answers({ 200: z.object({ terms: z.array(TermsRowShape).readonly() }) }),
      },
    },
    async (request, reply) => reply.send({ terms: await months.terms(actorOf(request)) }),
  )

  app.post(
    '/month-terms',
    {
      config: { access: 'months prepare' },
      schema: {
        summary: '登记结算约定，待复核 Keeps terms for a second person to confirm',
        tags: ['months'],
        headers: CommandHeaders,
        body: TermsBody,
        response: answers({ 201: z.object({ id: z.uuid() }) }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      return reply
        .code(201)
        .send(granted(await months.addTerms(actorOf(request), key, request.body)))
    },
  )

  for (const [path, to, summary] of [
    [
      'confirm',
      'confirmed',
      '确认约定，预付金生效 Confirms terms and owes the prepayment: another person',
    ],
    ['withdraw', 'withdrawn', '撤回约定 Takes terms back that nobody has confirmed'],
  ] as const)
    app.post(
      `/month-terms/:id/${path}`,
      {
        config: { access: to === 'confirmed' ? 'months confirm' : 'months prepare' },
        schema: {
          summary,
          tags: ['months'],
          headers: CommandHeaders,
          params: ById,
          response: answers({ 200: ById }),
        },
      },
      async (request, reply) => {
        const key = request.headers['idempotency-key']
        const { id } = request.params
        return reply.send(granted(await months.decideTerms(actorOf(request), key, id, to)))
      },
    )

  // --- deductions --------------------------------------------------------------------------------

  app.get(
    '/month-deductions',
    {
      config: { access: 'months read' },
      schema: {
        summary: '审核扣款 Deductions, newest first',
        tags: ['months'],
        response: answers({ 200: z.object({ deductions: z.array(DeductionShape).readonly() }) }),
      },
    },
    async (request, reply) => reply.send({ deductions: await months.deductions(actorOf(request)) }),
  )

  app.post(
    '/month-deductions',
    {
      config: { access: 'months prepare' },
      schema: {
        summary: '拟扣款：须写明事由和依据 Proposes a deduction, with its reason and its rule',
        tags: ['months'],
        headers: CommandHeaders,
        body: z.strictObject({
          institution: Name,
          fund: Name,
          amount: Fen.min(1).meta({ description: 'In fen' }),
          reason: Words,
          rule: Words.meta({ description: 'The document and article that it follows from' }),
          bill: Name.optional(),
        }),
        response: answers({ 201: z.object({ id: z.uuid() }) }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      return reply
        .code(201)
        .send(granted(await months.propose(actorOf(request), key, request.body)))
    },
  )

  for (const act of ['confirm', 'withdraw', 'restore'] as const)
    app.post(
      `/month-deductions/:id/${act}`,
      {
        config: { access: act === 'withdraw' ? 'months prepare' : 'months confirm' },
        schema: {
          summary: `${DEDUCTION_ACTS[act].zh} ${DEDUCTION_ACTS[act].en}`,
          tags: ['months'],
          headers: CommandHeaders,
          params: ById,
          body: z.strictObject({ reason: Words }),
          response: answers({
            200: z.object({ id: z.uuid(), state: z.enum(namesOf(DEDUCTION_STATES)) }),
          }),
        },
      },
      async (request, reply) => {
        const key = request.headers['idempotency-key']
        const { id } = request.params
        const { reason } = request.body
        return reply.send(granted(await months.decide(actorOf(request), key, id, { act, reason })))
      },
    )

  // --- years -------------------------------------------------------------------------------------

  app.get(
    '/year-ends',
    {
      config: { access: 'months read' },
      schema: {
        summary: '年终清算 Ends of years, newest first',
        tags: ['months'],
        response: answers({ 200: z.object({ years: z.array(YearShape).readonly() }) }),
      },
    },
    async (request, reply) => reply.send({ years: await months.years(actorOf(request)) }),
  )

  app.post(
    '/year-ends',
    {
      config: { access: 'months prepare' },
      schema: {
        summary: '年度考核得分，待复核 Gives the score of a year, for a second person to confirm',
        tags: ['months'],
        headers: CommandHeaders,
        body: z.strictObject({
          institution: Name,
          fund: Name,
          year: z.int().min(2000).max(2100),
          score: Score,
          reason: Words,
        }),
        response: answers({ 201: z.object({ id: z.uuid() }) }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      return reply
        .code(201)
        .send(granted(await months.proposeYear(actorOf(request), key, request.body)))
    },
  )

  for (const [path, to, summary] of [
    ['confirm', 'confirmed', '确认年终清算 Confirms it: the deposit is paid out or forfeited'],
    ['withdraw', 'withdrawn', '撤回 Takes a score back that nobody has confirmed'],
  ] as const)
    app.post(
      `/year-ends/:id/${path}`,
      {
        config: { access: to === 'confirmed' ? 'months confirm' : 'months prepare' },
        schema: {
          summary,
          tags: ['months'],
          headers: CommandHeaders,
          params: ById,
          response: answers({ 200: ById }),
        },
      },
      async (request, reply) => {
        const key = request.headers['idempotency-key']
        const { id } = request.params
        return reply.send(granted(await months.decideYear(actorOf(request), key, id, to)))
      },
    )
}

// --- shapes --------------------------------------------------------------------------------------

const FILE = (type: string) => ({
  200: { description: 'A file', content: { [type]: { schema: z.unknown() } } },
  ...PROBLEMS,
})

const MonthText = z
  .string()
  .regex(/^20\d\d-(0[1-9]|1[0-2])$/)
  .meta({ description: '2026-03' })
const OneMonth = z.object({ institution: Name, fund: Name, month: MonthText })
const ById = z.object({ id: z.uuid() })
const Words = z.string().trim().min(1).max(500)
const Fen = z
  .int()
  .min(0)
  .max(Number.MAX_SAFE_INTEGER / 1_000)
const Rate = z.int().min(0).max(1_000_000).meta({ description: 'Parts per million' })
const Score = z.int().min(0).max(1_000).meta({ description: 'Tenths of a point: 0 to 1000' })

const TermsBody = z.strictObject({
  institution: Name,
  fund: Name.meta({ description: 'payer@place, as the ledger names funds' }),
  from: MonthText.meta({ description: 'The first month; they end with its December' }),
  depositRate: Rate,
  prepayment: Fen.meta({ description: 'In fen' }),
  backFrom: MonthText.meta({ description: 'The first month that gives the prepayment back' }),
  release: z.array(z.strictObject({ score: Score, rate: Rate })).max(20),
  document: Words,
})
const TermsShape = z.object({ ...TermsBody.shape, release: TermsBody.shape.release.readonly() })

const TermsRowShape = z
  .object({
    id: z.uuid(),
    name: z.string().meta({ description: "The institution's" }),
    terms: TermsShape,
    state: z.enum(namesOf(TERMS_STATES)),
    madeBy: z.string(),
    madeAt: z.string(),
    decidedBy: z.string().nullable(),
    decidedAt: z.string().nullable(),
  })
  .meta({ id: 'MonthTerms', description: '结算约定' })

const MonthShape = z
  .object({
    institution: z.string(),
    name: z.string(),
    fund: z.string(),
    month: z.string(),
    state: z.enum(namesOf(MONTH_STATES)),
    terms: TermsShape,
    result: z.object({
      opening: z.int(),
      claims: z.int(),
      deducted: z.int(),
      advanced: z.int(),
      given: z.int(),
      yearEnd: z.int(),
      paid: z.int(),
      deposit: z.int(),
      offset: z.int(),
      payable: z.int(),
      after: z.object({ base: z.int(), deposit: z.int(), prepaid: z.int() }),
    }),
    closedBy: z.string().nullable(),
    closedAt: z.string().nullable(),
  })
  .meta({ id: 'InstitutionMonth', description: '机构月结, in fen' })

const BillShape = z.object({
  bill: z.string(),
  settlement: z.string().nullable(),
  day: z.string(),
  kind: z.string(),
  amount: z.int(),
})

const DeductionShape = z
  .object({
    id: z.uuid(),
    no: z.int(),
    name: z.string(),
    institution: z.string(),
    fund: z.string(),
    amount: z.int(),
    reason: z.string(),
    rule: z.string(),
    bill: z.string().nullable(),
    case: z.uuid().nullable().meta({ description: 'Whose decision it follows from' }),
    state: z.enum(namesOf(DEDUCTION_STATES)),
    madeBy: z.string(),
    madeAt: z.string(),
    acts: z
      .array(
        z.object({
          act: z.enum(namesOf(DEDUCTION_ACTS)),
          user: z.string(),
          at: z.string(),
          reason: z.string().nullable(),
        }),
      )
      .readonly(),
  })
  .meta({ id: 'Deduction', description: '审核扣款, in fen' })

const YearShape = z
  .object({
    id: z.uuid(),
    name: z.string(),
    institution: z.string(),
    fund: z.string(),
    year: z.int(),
    result: z.object({
      score: z.int(),
      rate: z.int(),
      deposit: z.int(),
      released: z.int(),
      forfeited: z.int(),
      prepaidBack: z.int(),
    }),
    reason: z.string(),
    state: z.enum(namesOf(TERMS_STATES)),
    madeBy: z.string(),
    madeAt: z.string(),
    decidedBy: z.string().nullable(),
    decidedAt: z.string().nullable(),
  })
  .meta({ id: 'InstitutionYear', description: '年终清算, in fen' })
