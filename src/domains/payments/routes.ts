import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { formatYuan } from '#base/money.ts'
import type { Result } from '#base/result.ts'
import type { Actor } from '#platform/actor.ts'
import { answers, CommandHeaders, DayText, Name, PROBLEMS } from '#platform/answers.ts'
import { Refused } from '#platform/problem.ts'
import { actorOf } from '#platform/request.ts'
import { BYTE_ORDER_MARK, csvRow } from '#platform/sheet-out.ts'
import { pain001 } from './pain001.ts'
import type { PaymentRefusal, PaymentService } from './service.ts'
import {
  ANSWERS,
  BATCH_STATES,
  type BatchState,
  BREAKS,
  type BreakKind,
  HOLDERS,
  ITEM_STATES,
  type ItemState,
} from './types.ts'

export type PaymentTools = {
  readonly payments: PaymentService
  logRead(actor: Actor, action: string, subject: string): Promise<void>
}

/** A status file of the largest batch that is looked through by people. */
const MOST_TEXT = 7_000_000

/** Every request about what is paid, to whom, and what banks answered. */
export const paymentRoutes: FastifyPluginAsyncZod<PaymentTools> = async (app, tools) => {
  const { payments, logRead } = tools

  const granted = <T>(done: Result<T, PaymentRefusal>): T => {
    if (done.ok) return done.value
    const { code, ...facts } = done.error
    throw new Refused({ code, facts })
  }

  // --- accounts ----------------------------------------------------------------------------------

  app.get(
    '/payment-accounts',
    {
      config: { access: 'payees read' },
      schema: {
        summary:
          '收付款账户（账号遮盖） Bank accounts of funds and of everybody whom they pay; masked',
        tags: ['payments'],
        querystring: z.object({ holder: z.enum(HOLDERS).optional(), id: Name.optional() }),
        response: answers({ 200: z.object({ accounts: z.array(AccountShape).readonly() }) }),
      },
    },
    async (request, reply) => {
      const { holder, id } = request.query
      const actor = actorOf(request)
      await logRead(actor, 'read payment accounts', id ?? '')
      return reply.send({ accounts: await payments.accounts(actor, { holder, holderId: id }) })
    },
  )

  app.post(
    '/payment-accounts',
    {
      config: { access: 'payees write' },
      schema: {
        summary: '登记账户，自某日起用 Gives somebody an account, from a day on',
        tags: ['payments'],
        headers: CommandHeaders,
        body: z.strictObject({
          holder: z.enum(HOLDERS),
          holderId: Name,
          from: DayText,
          kind: z.enum(['card', 'account']),
          name: z.string().trim().min(1).max(140),
          number: z.string().trim().min(1).max(40),
          bankCode: z.string().trim().min(1).max(20),
          bankName: z.string().trim().min(1).max(140),
          answerDays: z.int().min(1).max(30).optional(),
          document: z.string().trim().min(1).max(200),
        }),
        response: answers({ 201: z.object({ id: z.uuid() }) }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      return reply
        .code(201)
        .send(granted(await payments.addAccount(actorOf(request), key, request.body)))
    },
  )

  // --- batches -----------------------------------------------------------------------------------

  app.post(
    '/payments/trial',
    {
      config: { access: 'payments read' },
      schema: {
        summary:
          '付款预览：应付与不能付的 What a batch would order, and what not and why; nothing is kept',
        tags: ['payments'],
        body: ToGather,
        response: answers({
          200: z.object({
            orders: z
              .array(
                z.object({
                  fund: z.string(),
                  payee: z.string(),
                  amount: z.int(),
                  name: z.string(),
                  number: z.string(),
                }),
              )
              .readonly(),
            left: z.array(LeftShape).readonly(),
          }),
        }),
      },
    },
    async (request, reply) => reply.send(await payments.preview(actorOf(request), request.body)),
  )

  app.post(
    '/payments',
    {
      config: { access: 'payments make' },
      schema: {
        summary: '生成付款批次草稿 Makes the draft of a payment batch',
        tags: ['payments'],
        headers: CommandHeaders,
        body: ToGather,
        response: answers({ 201: z.object({ id: z.uuid() }) }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      return reply.code(201).send(granted(await payments.make(actorOf(request), key, request.body)))
    },
  )

  app.get(
    '/payments',
    {
      config: { access: 'payments read' },
      schema: {
        summary: '付款批次 Payment batches, newest first',
        tags: ['payments'],
        querystring: z.object({ before: z.coerce.number().int().min(1).default(2_147_483_647) }),
        response: answers({
          200: z.object({
            batches: z.array(BatchShape.extend({ items: SumsShape })).readonly(),
            held: z
              .object({ no: z.int(), since: z.string(), cause: z.string() })
              .nullable()
              .meta({ description: 'Nothing may be ordered until it is reconciled' }),
            next: z.int().optional(),
          }),
        }),
      },
    },
    async (request, reply) =>
      reply.send(await payments.batches(actorOf(request), request.query.before)),
  )

  app.get(
    '/payments/:id',
    {
      config: { access: 'payments read' },
      schema: {
        summary: '付款批次及明细 A batch, its history and its orders',
        tags: ['payments'],
        params: ById,
        querystring: z.object({ after: z.coerce.number().int().min(0).default(0) }),
        response: answers({
          200: BatchShape.extend({
            sums: SumsShape,
            moves: z
              .array(
                z.object({
                  act: z.string(),
                  user: z.string(),
                  at: z.string(),
                  reason: z.string().nullable(),
                }),
              )
              .readonly(),
            orders: z.array(OrderShape).readonly(),
            next: z.int().optional(),
          }),
        }),
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const actor = actorOf(request)
      await logRead(actor, 'read payment batch', id)
      return reply.send(granted(await payments.batch(actor, id, request.query.after)))
    },
  )

  app.post(
    '/payments/:id/submit',
    {
      config: { access: 'payments make' },
      schema: {
        summary: '提交复核 Hands a draft to a second person',
        tags: ['payments'],
        headers: CommandHeaders,
        params: ById,
        response: answers({ 200: MovedShape }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      return reply.send(granted(await payments.submit(actorOf(request), key, request.params.id)))
    },
  )

  app.post(
    '/payments/:id/rework',
    {
      config: { access: 'payments release' },
      schema: {
        summary: '退回修改 Sends a batch back to its maker',
        tags: ['payments'],
        headers: CommandHeaders,
        params: ById,
        body: Why,
        response: answers({ 200: MovedShape }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const { reason } = request.body
      return reply.send(
        granted(await payments.rework(actorOf(request), key, request.params.id, reason)),
      )
    },
  )

  app.post(
    '/payments/:id/withdraw',
    {
      config: { access: 'payments make' },
      schema: {
        summary: '作废未放行的批次 Gives a batch up that was not released',
        tags: ['payments'],
        headers: CommandHeaders,
        params: ById,
        body: Why,
        response: answers({ 200: MovedShape }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const { reason } = request.body
      return reply.send(
        granted(await payments.withdraw(actorOf(request), key, request.params.id, reason)),
      )
    },
  )

  app.post(
    '/payments/:id/release',
    {
      config: { access: 'payments release' },
      schema: {
        summary: '放行（须由另一人） Releases a batch: somebody other than its maker orders it',
        tags: ['payments'],
        headers: CommandHeaders,
        params: ById,
        body: z
          .strictObject({ orders: z.int().min(1), amount: z.int().min(1) })
          .meta({ description: 'What was reviewed: refused where the batch is another by now' }),
        response: answers({ 200: MovedShape }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      return reply.send(
        granted(await payments.release(actorOf(request), key, request.params.id, request.body)),
      )
    },
  )

  app.post(
    '/payments/:id/send',
    {
      config: { access: 'payments make' },
      schema: {
        summary: '登记已送银行 Records that the file was handed to the bank',
        tags: ['payments'],
        headers: CommandHeaders,
        params: ById,
        response: answers({ 200: MovedShape }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      return reply.send(granted(await payments.send(actorOf(request), key, request.params.id)))
    },
  )

  app.post(
    '/payments/:id/close',
    {
      config: { access: 'payments make' },
      schema: {
        summary: '关闭批次 Closes a batch in which nothing is open',
        tags: ['payments'],
        headers: CommandHeaders,
        params: ById,
        response: answers({ 200: MovedShape }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      return reply.send(granted(await payments.close(actorOf(request), key, request.params.id)))
    },
  )

  app.get(
    '/payments/:id/pain001.xml',
    {
      config: { access: 'payments make' },
      schema: {
        summary: '付款文件（ISO 20022 pain.001.001.09） The order for the bank',
        tags: ['payments'],
        params: ById,
        response: FILE('application/xml'),
      },
    },
    async (request, reply) => {
      const message = granted(await payments.message(actorOf(request), request.params.id))
      return reply
        .type('application/xml; charset=utf-8')
        .header('content-disposition', `attachment; filename="${message.id}.xml"`)
        .send(pain001(message))
    },
  )

  app.get(
    '/payments/:id/orders.csv',
    {
      config: { access: 'payments make' },
      schema: {
        summary: '付款文件（CSV） The same as CSV; amounts in yuan',
        tags: ['payments'],
        params: ById,
        response: FILE('text/csv'),
      },
    },
    async (request, reply) => {
      const message = granted(await payments.message(actorOf(request), request.params.id))
      const rows = message.funds.flatMap(({ debtor, orders }) =>
        orders.map(({ endToEnd, amount, payee }) =>
          csvRow([
            message.id,
            endToEnd,
            message.payOn,
            debtor.name,
            debtor.number,
            debtor.bankCode,
            payee.name,
            payee.number,
            payee.bankCode,
            payee.bankName,
            formatYuan(amount),
            'CNY',
          ]),
        ),
      )
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="${message.id}.csv"`)
        .send(BYTE_ORDER_MARK + csvRow(ORDER_COLUMNS) + rows.join(''))
    },
  )

  // --- orders ------------------------------------------------------------------------------------

  app.get(
    '/payment-orders/:id',
    {
      config: { access: 'payments read' },
      schema: {
        summary:
          '一笔付款：对应账单、规则与银行回盘 One order: what it pays, by which rules, and what its bank answered',
        tags: ['payments'],
        params: ById,
        response: answers({
          200: OrderShape.extend({
            entries: z
              .array(
                z.object({
                  subject: z.string(),
                  kind: z.string(),
                  amount: z.int(),
                  day: z.string(),
                  bill: z.string().nullable(),
                  settlement: z.uuid().nullable(),
                  rules: z.array(z.string()).readonly(),
                }),
              )
              .readonly(),
            answers: z
              .array(
                z.object({
                  at: z.string(),
                  file: z.string(),
                  status: z.enum(ANSWERS),
                  amount: z.int().nullable(),
                  reason: z.string().nullable(),
                  effect: z.string(),
                }),
              )
              .readonly(),
          }),
        }),
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const actor = actorOf(request)
      await logRead(actor, 'read payment', id)
      return reply.send(granted(await payments.item(actor, id)))
    },
  )

  app.post(
    '/payment-orders/:id/leave-out',
    {
      config: { access: 'payments make' },
      schema: {
        summary: '移出草稿 Takes one order out of a draft',
        tags: ['payments'],
        headers: CommandHeaders,
        params: ById,
        response: answers({ 200: z.object({ id: z.uuid() }) }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      return reply.send(granted(await payments.leaveOut(actorOf(request), key, request.params.id)))
    },
  )

  app.post(
    '/payment-orders/:id/confirm-failure',
    {
      config: { access: 'payments make' },
      schema: {
        summary: '确认付款失败，转回应付 Confirms that an order stays unpaid: it is owed again',
        tags: ['payments'],
        headers: CommandHeaders,
        params: ById,
        body: Why,
        response: answers({ 200: z.object({ id: z.uuid() }) }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const { reason } = request.body
      return reply.send(
        granted(await payments.confirmFailure(actorOf(request), key, request.params.id, reason)),
      )
    },
  )

  // --- answers and breaks ------------------------------------------------------------------------

  app.post(
    '/payment-answers',
    {
      config: { access: 'payments make' },
      schema: {
        summary:
          '银行回盘文件（pain.002.001.10 或 CSV） Takes a status file in; the same again changes nothing',
        tags: ['payments'],
        headers: CommandHeaders,
        body: z.strictObject({
          name: z.string().trim().min(1).max(200),
          text: z.string().min(1).max(MOST_TEXT),
        }),
        response: answers({
          200: z.object({
            again: z.boolean().meta({ description: 'The file had been taken in before' }),
            answers: z.int(),
            moved: z.int(),
            same: z.int(),
            breaks: z.int(),
          }),
        }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      return reply.send(granted(await payments.takeIn(actorOf(request), key, request.body)))
    },
  )

  app.get(
    '/payment-breaks',
    {
      config: { access: 'payments read' },
      schema: {
        summary: '对账差异 What does not fit, and orders that have waited too long for an answer',
        tags: ['payments'],
        querystring: z.object({ open: z.enum(['true', 'false']).default('true') }),
        response: answers({
          200: z.object({
            breaks: z
              .array(
                z.object({
                  id: z.uuid(),
                  kind: z.enum(Object.keys(BREAKS) as [BreakKind]),
                  endToEnd: z.string(),
                  item: z.uuid().nullable(),
                  status: z.string(),
                  amount: z.int().nullable(),
                  fund: z.string().nullable(),
                  payee: z.string().nullable(),
                  raisedBy: z.string(),
                  raisedAt: z.string(),
                  decision: z.enum(['booked', 'dismissed']).nullable(),
                  decidedBy: z.string().nullable(),
                  reason: z.string().nullable(),
                }),
              )
              .readonly(),
            missing: z
              .array(
                z.object({
                  item: z.uuid(),
                  batch: z.uuid(),
                  endToEnd: z.string(),
                  fund: z.string(),
                  payee: z.string(),
                  amount: z.int(),
                  sentOn: z.string(),
                  answerDays: z.int(),
                  due: z.string().nullable(),
                }),
              )
              .readonly(),
            uncounted: z.int().meta({
              description:
                'Orders whose last day cannot be told: holidays of the year are not known',
            }),
          }),
        }),
      },
    },
    async (request, reply) =>
      reply.send(await payments.breaks(actorOf(request), { open: request.query.open === 'true' })),
  )

  app.post(
    '/payment-breaks/:id/decide',
    {
      config: { access: 'payments release' },
      schema: {
        summary:
          '处理差异（须由另一人） Decides a break: somebody other than who took the answer in',
        tags: ['payments'],
        headers: CommandHeaders,
        params: ById,
        body: Why.extend({
          decision: z.enum(['booked', 'dismissed']),
          fund: Name.optional(),
          payee: z
            .string()
            .regex(/^(institution|person|region|insurer|coinsurer)\/./)
            .max(200)
            .optional()
            .meta({
              description:
                'institution/H1, person/P1, region/990200, insurer/I1 or coinsurer/R02/2026-01, where nobody knows it yet',
            }),
        }),
        response: answers({ 200: z.object({ id: z.uuid() }) }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      return reply.send(
        granted(await payments.decide(actorOf(request), key, request.params.id, request.body)),
      )
    },
  )
}

// --- shapes --------------------------------------------------------------------------------------

const FILE = (type: string) => ({
  200: { description: 'A file', content: { [type]: { schema: z.unknown() } } },
  ...PROBLEMS,
})

const ById = z.object({ id: z.uuid() })
const Why = z.strictObject({ reason: z.string().trim().min(1).max(500) })

const ToGather = z.strictObject({
  until: DayText.meta({ description: 'What was booked by this day' }),
  payOn: DayText.meta({ description: 'The day on which the bank is to pay' }),
  fund: Name.optional().meta({ description: 'payer@place; all of them where none is named' }),
  payee: Name.optional().meta({
    description: 'institution/H1, person/P1, region/990200, insurer/I1 or coinsurer/R02/2026-01',
  }),
})

const LeftShape = z.object({
  fund: z.string(),
  payee: z.string(),
  amount: z.int(),
  why: z.enum(['unnamed', 'no_account', 'no_fund_account', 'below_zero']),
})

const StateName = z.enum(Object.keys(BATCH_STATES) as [BatchState])
const ItemStateName = z.enum(Object.keys(ITEM_STATES) as [ItemState])
const MovedShape = z.object({ id: z.uuid(), state: StateName })

const SumsShape = z
  .array(z.object({ state: ItemStateName, orders: z.int(), amount: z.int() }))
  .readonly()

const BatchShape = z
  .object({
    id: z.uuid(),
    no: z.int(),
    state: StateName,
    until: z.string(),
    payOn: z.string(),
    fund: z.string().nullable(),
    payee: z.string().nullable(),
    madeBy: z.string(),
    madeAt: z.string(),
    messageId: z.string().nullable(),
    releasedAt: z.string().nullable(),
    sentOn: z.string().nullable(),
  })
  .meta({ id: 'PaymentBatch', description: '付款批次, in fen' })

const OrderShape = z
  .object({
    id: z.uuid(),
    batch: z.uuid(),
    no: z.int(),
    state: ItemStateName,
    fund: z.string(),
    payee: z.string(),
    amount: z.int(),
    endToEnd: z.string().nullable(),
    reason: z.string().nullable(),
    name: z.string(),
    number: z.string(),
    bankCode: z.string(),
    bankName: z.string(),
  })
  .meta({
    id: 'PaymentOrder',
    description: '付款指令, in fen; names of persons and accounts masked',
  })

const AccountShape = z
  .object({
    id: z.uuid(),
    holder: z.enum(HOLDERS),
    holderId: z.string(),
    from: z.string(),
    kind: z.enum(['card', 'account']),
    name: z.string(),
    number: z.string(),
    bankCode: z.string(),
    bankName: z.string(),
    answerDays: z.int().nullable(),
    document: z.string(),
    user: z.string(),
    at: z.string(),
  })
  .meta({ id: 'PaymentAccount' })

const ORDER_COLUMNS = [
  'message_id',
  'end_to_end_id',
  'pay_on',
  'debtor_name',
  'debtor_account',
  'debtor_bank_code',
  'payee_name',
  'payee_account',
  'payee_bank_code',
  'payee_bank_name',
  'amount',
  'currency',
]
