import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { formatYuan } from '#base/money.ts'
import { parsePlainDate } from '#base/plain-date.ts'
import type { Result } from '#base/result.ts'
import type { Actor } from '#platform/actor.ts'
import { answers, CommandHeaders, Name, PROBLEMS } from '#platform/answers.ts'
import { Refused } from '#platform/problem.ts'
import { actorOf } from '#platform/request.ts'
import { BYTE_ORDER_MARK, csvRow } from '#platform/sheet-out.ts'
import type { RegionRefusal, RegionService, RegionStatement } from './service.ts'
import {
  ENTERED_STATES,
  type EnteredState,
  PREPAYMENT_KINDS,
  type PrepaymentKind,
  REGION_MONTH_STATES,
  type RegionMonthState,
  TERMS_GRADES,
  WARNINGS,
  type Warning,
} from './types.ts'

export type RegionTools = {
  readonly regions: RegionService
  logRead(actor: Actor, action: string, subject: string): Promise<void>
  /** 异地就医清算单 on paper. */
  printRegionMonth(statement: RegionStatement): Promise<Buffer>
}

/** As many bills as are shown with a month; the file of them holds so many at most. */
const SHOWN_BILLS = 100
const MOST_BILLS = 200_000

/** Every request about clearing between regions: pairs, months, terms, prepayments. */
export const regionRoutes: FastifyPluginAsyncZod<RegionTools> = async (app, tools) => {
  const { regions, logRead } = tools

  const granted = <T>(done: Result<T, RegionRefusal>): T => {
    if (done.ok) return done.value
    const { code, ...facts } = done.error
    throw new Refused({ code, facts })
  }

  // --- pairs and months --------------------------------------------------------------------------

  app.get(
    '/regions/pairs',
    {
      config: { access: 'regions read' },
      schema: {
        summary:
          '异地清算：参保地与就医地、预付金、预警、下一个月 The regions that clear, their prepayments and what is next',
        tags: ['regions'],
        response: answers({ 200: z.object({ pairs: z.array(PairShape).readonly() }) }),
      },
    },
    async (request, reply) => reply.send({ pairs: await regions.pairs(actorOf(request)) }),
  )

  app.get(
    '/regions/months',
    {
      config: { access: 'regions read' },
      schema: {
        summary: '两地各月清算 The months of two regions, newest first',
        tags: ['regions'],
        querystring: OfRegions,
        response: answers({ 200: z.object({ months: z.array(MonthShape).readonly() }) }),
      },
    },
    async (request, reply) =>
      reply.send({ months: granted(await regions.months(actorOf(request), request.query)) }),
  )

  app.get(
    '/regions/statement',
    {
      config: { access: 'regions read' },
      schema: {
        summary: '异地就医清算单 A month of two regions, by fund, with its first bills',
        tags: ['regions'],
        querystring: OfMonth,
        response: answers({
          200: z.object({
            view: MonthShape,
            insuredName: TitleShape,
            treatingName: TitleShape,
            printedOn: z.string(),
            bills: z.array(BillShape).readonly(),
          }),
        }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const found = granted(await regions.statement(actor, request.query, SHOWN_BILLS))
      await logRead(actor, 'read region statement', subjectOf(request.query))
      return reply.send(found)
    },
  )

  app.get(
    '/regions/statement.pdf',
    {
      config: { access: 'regions read' },
      schema: {
        summary: '异地就医清算单（PDF） The statement, to print',
        tags: ['regions'],
        querystring: OfMonth,
        response: fileOf('application/pdf', 'PDF'),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const found = granted(await regions.statement(actor, request.query, 0))
      await logRead(actor, 'print region statement', subjectOf(request.query))
      return reply
        .type('application/pdf')
        .header('content-disposition', `inline; filename="${fileName(request.query)}.pdf"`)
        .send(await tools.printRegionMonth(found))
    },
  )

  app.get(
    '/regions/statement.csv',
    {
      config: { access: 'regions read' },
      schema: {
        summary:
          '清算明细（CSV，国家平台字段名） Every bill of a month, by the national names of fields; amounts in yuan',
        tags: ['regions'],
        querystring: OfMonth,
        response: fileOf('text/csv', 'CSV'),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { insured, treating, month } = request.query
      const { bills } = granted(await regions.statement(actor, request.query, MOST_BILLS + 1))
      await logRead(actor, 'export region statement', subjectOf(request.query))
      if (bills.length > MOST_BILLS)
        throw new Refused({ code: 'too_many_bills', facts: { most: MOST_BILLS } })
      const titles = [
        'setlym',
        'insuplc_admdvs',
        'mdtrtarea_admvs',
        'fixmedins_name',
        'bill',
        'setl_id',
        'booked_on',
        'kind',
        'fund',
        'fund_payamt',
      ]
      const rows = bills.map((each) => [
        month.replace('-', ''),
        insured,
        treating,
        each.institution,
        each.bill,
        each.settlement ?? '',
        each.day,
        each.kind,
        each.fund,
        formatYuan(each.amount),
      ])
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="${fileName(request.query)}.csv"`)
        .send(BYTE_ORDER_MARK + [titles, ...rows].map((row) => csvRow(row)).join(''))
    },
  )

  for (const [path, access, act, summary] of [
    [
      'close',
      'regions close',
      regions.close,
      '关账：当月应付定案，待另一人确认 Closes a month; another person confirms it',
    ],
    [
      'confirm',
      'regions confirm',
      regions.confirm,
      '确认清算：基金应付就医地，账单视为已清算 Confirms a month that another person closed: it is owed',
    ],
  ] as const)
    app.post(
      `/regions/months/${path}`,
      {
        config: { access },
        schema: {
          summary,
          tags: ['regions'],
          headers: CommandHeaders,
          body: z.strictObject({ ...regionFields, month: MonthText }),
          response: answers({
            200: z.object({
              month: z.string(),
              amount: z.int().meta({ description: 'In fen: above zero is owed to 就医地' }),
            }),
          }),
        },
      },
      async (request, reply) => {
        const key = request.headers['idempotency-key']
        return reply.send(granted(await act(actorOf(request), key, request.body)))
      },
    )

  // --- terms -------------------------------------------------------------------------------------

  app.get(
    '/regions/terms',
    {
      config: { access: 'regions read' },
      schema: {
        summary: '清算约定与全国规则 What regions agreed, and the rule that holds otherwise',
        tags: ['regions'],
        response: answers({
          200: z.object({
            rules: z.array(TermsShape).readonly(),
            terms: z
              .array(z.object({ id: z.uuid(), ...regionFields, terms: TermsShape, ...recorded }))
              .readonly(),
          }),
        }),
      },
    },
    async (request, reply) => reply.send(await regions.terms(actorOf(request))),
  )

  app.post(
    '/regions/terms',
    {
      config: { access: 'regions close' },
      schema: {
        summary: '登记两地清算约定，待复核 Enters what two regions agreed; another person confirms',
        tags: ['regions'],
        headers: CommandHeaders,
        body: z.strictObject({ ...regionFields, ...termsFields }),
        response: answers({ 201: OfId }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const done = await regions.propose(actorOf(request), key, request.body)
      return reply.code(201).send(granted(done))
    },
  )

  // --- prepayments -------------------------------------------------------------------------------

  app.get(
    '/regions/prepayments',
    {
      config: { access: 'regions read' },
      schema: {
        summary: '预付金：初始、年度核定、紧急调增 What moved prepayments, newest first',
        tags: ['regions'],
        response: answers({ 200: z.object({ prepayments: z.array(PrepaymentShape).readonly() }) }),
      },
    },
    async (request, reply) =>
      reply.send({ prepayments: await regions.prepayments(actorOf(request)) }),
  )

  app.post(
    '/regions/prepayments',
    {
      config: { access: 'regions close' },
      schema: {
        summary:
          '登记预付金变动，待复核；年度核定由系统计算 Enters what is to move a prepayment; that of a year is worked out',
        tags: ['regions'],
        headers: CommandHeaders,
        body: z.strictObject({
          ...regionFields,
          kind: z.enum(Object.keys(PREPAYMENT_KINDS) as [PrepaymentKind]),
          fund: Name.meta({ description: 'Of 参保地, as the ledger names it: payer@place' }),
          year: z.int().min(2000).max(2999),
          amount: z
            .int()
            .min(1)
            .max(MOST_FEN)
            .optional()
            .meta({ description: 'In fen; left out where a year is worked out' }),
          document: z.string().trim().min(1).max(500),
        }),
        response: answers({
          201: z.object({
            id: z.uuid(),
            amount: z.int().meta({ description: 'In fen; below zero comes back' }),
          }),
        }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const done = await regions.prepay(actorOf(request), key, request.body)
      return reply.code(201).send(granted(done))
    },
  )

  // --- two persons -------------------------------------------------------------------------------

  for (const [what, decide, zh, en] of [
    ['terms', regions.decideTerms, '清算约定', 'terms'],
    ['prepayments', regions.decidePrepayment, '预付金变动', 'what moves a prepayment'],
  ] as const) {
    app.post(
      `/regions/${what}/:id/confirm`,
      {
        config: { access: 'regions confirm' },
        schema: {
          summary: `确认${zh} Confirms ${en} that another person entered`,
          tags: ['regions'],
          headers: CommandHeaders,
          params: OfId,
          response: answers({ 200: OfId }),
        },
      },
      async (request, reply) => {
        const key = request.headers['idempotency-key']
        const { id } = request.params
        return reply.send(granted(await decide(actorOf(request), key, id, { state: 'confirmed' })))
      },
    )
    app.post(
      `/regions/${what}/:id/withdraw`,
      {
        config: { access: 'regions confirm' },
        schema: {
          summary: `作废未确认的${zh} Gives up ${en} that nobody has confirmed`,
          tags: ['regions'],
          headers: CommandHeaders,
          params: OfId,
          body: z.strictObject({ reason: z.string().trim().min(1).max(2_000) }),
          response: answers({ 200: OfId }),
        },
      },
      async (request, reply) => {
        const key = request.headers['idempotency-key']
        const { id } = request.params
        const { reason } = request.body
        return reply.send(
          granted(await decide(actorOf(request), key, id, { state: 'withdrawn', reason })),
        )
      },
    )
  }
}

type Asked = { readonly insured: string; readonly treating: string; readonly month: string }
const subjectOf = ({ insured, treating, month }: Asked) => `${month} ${insured} ${treating}`
const fileName = ({ insured, treating, month }: Asked) => `clearing-${insured}-${treating}-${month}`

// --- shapes --------------------------------------------------------------------------------------

/** A hundred billion yuan: more is a slip of the pen. */
const MOST_FEN = 10_000_000_000_000

const fileOf = (type: string, description: string) => ({
  200: { description, content: { [type]: { schema: z.unknown() } } },
  ...PROBLEMS,
})

const Division = z
  .string()
  .regex(/^\d{6}$/)
  .meta({ description: '行政区划代码, six digits' })
const regionFields = {
  insured: Division.meta({ description: '参保地 insuplc_admdvs' }),
  treating: Division.meta({ description: '就医地 mdtrtarea_admvs' }),
}
const MonthText = z.string().regex(/^[1-9]\d{3}-(0[1-9]|1[0-2])$/)
const OfRegions = z.object(regionFields)
const OfMonth = z.object({ ...regionFields, month: MonthText })
const OfId = z.object({ id: z.uuid() })
const TitleShape = z.object({ zh: z.string(), en: z.string() })
const Share = z.int().min(0).max(1_000_000).meta({ description: 'Parts per million' })

const termsFields = {
  from: MonthText,
  prepaymentMonths: z.int().min(0).max(12),
  yellow: Share.meta({ description: 'Share of the prepayment used, in parts per million' }),
  red: Share,
  stateUntilDay: z.int().min(1).max(28).meta({ description: 'Day of the next month' }),
  payWithinDays: z.int().min(1).max(90).meta({ description: 'Working days' }),
  rebaseUntil: z
    .string()
    .regex(/^\d{2}-\d{2}$/)
    .meta({ description: 'Month and day' }),
  source: z.string().trim().min(1).max(500),
  grade: z.enum(TERMS_GRADES),
}
const TermsShape = z
  .object({ ...termsFields, from: z.string() })
  .meta({ id: 'ClearingTerms', description: '异地清算约定' })

const recorded = {
  state: z.enum(Object.keys(ENTERED_STATES) as [EnteredState]),
  madeBy: z.string(),
  madeAt: z.string(),
  decidedBy: z.string().nullable(),
  decidedAt: z.string().nullable(),
  reason: z.string().nullable(),
}

const PositionShape = z.object({
  due: z.int(),
  paid: z.int(),
  used: z.int(),
  left: z.int(),
  usedShare: z.int().nullable().meta({ description: 'Used of paid, in parts per million' }),
  warning: z.enum(Object.keys(WARNINGS) as [Warning]),
})

const RebaseShape = z.object({
  year: z.int(),
  months: z.array(z.object({ month: z.string(), amount: z.int() })).readonly(),
  target: z.int(),
  standing: z.int(),
  difference: z.int(),
})

const PairShape = z
  .object({
    ...regionFields,
    insuredName: TitleShape,
    treatingName: TitleShape,
    terms: TermsShape,
    position: PositionShape,
    unconfirmed: z.int(),
    next: z.string(),
    isOver: z.boolean().meta({ description: 'Nothing is booked in the next month any more' }),
    rebase: RebaseShape.nullable(),
  })
  .meta({ id: 'RegionPair', description: '参保地与就医地: amounts in fen' })

const MonthShape = z
  .object({
    ...regionFields,
    month: z.string(),
    funds: z
      .array(z.object({ fund: z.string(), bills: z.int(), settled: z.int(), changed: z.int() }))
      .readonly(),
    amount: z.int(),
    state: z.enum(Object.keys(REGION_MONTH_STATES) as [RegionMonthState]),
    closedBy: z.string().nullable(),
    closedAt: z.string().nullable(),
    confirmedBy: z.string().nullable(),
    confirmedAt: z.string().nullable(),
    stateUntil: z.string(),
    payUntil: z.string().nullable(),
    isLate: z.boolean(),
    terms: TermsShape,
  })
  .meta({ id: 'RegionMonth', description: '异地清算月: amounts in fen, above zero owed to 就医地' })

const BillShape = z.object({
  bill: z.string(),
  settlement: z.string().nullable(),
  institution: z.string(),
  day: z.string().refine((text) => parsePlainDate(text) !== undefined),
  kind: z.string(),
  fund: z.string(),
  amount: z.int(),
})

const PrepaymentShape = z.object({
  id: z.uuid(),
  ...regionFields,
  kind: z.enum(Object.keys(PREPAYMENT_KINDS) as [PrepaymentKind]),
  fund: z.string(),
  year: z.int(),
  amount: z.int(),
  document: z.string(),
  paid: z.enum(['owed', 'ordered', 'paid']).nullable(),
  ...recorded,
})
