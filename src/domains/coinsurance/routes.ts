import type { FastifyReply } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { formatRate, formatYuan } from '#base/money.ts'
import type { Result } from '#base/result.ts'
import type { Actor } from '#platform/actor.ts'
import { answers, CommandHeaders, DayText, Name, PROBLEMS } from '#platform/answers.ts'
import { Refused } from '#platform/problem.ts'
import { actorOf } from '#platform/request.ts'
import { BYTE_ORDER_MARK, csvRow } from '#platform/sheet-out.ts'
import type { CoinsuranceRefusal, CoinsuranceService, FullStatement } from './service.ts'
import { percent } from './statement.ts'
import { RECORD_STATES, type RecordState, SAID_ACTS, type SaidAct, SOURCE_GRADES } from './types.ts'

export type CoinsuranceTools = {
  readonly coinsurance: CoinsuranceService
  /** The statement on paper: of one insurer, or of the whole panel where none is named. */
  paper(statement: FullStatement, insurer: string | undefined): Promise<Buffer>
  logRead(actor: Actor, action: string, subject: string): Promise<void>
}

/** Every request about panels, the months that they share, and what insurers owe and pay. */
export const coinsuranceRoutes: FastifyPluginAsyncZod<CoinsuranceTools> = async (app, tools) => {
  const { coinsurance, logRead } = tools

  const granted = <T>(done: Result<T, CoinsuranceRefusal>): T => {
    if (done.ok) return done.value
    const { code, ...facts } = done.error
    throw new Refused({ code, facts })
  }

  // --- panels ------------------------------------------------------------------------------------

  app.get(
    '/coinsurance/products',
    {
      config: { access: 'panels read' },
      schema: {
        summary:
          '可共保的产品、基金与责任 Products that insurers can share, with fund and liabilities',
        tags: ['coinsurance'],
        response: answers({
          200: z.object({
            products: z
              .array(
                z.object({
                  scheme: z.string(),
                  title: TitleShape,
                  fund: z.string(),
                  teaching: z.boolean(),
                  rules: z.array(z.object({ rule: z.string(), title: TitleShape })).readonly(),
                }),
              )
              .readonly(),
          }),
        }),
      },
    },
    async (request, reply) =>
      reply.send({ products: await coinsurance.products(actorOf(request)) }),
  )

  app.get(
    '/coinsurance/panels',
    {
      config: { access: 'panels read' },
      schema: {
        summary: '共保体 Panels: who shares which product, from when, in which shares',
        tags: ['coinsurance'],
        response: answers({ 200: z.object({ panels: z.array(PanelShape).readonly() }) }),
      },
    },
    async (request, reply) => reply.send({ panels: await coinsurance.panels(actorOf(request)) }),
  )

  app.post(
    '/coinsurance/panels',
    {
      config: { access: 'panels write' },
      schema: {
        summary: '登记共保体，待另一人确认 Enters a panel; another person confirms it',
        tags: ['coinsurance'],
        headers: CommandHeaders,
        body: z.strictObject({
          scheme: Name,
          fund: Name,
          from: DayText,
          until: DayText,
          lead: Insurer,
          members: z
            .array(
              z.strictObject({
                insurer: Insurer,
                name: z.string().trim().min(1).max(100),
                share: z.int().min(1).max(1_000_000).meta({ description: 'Parts per million' }),
              }),
            )
            .min(1)
            .max(200),
          source: z.string().trim().min(1).max(500),
          grade: z.enum(SOURCE_GRADES),
        }),
        response: answers({ 201: OfId }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const done = await coinsurance.propose(actorOf(request), key, request.body)
      return reply.code(201).send(granted(done))
    },
  )

  app.post(
    '/coinsurance/panels/:id/confirm',
    {
      config: { access: 'panels confirm' },
      schema: {
        summary: '确认共保体 Confirms what another person entered',
        tags: ['coinsurance'],
        headers: CommandHeaders,
        params: OfId,
        response: answers({ 200: OfId }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      return reply.send(
        granted(await coinsurance.confirm(actorOf(request), key, request.params.id)),
      )
    },
  )

  app.post(
    '/coinsurance/panels/:id/withdraw',
    {
      config: { access: 'panels write' },
      schema: {
        summary: '作废共保体（尚未分摊的） Gives up a panel under which nothing was shared',
        tags: ['coinsurance'],
        headers: CommandHeaders,
        params: OfId,
        body: WithReason,
        response: answers({ 200: OfId }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const { id } = request.params
      return reply.send(
        granted(await coinsurance.withdraw(actorOf(request), key, id, request.body.reason)),
      )
    },
  )

  // --- months ------------------------------------------------------------------------------------

  app.get(
    '/coinsurance/panels/:id/months',
    {
      config: { access: 'coinsurance read' },
      schema: {
        summary: '已分摊的月份与下一个月 The months that were shared, and which comes next',
        tags: ['coinsurance'],
        params: OfId,
        response: answers({
          200: z.object({
            months: z
              .array(
                z.object({
                  month: z.string(),
                  closedBy: z.string(),
                  closedAt: z.string(),
                  claims: MovedShape,
                }),
              )
              .readonly(),
            next: z
              .object({
                month: z.string(),
                over: z.boolean().meta({ description: 'Nothing is booked in it any more' }),
              })
              .nullable(),
          }),
        }),
      },
    },
    async (request, reply) =>
      reply.send(granted(await coinsurance.months(actorOf(request), request.params.id))),
  )

  app.post(
    '/coinsurance/panels/:id/months',
    {
      config: { access: 'coinsurance close' },
      schema: {
        summary:
          '月结分摊：入账后不再改动 Shares the claims of a month; it is posted and never changed',
        tags: ['coinsurance'],
        headers: CommandHeaders,
        params: OfId,
        body: z.strictObject({ month: MonthText }),
        response: answers({
          201: z.object({
            month: z.string(),
            claims: z.int().meta({ description: 'Of the month, in fen' }),
            shared: z.int().meta({ description: 'What the others owe the lead by it, in fen' }),
          }),
        }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const { id } = request.params
      const done = await coinsurance.close(actorOf(request), key, id, request.body.month)
      return reply.code(201).send(granted(done))
    },
  )

  // --- receipts ----------------------------------------------------------------------------------

  app.get(
    '/coinsurance/panels/:id/receipts',
    {
      config: { access: 'coinsurance read' },
      schema: {
        summary: '共保款收付登记 What insurers paid the lead, or got back',
        tags: ['coinsurance'],
        params: OfId,
        response: answers({ 200: z.object({ receipts: z.array(ReceiptShape).readonly() }) }),
      },
    },
    async (request, reply) =>
      reply.send({
        receipts: granted(await coinsurance.receipts(actorOf(request), request.params.id)),
      }),
  )

  app.post(
    '/coinsurance/panels/:id/receipts',
    {
      config: { access: 'coinsurance close' },
      schema: {
        summary: '登记共保款，待另一人复核 Records money of an insurer; another person confirms it',
        tags: ['coinsurance'],
        headers: CommandHeaders,
        params: OfId,
        body: z.strictObject({
          insurer: Insurer,
          on: DayText,
          amount: z
            .int()
            .min(-MOST_FEN)
            .max(MOST_FEN)
            .refine((amount) => amount !== 0)
            .meta({ description: 'In fen: above zero to the lead, below zero from it' }),
          reference: z.string().trim().min(1).max(100),
        }),
        response: answers({ 201: OfId }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const done = await coinsurance.receive(actorOf(request), key, request.params.id, request.body)
      return reply.code(201).send(granted(done))
    },
  )

  app.post(
    '/coinsurance/receipts/:id/confirm',
    {
      config: { access: 'coinsurance confirm' },
      schema: {
        summary: '复核共保款并入账 Confirms what another person recorded, and posts it',
        tags: ['coinsurance'],
        headers: CommandHeaders,
        params: OfId,
        response: answers({ 200: OfId }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      return reply.send(
        granted(await coinsurance.confirmReceipt(actorOf(request), key, request.params.id)),
      )
    },
  )

  app.post(
    '/coinsurance/receipts/:id/withdraw',
    {
      config: { access: 'coinsurance confirm' },
      schema: {
        summary: '作废未复核的共保款 Gives up a record that nobody has confirmed',
        tags: ['coinsurance'],
        headers: CommandHeaders,
        params: OfId,
        body: WithReason,
        response: answers({ 200: OfId }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const { id } = request.params
      return reply.send(
        granted(await coinsurance.withdrawReceipt(actorOf(request), key, id, request.body.reason)),
      )
    },
  )

  // --- what is said of a month -------------------------------------------------------------------

  app.get(
    '/coinsurance/panels/:id/agreements',
    {
      config: { access: 'coinsurance read' },
      schema: {
        summary: '对账确认、异议与答复 What insurers and the lead said of each month, newest first',
        tags: ['coinsurance'],
        params: OfId,
        response: answers({ 200: z.object({ acts: z.array(ActShape).readonly() }) }),
      },
    },
    async (request, reply) =>
      reply.send({ acts: granted(await coinsurance.acts(actorOf(request), request.params.id)) }),
  )

  app.post(
    '/coinsurance/panels/:id/agreements',
    {
      config: { access: 'coinsurance agree' },
      schema: {
        summary: '共保人确认对账单或提出异议 An insurer agrees with its month, or objects to it',
        tags: ['coinsurance'],
        headers: CommandHeaders,
        params: OfId,
        body: z.discriminatedUnion('act', [
          z.strictObject({ act: z.literal('agreed'), month: MonthText }),
          z.strictObject({ act: z.literal('objected'), month: MonthText, reason: Reason }),
        ]),
        response: answers({ 201: OfId }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const said = { reason: null, ...request.body }
      const done = await coinsurance.agree(actorOf(request), key, request.params.id, said)
      return reply.code(201).send(granted(done))
    },
  )

  app.post(
    '/coinsurance/panels/:id/answers',
    {
      config: { access: 'coinsurance answer' },
      schema: {
        summary: '主承保方答复异议 The lead answers an objection',
        tags: ['coinsurance'],
        headers: CommandHeaders,
        params: OfId,
        body: z.strictObject({ month: MonthText, insurer: Insurer, reason: Reason }),
        response: answers({ 201: OfId }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const done = await coinsurance.answer(actorOf(request), key, request.params.id, request.body)
      return reply.code(201).send(granted(done))
    },
  )

  // --- statements --------------------------------------------------------------------------------

  const read = async (
    actor: Actor,
    id: string,
    asked: { readonly month?: string | undefined; readonly insurer?: string | undefined },
  ): Promise<FullStatement> => granted(await coinsurance.statement(actor, id, asked))

  app.get(
    '/coinsurance/panels/:id/statement',
    {
      config: { access: 'coinsurance read' },
      schema: {
        summary:
          '年度报表与共保人对账单 The year to a month that is closed; of one insurer where it is named',
        tags: ['coinsurance'],
        params: OfId,
        querystring: OfStatement,
        response: answers({ 200: StatementShape }),
      },
    },
    async (request, reply) =>
      reply.send(await read(actorOf(request), request.params.id, request.query)),
  )

  app.get(
    '/coinsurance/panels/:id/statement.csv',
    {
      config: { access: 'coinsurance read' },
      schema: {
        summary: '对账单（CSV） The same as CSV; amounts in yuan',
        tags: ['coinsurance'],
        params: OfId,
        querystring: OfStatement,
        response: fileOf('text/csv', 'CSV'),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const statement = await read(actor, request.params.id, request.query)
      await logRead(actor, 'export coinsurance statement', request.params.id)
      named(reply, statement, 'csv')
      return reply
        .type('text/csv; charset=utf-8')
        .send(BYTE_ORDER_MARK + rowsOf(statement).map(csvRow).join(''))
    },
  )

  app.get(
    '/coinsurance/panels/:id/statement.pdf',
    {
      config: { access: 'coinsurance read' },
      schema: {
        summary: '对账单（PDF） The same on paper',
        tags: ['coinsurance'],
        params: OfId,
        querystring: OfStatement,
        response: fileOf('application/pdf', 'PDF'),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const statement = await read(actor, request.params.id, request.query)
      await logRead(actor, 'print coinsurance statement', request.params.id)
      named(reply, statement, 'pdf')
      return reply.type('application/pdf').send(await tools.paper(statement, statement.of))
    },
  )
}

const named = (reply: FastifyReply, { month, of }: FullStatement, ending: string) =>
  reply.header(
    'content-disposition',
    `inline; filename="coinsurance-${month}${of === undefined ? '' : `-${of}`}.${ending}"`,
  )

/** A statement as rows: what it is of, its number and name, and its amounts in the month and in the year. */
function rowsOf({
  month,
  panel,
  product,
  enrolled,
  premium,
  claims,
  liabilities,
  lossRatio,
  insurers,
  account,
  asOf,
  printedOn,
}: FullStatement): string[][] {
  const amounts = ({ inMonth, inYear }: { readonly inMonth: number; readonly inYear: number }) => [
    formatYuan(inMonth),
    formatYuan(inYear),
  ]
  const { scheme, from, until, source, grade } = panel
  return [
    ['part', 'id', 'name', 'in_month', 'in_year'],
    ['product', scheme, product.zh, month, `${from}/${until}`],
    ['source', grade, source, '', ''],
    ['as_of', '', '', '', asOf],
    ['printed_on', '', '', '', printedOn],
    ['insured', 'at_month_end', '', String(enrolled.insured), ''],
    ['insured', 'in_year', '', '', String(enrolled.everInsured)],
    ['insured', 'preexisting', '', '', String(enrolled.preexisting)],
    ['premium', 'due', '', '', formatYuan(enrolled.premiumDue)],
    ['premium', 'collected', '', '', formatYuan(enrolled.premiumCollected)],
    ['premium', 'refunded', '', '', formatYuan(enrolled.premiumRefunded)],
    ['premium', 'net', '', '', formatYuan(premium)],
    ...liabilities.map((each) => ['claims', each.rule, each.title.zh, ...amounts(each)]),
    ['claims', '', '', ...amounts(claims)],
    ['loss_ratio', '', '', '', lossRatio === undefined ? '' : percent(lossRatio)],
    ...insurers.flatMap(({ insurer, name, ...line }) => [
      ['share', insurer, name, '', formatRate(line.share)],
      ['premium_share', insurer, name, '', formatYuan(line.premium)],
      ['claims_share', insurer, name, ...amounts(line.claims)],
      ['opening', insurer, name, formatYuan(line.opening), ''],
      ['paid', insurer, name, ...amounts(line.paid)],
      ['closing', insurer, name, formatYuan(line.closing), ''],
      ['owes_today', insurer, name, '', formatYuan(line.owes)],
    ]),
    ...account.flatMap(({ month: of, ...line }) =>
      (['opening', 'claims', 'paid', 'closing'] as const).map((name) => [
        'account',
        of,
        name,
        formatYuan(line[name]),
        '',
      ]),
    ),
  ]
}

// --- shapes --------------------------------------------------------------------------------------

/** A hundred billion yuan: more is a slip of the pen. */
const MOST_FEN = 10_000_000_000_000

const fileOf = (type: string, description: string) => ({
  200: { description, content: { [type]: { schema: z.unknown() } } },
  ...PROBLEMS,
})

const OfId = z.object({ id: z.uuid() })
const Insurer = z
  .string()
  .regex(/^[A-Z0-9][A-Z0-9-]{0,19}$/)
  .meta({ description: 'Capitals, digits and hyphens: R02' })
const MonthText = z.string().regex(/^[1-9]\d{3}-(0[1-9]|1[0-2])$/)
const Reason = z.string().trim().min(1).max(2_000)
const WithReason = z.strictObject({ reason: Reason })
const OfStatement = z.object({ month: MonthText.optional(), insurer: Insurer.optional() })
const TitleShape = z.object({ zh: z.string(), en: z.string() })
const MovedShape = z.object({
  inMonth: z.int(),
  inYear: z.int().meta({ description: 'From the first day of the panel' }),
})

const recorded = {
  state: z.enum(Object.keys(RECORD_STATES) as [RecordState]),
  madeBy: z.string(),
  madeAt: z.string(),
  decidedBy: z.string().nullable(),
  decidedAt: z.string().nullable(),
  reason: z.string().nullable(),
}

const PanelShape = z
  .object({
    id: z.uuid(),
    scheme: z.string(),
    fund: z.string(),
    from: z.string(),
    until: z.string(),
    lead: z.string(),
    members: z
      .array(z.object({ insurer: z.string(), name: z.string(), share: z.int() }))
      .readonly(),
    rules: z.array(z.string()).readonly(),
    source: z.string(),
    grade: z.enum(SOURCE_GRADES),
    closedUntil: z.string().nullable(),
    ...recorded,
  })
  .meta({ id: 'CoinsurancePanel', description: '共保体: shares in parts per million' })

const ReceiptShape = z.object({
  id: z.uuid(),
  panel: z.uuid(),
  insurer: z.string(),
  on: z.string(),
  amount: z.int(),
  reference: z.string(),
  ...recorded,
})

const ActShape = z.object({
  id: z.uuid(),
  month: z.string(),
  insurer: z.string(),
  act: z.enum(Object.keys(SAID_ACTS) as [SaidAct]),
  reason: z.string().nullable(),
  closing: z.int().meta({ description: 'What it owed at the end of the month, as seen then' }),
  madeBy: z.string(),
  madeAt: z.string(),
})

const StatementShape = z
  .object({
    month: z.string(),
    asOf: z.string().meta({ description: 'The day on which the month was shared' }),
    printedOn: z.string(),
    panel: PanelShape.extend({ leadName: z.string() }),
    product: TitleShape,
    teaching: z.boolean(),
    enrolled: z.object({
      insured: z.int(),
      everInsured: z.int(),
      preexisting: z.int(),
      premiumDue: z.int(),
      premiumCollected: z.int(),
      premiumRefunded: z.int(),
    }),
    premium: z.int(),
    claims: MovedShape,
    liabilities: z.array(MovedShape.extend({ rule: z.string(), title: TitleShape })).readonly(),
    lossRatio: z.int().optional().meta({ description: 'Parts per million' }),
    account: z
      .array(
        z.object({
          month: z.string(),
          opening: z.int(),
          claims: z.int(),
          paid: z.int(),
          closing: z.int(),
        }),
      )
      .readonly()
      .meta({ description: 'Of the insurer that was asked for, month by month' }),
    insurers: z
      .array(
        z.object({
          insurer: z.string(),
          name: z.string(),
          share: z.int(),
          leads: z.boolean(),
          premium: z.int(),
          claims: MovedShape,
          opening: z.int(),
          paid: MovedShape,
          closing: z.int(),
          owes: z.int(),
        }),
      )
      .readonly(),
  })
  .meta({ id: 'CoinsuranceStatement', description: '共保对账: amounts in fen' })
