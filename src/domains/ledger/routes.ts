import { Readable } from 'node:stream'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { formatYuan } from '#base/money.ts'
import { addDays, type PlainDate } from '#base/plain-date.ts'
import type { Actor } from '#platform/actor.ts'
import { answers, DayText, PROBLEMS } from '#platform/answers.ts'
import { Refused } from '#platform/problem.ts'
import { actorOf } from '#platform/request.ts'
import { BYTE_ORDER_MARK, csvRow } from '#platform/sheet-out.ts'
import type { LedgerService } from './service.ts'
import { type AccountClass, CHART, ENTRY_KINDS, type EntryKind } from './types.ts'

export type LedgerTools = {
  readonly ledger: LedgerService
  today(): PlainDate
  logRead(actor: Actor, action: string, subject: string): Promise<void>
}

/** More days at once would be a table that nobody reads. */
const MOST_DAYS = 400

/** Every request about what is on the books. */
export const ledgerRoutes: FastifyPluginAsyncZod<LedgerTools> = async (app, tools) => {
  const { ledger, today, logRead } = tools

  app.get(
    '/ledger/trial',
    {
      config: { access: 'ledger read' },
      schema: {
        summary: '试算平衡表：某日日终各基金各科目 The trial balance at the end of a day',
        tags: ['ledger'],
        querystring: z.object({ day: DayText.optional() }),
        response: answers({ 200: TrialShape }),
      },
    },
    async (request, reply) =>
      reply.send(await ledger.trial(actorOf(request), request.query.day ?? today())),
  )

  app.get(
    '/ledger/trial.csv',
    {
      config: { access: 'ledger read' },
      schema: {
        summary: '试算平衡表（CSV） The trial balance as CSV; amounts in yuan',
        tags: ['ledger'],
        querystring: z.object({ day: DayText.optional() }),
        response: CSV,
      },
    },
    async (request, reply) => {
      const { day, funds } = await ledger.trial(actorOf(request), request.query.day ?? today())
      const rows = [['day', 'fund', 'account', 'account_zh', 'debit', 'credit', 'balance']]
      for (const { fund, accounts } of funds)
        for (const { account, class: of, debit, credit, balance } of accounts)
          rows.push([
            day,
            fund,
            account,
            CHART[of].zh,
            formatYuan(debit),
            formatYuan(credit),
            formatYuan(balance),
          ])
      await logRead(actorOf(request), 'export trial balance', day)
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="trial-balance-${day}.csv"`)
        .send(BYTE_ORDER_MARK + rows.map(csvRow).join(''))
    },
  )

  app.get(
    '/ledger/series',
    {
      config: { access: 'ledger read' },
      schema: {
        summary:
          '基金每日余额（按入账日） What stood on the accounts of a fund, day by day, as booked',
        tags: ['ledger'],
        querystring: z.object({
          fund: z.string().min(1).max(300).optional(),
          from: DayText,
          until: DayText,
        }),
        response: answers({
          200: z.object({
            days: z.array(z.string()).readonly(),
            classes: z.partialRecord(ClassName, z.array(z.int()).readonly()),
          }),
        }),
      },
    },
    async (request, reply) => {
      const { fund, from, until } = request.query
      return reply.send(await ledger.series(actorOf(request), { fund, ...stretch(from, until) }))
    },
  )

  app.get(
    '/ledger/postings',
    {
      config: { access: 'ledger read' },
      schema: {
        summary:
          '科目明细账 The postings of an account, each leading back to its bill and settlement',
        tags: ['ledger'],
        querystring: OfAccount.extend({ after: z.coerce.number().int().min(0).default(0) }),
        response: answers({
          200: z.object({
            opening: z.int().meta({ description: 'Credits less debits before the first day' }),
            lines: z.array(LineShape).readonly(),
            next: z.int().optional().meta({ description: 'Ask again with this as `after`' }),
          }),
        }),
      },
    },
    async (request, reply) => {
      const { fund, account, from, until, after } = request.query
      const actor = actorOf(request)
      await logRead(actor, 'read postings', `${fund} ${account}`.slice(0, 200))
      const asked = { fund, account, after, ...stretch(from, until) }
      return reply.send(await ledger.statement(actor, asked))
    },
  )

  app.get(
    '/ledger/postings.csv',
    {
      config: { access: 'ledger read' },
      schema: {
        summary: '科目明细账（CSV） The postings of an account as CSV; amounts in yuan',
        tags: ['ledger'],
        querystring: OfAccount,
        response: CSV,
      },
    },
    async (request, reply) => {
      const { fund, account, from, until } = request.query
      const actor = actorOf(request)
      const asked = { fund, account, ...stretch(from, until) }
      await logRead(actor, 'export postings', `${fund} ${account}`.slice(0, 200))
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="postings-${from}-${until}.csv"`)
        .send(Readable.from(rowsOf(actor, asked)))
    },
  )

  /** Every line of an account, a page of them at a time. */
  async function* rowsOf(
    actor: Actor,
    asked: Omit<Parameters<LedgerService['statement']>[1], 'after'>,
  ): AsyncGenerator<string> {
    yield BYTE_ORDER_MARK + csvRow(LINE_COLUMNS)
    for (let after: number | undefined = 0; after !== undefined; ) {
      const { lines, next } = await ledger.statement(actor, { ...asked, after })
      for (const { debit, credit, ...line } of lines) {
        const cells: Record<string, unknown> = { ...line, fund: asked.fund }
        cells.debit = formatYuan(debit)
        cells.credit = formatYuan(credit)
        yield csvRow(LINE_COLUMNS.map((name) => String(cells[name] ?? '')))
      }
      after = next
    }
  }
}

function stretch(from: PlainDate, until: PlainDate) {
  if (until < from || until > addDays(from, MOST_DAYS))
    throw new Refused({ code: 'bad_stretch', facts: { most: MOST_DAYS } })
  return { from, until }
}

// --- shapes --------------------------------------------------------------------------------------

const CSV = {
  200: { description: 'CSV', content: { 'text/csv': { schema: z.unknown() } } },
  ...PROBLEMS,
}

const LINE_COLUMNS = [
  'no',
  'day',
  'at',
  'kind',
  'fund',
  'account',
  'against',
  'debit',
  'credit',
  'bill',
  'settlement',
  'replay',
  'subject',
  'user',
]

const ClassName = z.enum(Object.keys(CHART) as [AccountClass])

const TrialShape = z
  .object({
    day: z.string(),
    debit: z.int(),
    credit: z.int(),
    funds: z
      .array(
        z.object({
          fund: z.string().meta({ description: 'payer@place' }),
          debit: z.int(),
          credit: z.int(),
          accounts: z
            .array(
              z.object({
                fund: z.string(),
                account: z.string(),
                class: ClassName,
                debit: z.int(),
                credit: z.int(),
                balance: z.int().meta({ description: 'On the side on which the account grows' }),
              }),
            )
            .readonly(),
        }),
      )
      .readonly(),
  })
  .meta({ id: 'TrialBalance', description: '试算平衡表, in fen: both sides are the same sum' })

const OfAccount = z.object({
  fund: z.string().min(1).max(300),
  account: z
    .string()
    .min(1)
    .max(300)
    .meta({ description: 'An account, or the beginning of several, such as owed/person' }),
  from: DayText,
  until: DayText,
})

const LineShape = z
  .object({
    no: z.int(),
    at: z.string(),
    day: z.string(),
    subject: z.string(),
    kind: z.enum(Object.keys(ENTRY_KINDS) as [EntryKind]),
    user: z.string(),
    bill: z.string().nullable(),
    settlement: z.uuid().nullable(),
    replay: z.uuid().nullable(),
    account: z.string(),
    against: z.string(),
    debit: z.int(),
    credit: z.int(),
  })
  .meta({ id: 'LedgerLine', description: 'One leg on an account, in fen' })
