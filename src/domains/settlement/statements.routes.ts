import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { masked } from '#base/mask.ts'
import type { Result } from '#base/result.ts'
import type { Actor } from '#platform/actor.ts'
import { answers, CommandHeaders, DayText, Name, PROBLEMS } from '#platform/answers.ts'
import { type Description, Refused } from '#platform/problem.ts'
import { actorOf } from '#platform/request.ts'
import type { Vocabulary } from '#rulebook/attributes.ts'
import { REASONS } from './replay.ts'
import type { SettlementService } from './service.ts'
import type { Statement, StatementRefusal, StatementService } from './statements.service.ts'
import type { Bill, Person, Refusal, SchemeBook } from './types.ts'
import { PayerName, UploadShape } from './wire.ts'

/** Everything a printed statement shows. The name is masked already. */
export type StatementRecord = Statement & {
  readonly name: string
  readonly adjustments: readonly (z.output<typeof AdjustmentShape> | StoredAdjustment)[]
}
type StoredAdjustment = Extract<
  Awaited<ReturnType<StatementService['statement']>>,
  { readonly ok: true }
>['value']['adjustments'][number]

/** What these routes need from the rest of the program. */
export type StatementTools = {
  readonly service: SettlementService
  readonly statements: StatementService
  missingPersons(upload: unknown): string[]
  readUpload(
    actor: Actor,
    upload: unknown,
    book: SchemeBook,
    known: readonly Person[],
  ): Promise<{ readonly persons: readonly unknown[]; readonly bills: readonly Bill[] }>
  describeRefusal(refusal: Refusal, vocabulary: Vocabulary): Description
  printStatement(record: StatementRecord): Promise<Buffer>
  logRead(actor: Actor, action: string, subject: string): Promise<void>
}

/** Every request about what became of settlements after they were made. */
export const statementRoutes: FastifyPluginAsyncZod<StatementTools> = async (app, tools) => {
  const { service, statements } = tools

  async function granted<T>(actor: Actor, result: Result<T, StatementRefusal>): Promise<T> {
    if (result.ok) return result.value
    const { code, ...facts } = result.error
    if (result.error.code !== 'refused') throw new Refused({ code, facts })
    const { book } = await service.rules(actor)
    const refusal = result.error.refusal as Refusal
    const { code: reason, ...more } = refusal
    const description = tools.describeRefusal(refusal, book.vocabulary)
    throw new Refused({ code: reason, facts: more, description })
  }

  /** The one bill of an upload, read as strictly as any other. */
  async function billOf(actor: Actor, upload: unknown): Promise<Bill> {
    const { book } = await service.rules(actor)
    const known = await service.knownPersons(actor, tools.missingPersons(upload))
    const { bills } = await tools.readUpload(actor, upload, book, known)
    const [bill] = bills
    if (!bill || bills.length > 1) throw new Refused({ code: 'one_bill_wanted' })
    return bill
  }

  // --- before it is done -------------------------------------------------------------------------

  app.post(
    '/settlements/:id/reverse/trial',
    {
      config: { access: 'replays try' },
      schema: {
        summary: '试算撤销：其他账单会怎样变化 What a reversal would change; nothing is kept',
        tags: ['replays'],
        params: z.object({ id: z.uuid() }),
        response: answers({ 200: PreviewShape }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      await tools.logRead(actor, 'trial reversal', request.params.id)
      return reply.send(
        await granted(actor, await statements.previewReversal(actor, request.params.id)),
      )
    },
  )

  app.post(
    '/bills/:id/correct/trial',
    {
      config: { access: 'replays try' },
      schema: {
        summary: '试算更正 What a correction would change; nothing is kept',
        tags: ['replays'],
        params: z.object({ id: Name }),
        body: z.object({ input: UploadShape }),
        response: answers({ 200: PreviewShape }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { id } = request.params
      const bill = await billOf(actor, request.body.input)
      await tools.logRead(actor, 'trial correction', id)
      return reply.send(await granted(actor, await statements.previewCorrection(actor, id, bill)))
    },
  )

  // --- corrections -------------------------------------------------------------------------------

  app.post(
    '/bills/:id/correct',
    {
      config: { access: 'bills correct' },
      schema: {
        summary: '更正账单：原内容保留，已结算的重新结算 Corrects a bill; what it said is kept',
        tags: ['replays'],
        headers: CommandHeaders,
        params: z.object({ id: Name }),
        body: z.object({ input: UploadShape, reason: Why }),
        response: answers({
          201: z.object({ bill: z.string(), statement: z.uuid().nullable() }),
        }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { input, reason } = request.body
      const bill = await billOf(actor, input)
      const key = request.headers['idempotency-key']
      const done = await statements.correct(actor, key, request.params.id, bill, reason)
      return reply.code(201).send(await granted(actor, done))
    },
  )

  app.post(
    '/bills/:id/accept-late',
    {
      config: { access: 'bills correct' },
      schema: {
        summary:
          '受理逾期的手工报销，须写明原因 Takes a bill that was handed in too late, with the reason',
        tags: ['replays'],
        headers: CommandHeaders,
        params: z.object({ id: Name }),
        body: z.object({ reason: Why }),
        response: answers({
          201: z.object({ bill: z.string(), statement: z.uuid().nullable() }),
        }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const key = request.headers['idempotency-key']
      const { id } = request.params
      const done = await statements.acceptLate(actor, key, id, request.body.reason)
      return reply.code(201).send(await granted(actor, done))
    },
  )

  app.get(
    '/bills/:id',
    {
      config: { access: 'bills read' },
      schema: {
        summary: '一张账单及其更正前的内容 A bill, and what it said before it was corrected',
        tags: ['replays'],
        params: z.object({ id: Name }),
        response: answers({
          200: z.object({
            versions: z.array(
              z.object({
                version: z.int(),
                bill: z.unknown().meta({ description: 'As it is kept; amounts in fen' }),
                until: z.string().nullable().meta({ description: 'Null for the present one' }),
                user: z.string().nullable(),
                reason: z.string().nullable(),
              }),
            ),
          }),
        }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const versions = await granted(actor, await statements.versions(actor, request.params.id))
      await tools.logRead(actor, 'read bill', request.params.id)
      return reply.send({ versions })
    },
  )

  // --- statements --------------------------------------------------------------------------------

  app.get(
    '/persons/:id/replays',
    {
      config: { access: 'replays read' },
      schema: {
        summary: '一位参保人的重算说明 The statements of a person: what changed, and why',
        tags: ['replays'],
        params: z.object({ id: Name }),
        response: answers({ 200: z.object({ statements: z.array(StatementShape) }) }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { id } = request.params
      await tools.logRead(actor, 'read statements', id)
      return reply.send({ statements: await statements.statementsOf(actor, id) })
    },
  )

  app.get(
    '/replays/:id',
    {
      config: { access: 'replays read' },
      schema: {
        summary: '一份重算说明，含补付与追回 A statement, with supplements and recoveries',
        tags: ['replays'],
        params: z.object({ id: z.uuid() }),
        response: answers({
          200: StatementShape.extend({ adjustments: z.array(StoredAdjustmentShape) }),
        }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const statement = await granted(actor, await statements.statement(actor, request.params.id))
      await tools.logRead(actor, 'read statement', statement.person)
      return reply.send(statement)
    },
  )

  app.get(
    '/replays/:id/statement.pdf',
    {
      config: { access: 'replays print' },
      schema: {
        summary: '重算说明（打印） The statement, to print',
        tags: ['replays'],
        params: z.object({ id: z.uuid() }),
        response: {
          200: { description: 'PDF', content: { 'application/pdf': { schema: z.unknown() } } },
          ...PROBLEMS,
        },
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const statement = await granted(actor, await statements.statement(actor, request.params.id))
      const { name } = await granted(actor, await service.person(actor, statement.person))
      await tools.logRead(actor, 'print statement', statement.person)
      const pdf = await tools.printStatement({ ...statement, name: masked(name ?? '') })
      return reply
        .type('application/pdf')
        .header('content-disposition', `inline; filename="${statement.id}.pdf"`)
        .send(pdf)
    },
  )

  // --- supplements and recoveries ----------------------------------------------------------------

  app.get(
    '/adjustments',
    {
      config: { access: 'adjustments list' },
      schema: {
        summary: '补付与追回，按状态 Supplements and recoveries in a state',
        tags: ['replays'],
        querystring: z.object({
          state: StateName.optional().meta({
            description: 'Without it, whatever waits for a decision',
          }),
        }),
        response: answers({ 200: z.object({ adjustments: z.array(StoredAdjustmentShape) }) }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { state } = request.query
      const adjustments = await statements.adjustments(actor, state ? [state] : WAITING)
      const persons = [...new Set(adjustments.map(({ person }) => person))]
      await tools.logRead(actor, 'list adjustments', persons.join(' '))
      return reply.send({ adjustments })
    },
  )

  for (const [act, state, summary] of [
    [
      'confirm',
      'confirmed',
      '确认向本人追回，须两人先后确认 Confirms that it is taken back from the person; two people do so, one after the other',
    ],
    ['waive', 'waived', '免予追回 Waives it'],
  ] as const)
    app.post(
      `/adjustments/:id/${act}`,
      {
        config: { access: 'adjustments decide' },
        schema: {
          summary,
          tags: ['replays'],
          headers: CommandHeaders,
          params: z.object({ id: z.uuid() }),
          body: z.object({ reason: Why }),
          response: answers({
            201: z.object({
              id: z.uuid(),
              state: z.enum(['confirmed-once', 'confirmed', 'waived']),
            }),
          }),
        },
      },
      async (request, reply) => {
        const actor = actorOf(request)
        const key = request.headers['idempotency-key']
        const { id } = request.params
        const { reason } = request.body
        const done = await statements.decideAdjustment(actor, key, id, state, reason)
        return reply.code(201).send(await granted(actor, done))
      },
    )

  // --- clearing ----------------------------------------------------------------------------------

  app.post(
    '/clearings/trial',
    {
      config: { access: 'clearings try' },
      schema: {
        summary: '清算预览：笔数与各方金额 What a clearing would clear; nothing is kept',
        tags: ['replays'],
        body: ToClear,
        response: answers({
          200: z.object({
            settlements: z.int(),
            total: z.int(),
            patient: z.int(),
            payers: z.array(z.object({ payer: z.string(), amount: z.int() })).readonly(),
          }),
        }),
      },
    },
    async (request, reply) =>
      reply.send(await statements.previewClearing(actorOf(request), request.body)),
  )

  app.post(
    '/clearings',
    {
      config: { access: 'clearings clear' },
      schema: {
        summary:
          '清算：这些结算的款项已经划拨 Records that the money of these settlements has moved',
        tags: ['replays'],
        headers: CommandHeaders,
        body: ToClear,
        response: answers({ 201: z.object({ id: z.uuid(), settlements: z.int() }) }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const key = request.headers['idempotency-key']
      return reply
        .code(201)
        .send(await granted(actor, await statements.clear(actor, key, request.body)))
    },
  )

  // --- as known at a moment ----------------------------------------------------------------------

  app.get(
    '/persons/:id/known',
    {
      config: { access: 'persons history' },
      schema: {
        summary:
          '某一时刻所知：参保、结算、累计 A person as known at a moment: cover, settlements, totals',
        tags: ['replays'],
        params: z.object({ id: Name }),
        querystring: z.object({
          at: z.iso.datetime({ offset: true }).meta({ description: 'With its offset: …+08:00' }),
        }),
        response: answers({
          200: z.object({
            at: z.string(),
            covers: z
              .array(
                z.object({
                  scheme: z.string(),
                  from: z.string(),
                  until: z.string().optional(),
                  attributes: Facts,
                }),
              )
              .readonly(),
            attributes: z.array(z.object({ from: z.string(), attributes: Facts })).readonly(),
            bills: z
              .array(
                z.object({
                  bill: z.string(),
                  discharged: z.string(),
                  settlement: z.uuid(),
                  cleared: z.boolean(),
                  total: z.int(),
                  payers: z.partialRecord(PayerName, z.int()),
                  patient: z.int(),
                }),
              )
              .readonly(),
            totals: z
              .array(z.object({ slot: z.string(), period: z.string(), value: z.int() }))
              .readonly(),
          }),
        }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { id } = request.params
      const { at } = request.query
      const known = await granted(actor, await statements.knownAt(actor, id, new Date(at)))
      await tools.logRead(actor, 'read person as known', id)
      const { person, bills, totals } = known
      const { covers, attributes } = person
      return reply.send({ at, covers, attributes, bills, totals })
    },
  )
}

// --- shapes --------------------------------------------------------------------------------------

const Why = z.string().trim().min(1).max(500)
const Facts = z.record(z.string(), z.union([z.string(), z.number()]).optional())
const Moved = z.object({ before: z.int(), after: z.int() })
const Party = z.union([PayerName, z.enum(['person', 'institution'])])
const StateName = z.enum(['ordered', 'proposed', 'confirmed-once', 'confirmed', 'waived'])
const WAITING = ['proposed', 'confirmed-once'] as const

const DifferenceShape = z
  .object({
    bill: z.string(),
    reasons: z.array(z.enum(REASONS)).readonly(),
    total: Moved,
    payers: z.partialRecord(PayerName, Moved),
    patient: Moved,
    benefits: z.partialRecord(PayerName, Moved),
    spentSince: z.int().meta({
      description: 'Was in an account on the day of the bill and has been spent since: not drawn',
    }),
    refusal: z.string().optional().meta({
      description: 'The rules refuse it for what is known now: it stands as it was, or fell',
    }),
  })
  .meta({ id: 'BillDifference', description: 'Both sides of one bill, in fen' })

const AdjustmentShape = z.object({
  bill: z.string(),
  kind: z.enum(['supplement', 'recovery']),
  from: Party,
  to: Party,
  amount: z.int(),
  state: StateName,
})

const StoredAdjustmentShape = AdjustmentShape.extend({
  id: z.uuid(),
  statement: z.uuid(),
  person: z.string(),
  from: z.string(),
  to: z.string(),
  firstAt: z.string().nullable(),
  firstBy: z.string().nullable(),
  firstReason: z.string().nullable(),
  decidedAt: z.string().nullable(),
  decidedBy: z.string().nullable(),
  reason: z.string().nullable(),
}).meta({ id: 'Adjustment', description: '补付、追回: what moves between whom' })

const PreviewShape = z.object({
  differences: z.array(DifferenceShape).readonly(),
  adjustments: z.array(AdjustmentShape).readonly(),
})

const StatementShape = z
  .object({
    id: z.uuid(),
    person: z.string(),
    at: z.string(),
    user: z.string(),
    cause: z.object({
      kind: z.enum([
        'late-bill',
        'reversal',
        'correction',
        'person',
        'account',
        'payment',
        'rules',
      ]),
      bill: z.string().optional(),
      change: z.string().optional(),
      version: z.int().optional(),
    }),
    reason: z.string().nullable(),
    differences: z.array(DifferenceShape).readonly(),
  })
  .meta({ id: 'Statement' })

const ToClear = z.object({
  from: DayText.meta({ description: 'Days of settlement, first' }),
  until: DayText.meta({ description: 'and last' }),
  hospital: Name.optional().meta({ description: 'Its number, or as bills answer `hospital`' }),
})
