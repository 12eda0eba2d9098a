import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Result } from '#base/result.ts'
import type { Actor } from '#platform/actor.ts'
import { answers, CommandHeaders, Name, namesOf, PROBLEMS } from '#platform/answers.ts'
import { Refused } from '#platform/problem.ts'
import { actorOf } from '#platform/request.ts'
import { CHANNEL_OF } from './own.ts'
import type { CaseNotice, CaseRefusal, CaseService } from './service.ts'
import {
  BEARERS,
  CASE_ACTS,
  type CaseAct,
  CHANNELS,
  OUTCOMES,
  OWN_STATES,
  type Sender,
} from './types.ts'

const MOST = 50

/** Every request of whoever hands in a case from outside the office: a hospital, an insured person, an agent. */
export const ownCaseRoutes: FastifyPluginAsyncZod<{
  readonly cases: CaseService
  logRead(actor: Actor, action: string, subject: string): Promise<void>
  printNotice(notice: CaseNotice): Promise<Buffer>
}> = async (app, { cases, logRead, printNotice }) => {
  app.get(
    '/own-cases',
    {
      config: { access: 'own cases read' },
      schema: {
        summary:
          '我的案件，以及可以提交的账单 One’s own cases, newest first, and bills that can be handed in',
        tags: ['own cases'],
        response: answers({
          200: z.object({
            cases: z.array(OwnRow).readonly(),
            bills: z
              .array(
                z.object({
                  bill: z.string(),
                  person: z.string(),
                  discharged: z.string(),
                  total: z.int(),
                  hospital: z.string().nullable(),
                }),
              )
              .readonly(),
          }),
        }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      await logRead(actor, 'list own cases', '')
      return reply.send(await cases.ownCases(actor, MOST))
    },
  )

  app.post(
    '/own-cases',
    {
      config: { access: 'own cases send' },
      schema: {
        summary: '提交一张账单 Hands in a bill',
        tags: ['own cases'],
        headers: CommandHeaders,
        body: z.strictObject({ bill: Name, why: Why.optional() }),
        response: answers({ 201: z.object({ id: z.uuid() }) }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const key = request.headers['idempotency-key']
      const channel = CHANNEL_OF[actor.role as Sender]
      return reply
        .code(201)
        .send(granted(await cases.accept(actor, key, { ...request.body, channel })))
    },
  )

  app.get(
    '/own-cases/:id',
    {
      config: { access: 'own cases read' },
      schema: {
        summary:
          '我的一件案件：进度、要补什么、决定 Where it stands, what is asked, what was decided',
        tags: ['own cases'],
        params: ById,
        response: answers({
          200: OwnRow.extend({
            acts: z
              .int()
              .meta({ description: 'How many acts it has: whoever acts says how many they saw' }),
            may: z.array(z.enum(namesOf(CASE_ACTS))).readonly(),
            decision: z
              .object({
                outcome: z.enum(namesOf(OUTCOMES)),
                bearer: z.enum(namesOf(BEARERS)).optional(),
                why: z.string(),
                on: z.string(),
                rules: z.array(z.string()).readonly(),
                cuts: z
                  .array(
                    z.object({ line: z.string(), name: z.string().optional(), amount: z.int() }),
                  )
                  .readonly(),
              })
              .optional(),
            steps: z
              .array(
                z.object({
                  act: z.enum(namesOf(CASE_ACTS)),
                  on: z.string(),
                  why: z.string().optional(),
                }),
              )
              .readonly(),
            clocks: z
              .array(z.object({ zh: z.string(), en: z.string(), due: z.string() }))
              .readonly()
              .meta({ description: 'Until when something is to be done, of clocks that run' }),
          }),
        }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { id } = request.params
      await logRead(actor, 'read own case', id)
      const { clocks, decision, lines, ...own } = granted(await cases.ownCase(actor, id))
      const decided = decision?.decision
      const adverse = decided && decided.outcome !== 'pay' ? decided : undefined
      const nameOf = new Map(lines.map(({ line, name }) => [line, name]))
      return reply.send({
        ...own,
        clocks: clocks.flatMap(({ rule: { zh, en }, clock }) =>
          clock?.kind === 'running' ? [{ zh, en, due: clock.due }] : [],
        ),
        decision: decision && {
          outcome: decision.decision.outcome,
          bearer: adverse?.bearer,
          why: decision.why,
          on: decision.on,
          rules: adverse?.rules ?? [],
          cuts: (adverse?.cuts ?? []).map((cut) => ({ ...cut, name: nameOf.get(cut.line) })),
        },
      })
    },
  )

  app.post(
    '/own-cases/:id/acts',
    {
      config: { access: 'own cases send' },
      schema: {
        summary:
          '补齐材料、答复查询、提出异议、撤回 Answers what was asked, objects, or takes it back',
        tags: ['own cases'],
        headers: CommandHeaders,
        params: ById,
        body: z.strictObject({
          act: z.enum(SENT),
          why: Why.optional(),
          seen: z.int().min(1),
        }),
        response: answers({ 200: z.object({ id: z.uuid(), state: z.string() }) }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const key = request.headers['idempotency-key']
      const { id, state } = granted(await cases.act(actor, key, request.params.id, request.body))
      return reply.send({ id, state })
    },
  )

  app.get(
    '/own-cases/:id/notice.pdf',
    {
      config: { access: 'own cases read' },
      schema: {
        summary: '核定通知书（PDF） The decision as it is sent',
        tags: ['own cases'],
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
      const own = granted(await cases.ownCase(actor, id))
      if (!own.decision) throw new Refused({ code: 'case_not_decided', facts: {} })
      const notice = granted(await cases.notice(actor, id))
      await logRead(actor, 'print case notice', id)
      return reply
        .type('application/pdf')
        .header('content-disposition', `inline; filename="notice-${notice.file.no}.pdf"`)
        .send(await printNotice(notice))
    },
  )
}

function granted<T>(done: Result<T, CaseRefusal>): T {
  if (done.ok) return done.value
  const { code, ...facts } = done.error
  throw new Refused({ code, facts })
}

// --- shapes --------------------------------------------------------------------------------------

const ById = z.object({ id: z.uuid() })
const Why = z.string().trim().min(1).max(2_000)
const SENT = [
  'receive-documents',
  'hospital-answers',
  'object',
  'withdraw',
] as const satisfies CaseAct[]

const OwnRow = z.object({
  id: z.uuid(),
  no: z.int(),
  bill: z.string(),
  person: z.string(),
  channel: z.enum(namesOf(CHANNELS)),
  amount: z.int(),
  acceptedOn: z.string(),
  state: z.enum(namesOf(OWN_STATES)),
  asked: z
    .object({ why: z.string(), on: z.string() })
    .optional()
    .meta({ description: 'What the office waits for' }),
})
