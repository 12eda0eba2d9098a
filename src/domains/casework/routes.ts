import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { fen } from '#base/money.ts'
import type { Result } from '#base/result.ts'
import { PAYERS, type Payer, type Refusal } from '#domains/settlement/index.ts'
import type { Actor } from '#platform/actor.ts'
import { answers, CommandHeaders, DayText, Name, namesOf, PROBLEMS } from '#platform/answers.ts'
import { type Description, Refused } from '#platform/problem.ts'
import { actorOf } from '#platform/request.ts'
import type { CaseNotice, CaseRefusal, CaseService } from './service.ts'
import {
  BEARERS,
  CASE_ACTS,
  CASE_STATES,
  type CaseAct,
  type CaseState,
  CHANNELS,
  type Channel,
  DESKS,
  type Decision,
  type Desk,
  OUTCOMES,
  RISK_BANDS,
  RISK_FACTORS,
  type RiskBand,
} from './types.ts'

export type CaseTools = {
  readonly cases: CaseService
  /** Why the rules themselves say no, in words. */
  describeRefusal(actor: Actor, refusal: Refusal): Promise<Description>
  logRead(actor: Actor, action: string, subject: string): Promise<void>
  /** 核定通知书 on paper. */
  printNotice(notice: CaseNotice): Promise<Buffer>
}

const PAGE = 50

/** Every request about cases: the queue, one case and what is done to it, and up to what one person decides alone. */
export const caseRoutes: FastifyPluginAsyncZod<CaseTools> = async (app, tools) => {
  const { cases, logRead } = tools

  async function granted<T>(actor: Actor, done: Result<T, CaseRefusal>): Promise<T> {
    if (done.ok) return done.value
    const { code, ...facts } = done.error
    if (done.error.code !== 'refused') throw new Refused({ code, facts })
    const refusal = done.error.refusal as Refusal
    const description = await tools.describeRefusal(actor, refusal)
    throw new Refused({ code: refusal.code, facts: { ...refusal }, description })
  }

  // --- the queue ---------------------------------------------------------------------------------

  app.get(
    '/cases',
    {
      config: { access: 'cases read' },
      schema: {
        summary:
          '待办案件，按期限或金额 Cases that wait at a desk, by deadline or by amount; with q, those about a bill or a person, or of a number',
        tags: ['cases'],
        querystring: z.object({
          desk: z.enum(namesOf(DESKS)).default('review'),
          state: z.enum(namesOf(CASE_STATES)).optional(),
          mine: z.enum(['true', 'false']).default('false'),
          order: z.enum(['due', 'risk', 'amount']).default('due').meta({
            description: 'By deadline, and within a day by risk; by risk; by amount',
          }),
          risk: z.enum(namesOf(RISK_BANDS)).optional(),
          q: z.string().trim().min(1).max(100).optional(),
          after: z
            .string()
            .regex(/^(\d{4}-\d\d-\d\d|infinity) \d{1,3} \d{1,15} \d{1,15}$/)
            .optional()
            .meta({ description: 'Where the page before ended' }),
        }),
        response: answers({
          200: z.object({ cases: z.array(CaseShape).readonly(), next: z.string().optional() }),
        }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { desk, state, mine, order, risk, q, after } = request.query
      await logRead(actor, 'list cases', q ?? desk)
      if (q !== undefined) return reply.send({ cases: await cases.about(actor, q, PAGE) })
      const [due = '', points, amount, no] = after?.split(' ') ?? []
      const rows = await cases.queue(actor, {
        desk,
        state,
        order,
        assignee: mine === 'true' ? actor.name : undefined,
        after:
          after === undefined
            ? undefined
            : { due, risk: Number(points), amount: Number(amount), no: Number(no) },
        risk: risk && bandLimits(risk),
        limit: PAGE + 1,
      })
      const page = rows.slice(0, PAGE)
      const last = rows.length > PAGE ? page.at(-1) : undefined
      return reply.send({
        cases: page,
        next: last && `${last.dueOn ?? 'infinity'} ${last.risk} ${last.amount} ${last.no}`,
      })
    },
  )

  app.get(
    '/cases/counts',
    {
      config: { access: 'cases read' },
      schema: {
        summary: '各岗待办数与逾期数 How many cases wait at each desk, and how many are overdue',
        tags: ['cases'],
        response: answers({
          200: z.object({
            waiting: z
              .array(
                z.object({
                  desk: z.enum(namesOf(DESKS)),
                  state: z.enum(namesOf(CASE_STATES)),
                  cases: z.int(),
                  overdue: z.int(),
                }),
              )
              .readonly(),
          }),
        }),
      },
    },
    async (request, reply) => reply.send({ waiting: await cases.counts(actorOf(request)) }),
  )

  app.post(
    '/cases/next',
    {
      config: { access: 'cases work' },
      schema: {
        summary: '领取下一件 Gives the most urgent case at one’s desks that nobody is at',
        tags: ['cases'],
        response: answers({ 200: z.object({ id: z.uuid() }) }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      return reply.send(await granted(actor, await cases.next(actor)))
    },
  )

  // --- one case ----------------------------------------------------------------------------------

  app.post(
    '/cases',
    {
      config: { access: 'cases accept' },
      schema: {
        summary:
          '案件受理：此后账单只由案件结算、更正 Takes a bill in: from now on its case alone settles or corrects it',
        tags: ['cases'],
        headers: CommandHeaders,
        body: z.strictObject({
          bill: Name,
          channel: z.enum(namesOf(CHANNELS)),
          why: Why.optional(),
        }),
        response: answers({ 201: z.object({ id: z.uuid() }) }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const key = request.headers['idempotency-key']
      const done = await cases.accept(actor, key, request.body)
      return reply.code(201).send(await granted(actor, done))
    },
  )

  app.get(
    '/cases/:id',
    {
      config: { access: 'cases read' },
      schema: {
        summary:
          '一件案件：经过、期限、账单明细 A case: what was done, its clocks, the lines of its bill',
        tags: ['cases'],
        params: ById,
        response: answers({
          200: CaseShape.extend({
            history: z
              .array(
                z.object({
                  no: z.int(),
                  act: z.enum(namesOf(CASE_ACTS)),
                  by: z.string(),
                  on: z.string(),
                  at: z.string(),
                  why: z.string().optional(),
                  decision: DecisionShape.optional(),
                  statement: z.uuid().nullable(),
                }),
              )
              .readonly(),
            clocks: z
              .array(
                z.object({
                  id: z.string(),
                  zh: z.string(),
                  en: z.string(),
                  days: z.int(),
                  unit: z.enum(['calendar', 'working']),
                  source: z.string(),
                  grade: z.string(),
                  kind: z.enum(['running', 'stopped', 'met', 'unknown']),
                  due: z.string().optional(),
                  left: z.int().optional(),
                  on: z.string().optional(),
                  late: z.boolean().optional(),
                }),
              )
              .readonly(),
            proposal: DecisionShape.optional(),
            riskWhy: RiskShape.nullable(),
            deductions: z
              .array(
                z.object({
                  id: z.uuid(),
                  no: z.int(),
                  name: z.string(),
                  fund: z.string(),
                  amount: z.int(),
                  state: z.string(),
                }),
              )
              .readonly()
              .meta({ description: 'What the hospital bears of it' }),
            billState: z.enum(['open', 'settled', 'reversed']),
            lines: z
              .array(
                z.object({
                  line: z.string(),
                  name: z.string().optional(),
                  amount: z.int(),
                  inScope: z.int(),
                }),
              )
              .readonly(),
            limit: z.int().nullable().meta({
              description: 'In fen; none where nobody has said, and everything takes two',
            }),
          }),
        }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { id } = request.params
      await logRead(actor, 'read case', id)
      const { clocks, limit, ...file } = await granted(actor, await cases.file(actor, id))
      return reply.send({
        ...file,
        limit: limit ?? null,
        clocks: clocks.map(({ rule, clock }) => ({
          id: rule.id,
          zh: rule.zh,
          en: rule.en,
          days: rule.days,
          unit: rule.unit,
          source: rule.source.title,
          grade: rule.source.grade,
          ...(clock ?? { kind: 'unknown' as const }),
        })),
      })
    },
  )

  app.post(
    '/cases/:id/trial',
    {
      config: { access: 'cases read' },
      schema: {
        summary: '核减试算：谁付多少；不保存 Who would pay what after some cuts; nothing is kept',
        tags: ['cases'],
        params: ById,
        body: z.strictObject({ cuts: Cuts.min(0) }),
        response: answers({
          200: z.object({
            total: z.int(),
            patient: z.int(),
            payers: z
              .array(z.object({ payer: z.enum(namesOf(PAYERS)), amount: z.int() }))
              .readonly(),
            borne: z
              .array(z.object({ payer: z.enum(namesOf(PAYERS)), amount: z.int() }))
              .readonly()
              .meta({
                description: 'What a hospital would bear of it: what each pays less after the cuts',
              }),
          }),
        }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      await logRead(actor, 'trial case', request.params.id)
      const cuts = request.body.cuts.map(cutOf)
      const tried = await granted(actor, await cases.trial(actor, request.params.id, cuts))
      const { total, patient, payers } = tried.after.settlement
      const whole = tried.whole.settlement
      const amounts = (of: (payer: Payer) => number) =>
        namesOf(PAYERS).flatMap((payer) => {
          const amount = of(payer)
          return amount > 0 ? [{ payer, amount }] : []
        })
      return reply.send({
        total,
        patient,
        payers: amounts((payer) => payers[payer] ?? 0),
        borne: amounts((payer) => (whole.payers[payer] ?? 0) - (payers[payer] ?? 0)),
      })
    },
  )

  app.post(
    '/cases/:id/acts',
    {
      config: { access: 'cases work' },
      schema: {
        summary:
          '办理：补正、审核、查询、稽核、决定、复核、送达、异议、办结 Does an act to a case; a decision is settled with it',
        tags: ['cases'],
        headers: CommandHeaders,
        params: ById,
        body: z.strictObject({
          act: z.enum(
            namesOf(CASE_ACTS).filter((act) => act !== 'accept') as [string, ...string[]],
          ),
          why: Why.optional(),
          decision: DecisionAsked.optional(),
          seen: z
            .int()
            .min(1)
            .meta({ description: 'How many acts the case had when it was looked at' }),
        }),
        response: answers({
          200: z.object({
            id: z.uuid(),
            state: z.enum(namesOf(CASE_STATES)),
            statement: z.uuid().nullable(),
          }),
        }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const key = request.headers['idempotency-key']
      const { act, why, decision, seen } = request.body
      const asked = {
        act: act as Exclude<CaseAct, 'accept'>,
        why,
        decision: decision && decisionOf(decision),
        seen,
      }
      return reply.send(await granted(actor, await cases.act(actor, key, request.params.id, asked)))
    },
  )

  app.post(
    '/cases/:id/assign',
    {
      config: { access: 'cases work' },
      schema: {
        summary: '领取或放回 Takes a case in hand, or puts it back',
        tags: ['cases'],
        params: ById,
        body: z.strictObject({ to: z.enum(['me', 'nobody']) }),
        response: answers({ 200: z.object({ id: z.uuid(), assignee: z.string().nullable() }) }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const done = await cases.assign(actor, request.params.id, request.body.to)
      return reply.send(await granted(actor, done))
    },
  )

  app.get(
    '/cases/:id/notice.pdf',
    {
      config: { access: 'cases read' },
      schema: {
        summary: '核定通知书（PDF） The decision with its reasons and rules, to be sent',
        tags: ['cases'],
        params: ById,
        response: {
          200: { description: 'A file', content: { 'application/pdf': { schema: z.unknown() } } },
          ...PROBLEMS,
        },
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { id } = request.params
      const notice = await granted(actor, await cases.notice(actor, id))
      await logRead(actor, 'print case notice', id)
      return reply
        .type('application/pdf')
        .header('content-disposition', `inline; filename="notice-${notice.file.no}.pdf"`)
        .send(await tools.printNotice(notice))
    },
  )

  // --- limits ------------------------------------------------------------------------------------

  app.get(
    '/case-limits',
    {
      config: { access: 'case limits read' },
      schema: {
        summary: '一人可独自决定的限额 Up to what one person decides alone, from which day',
        tags: ['cases'],
        response: answers({
          200: z.object({
            limits: z
              .array(
                z.object({
                  from: z.string(),
                  amount: z.int(),
                  document: z.string(),
                  user: z.string(),
                  at: z.string(),
                }),
              )
              .readonly(),
          }),
        }),
      },
    },
    async (request, reply) => reply.send({ limits: await cases.limits(actorOf(request)) }),
  )

  app.post(
    '/case-limits',
    {
      config: { access: 'case limits write' },
      schema: {
        summary: '设限额，自某日起用 Sets the limit, from a day on',
        tags: ['cases'],
        headers: CommandHeaders,
        body: z.strictObject({
          from: DayText,
          amount: z.int().min(0).max(100_000_000_00).meta({ description: 'In fen' }),
          document: z.string().trim().min(1).max(200),
        }),
        response: answers({ 201: z.object({ from: z.string() }) }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const key = request.headers['idempotency-key']
      const done = await cases.setLimit(actor, key, request.body)
      return reply.code(201).send(await granted(actor, done))
    },
  )
}

// --- shapes --------------------------------------------------------------------------------------

const ById = z.object({ id: z.uuid() })
const Why = z.string().trim().min(1).max(2_000)
const Cuts = z
  .array(z.strictObject({ line: z.string().max(200), amount: z.int().min(1).max(100_000_000_00) }))
  .max(5_000)
const Rules = z.array(z.string().trim().min(1).max(200)).min(1).max(20)

const DecisionAsked = z.union([
  z.strictObject({ outcome: z.literal('pay') }),
  z.strictObject({ outcome: z.literal('refuse'), rules: Rules }),
  z.strictObject({
    outcome: z.literal('cut'),
    rules: Rules,
    cuts: Cuts.min(1),
    bearer: z.enum(namesOf(BEARERS)).default('patient').meta({
      description:
        'Borne by the hospital, the bill is settled whole and what the funds paid on it is taken off what they owe the hospital',
    }),
  }),
])

const DecisionShape = z.object({
  outcome: z.enum(namesOf(OUTCOMES)),
  rules: z.array(z.string()).readonly().optional(),
  cuts: z
    .array(z.object({ line: z.string(), amount: z.int() }))
    .readonly()
    .optional(),
  bearer: z.enum(namesOf(BEARERS)).optional(),
})

const RiskShape = z
  .object({
    version: z.string(),
    score: z.int(),
    factors: z
      .array(
        z.object({
          factor: z.enum(namesOf(RISK_FACTORS)),
          points: z.int(),
          value: z.number().optional(),
          usual: z.number().optional(),
          bills: z.array(z.string()).readonly(),
        }),
      )
      .readonly(),
  })
  .meta({ description: 'Every factor that gave points, and what it rests on' })

/** Scores of one band. */
function bandLimits(band: RiskBand) {
  const above = Object.values(RISK_BANDS).filter(({ from }) => from > RISK_BANDS[band].from)
  return { from: RISK_BANDS[band].from, below: Math.min(101, ...above.map(({ from }) => from)) }
}

const CaseShape = z.object({
  id: z.uuid(),
  no: z.int(),
  bill: z.string(),
  person: z.string(),
  channel: z.enum(namesOf(CHANNELS) as [Channel, ...Channel[]]),
  state: z.enum(namesOf(CASE_STATES) as [CaseState, ...CaseState[]]),
  desk: z.enum(namesOf(DESKS) as [Desk, ...Desk[]]).nullable(),
  amount: z.int(),
  acceptedOn: z.string(),
  dueOn: z.string().nullable(),
  overdue: z.boolean(),
  assignee: z.string().nullable(),
  outcome: z.enum(namesOf(OUTCOMES)).nullable(),
  risk: z.int().meta({
    description: 'From 0 to 100: how much of it stands out. It orders work and nothing else',
  }),
  acts: z.int(),
})

const cutOf = ({ line, amount }: { readonly line: string; readonly amount: number }) => ({
  line,
  amount: fen(amount),
})

function decisionOf(asked: z.output<typeof DecisionAsked>): Decision {
  return asked.outcome === 'cut' ? { ...asked, cuts: asked.cuts.map(cutOf) } : asked
}
