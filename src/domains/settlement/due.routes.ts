import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Result } from '#base/result.ts'
import { answers, CommandHeaders } from '#platform/answers.ts'
import { Refused } from '#platform/problem.ts'
import { actorOf } from '#platform/request.ts'
import type { DueService, RunRefusal } from './due.service.ts'
import { PayerName } from './wire.ts'

/** Requests about replays that wait, and about runs by a corrected version of the rules. */
export const dueRoutes: FastifyPluginAsyncZod<{ readonly due: DueService }> = async (
  app,
  { due },
) => {
  function granted<T>(result: Result<T, RunRefusal>): T {
    if (result.ok) return result.value
    const { code, ...facts } = result.error
    throw new Refused({ code, facts })
  }

  app.get(
    '/replay-runs',
    {
      config: { access: 'runs read' },
      schema: {
        summary:
          '按更正后的规则重新结算的批次，及等待重算的人数 Runs by a corrected version of the rules',
        tags: ['replays'],
        response: answers({
          200: z.object({
            runs: z.array(RunShape),
            waiting: z.int().meta({ description: 'Persons who wait for a replay of no run' }),
            failed: z.int().meta({ description: 'Of these, failed three times' }),
          }),
        }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      return reply.send({ runs: await due.runs(actor), ...(await due.waiting(actor)) })
    },
  )

  app.post(
    '/replay-runs',
    {
      config: { access: 'runs start' },
      schema: {
        summary:
          '以现行规则试算全部较早版本的结算，不改变任何金额 Checks what settling again by the rules in force would change',
        tags: ['replays'],
        headers: CommandHeaders,
        body: z.object({ reason: z.string().trim().min(1).max(500) }),
        response: answers({ 201: z.object({ id: z.uuid() }) }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const opened = await due.openRun(actorOf(request), key, request.body.reason)
      return reply.code(201).send(granted(opened))
    },
  )

  for (const [act, summary] of [
    ['start', '执行已试算的批次 Carries a checked run out'],
    ['cancel', '停止批次；已重新结算的不恢复 Gives a run up; what was carried out stays'],
  ] as const)
    app.post(
      `/replay-runs/:id/${act}`,
      {
        config: { access: 'runs start' },
        schema: {
          summary,
          tags: ['replays'],
          headers: CommandHeaders,
          params: z.object({ id: z.uuid() }),
          response: answers({ 201: z.object({ id: z.uuid() }) }),
        },
      },
      async (request, reply) => {
        const key = request.headers['idempotency-key']
        const done = await due.decideRun(actorOf(request), key, request.params.id, act)
        return reply.code(201).send(granted(done))
      },
    )
}

const Moved = z.object({ before: z.int(), after: z.int() })
const SumsShape = z.object({
  persons: z.int(),
  bills: z.int(),
  refused: z
    .int()
    .meta({ description: 'Bills that the rules now refuse: they stand as they were' }),
  payers: z.partialRecord(PayerName, Moved),
  patient: Moved,
})
const RunShape = z
  .object({
    id: z.uuid(),
    rules: z.int(),
    state: z.enum(['checking', 'checked', 'applying', 'done', 'cancelled']),
    persons: z.int(),
    waiting: z.int().meta({ description: 'Of these persons, who have not had their turn' }),
    failed: z.int(),
    checked: SumsShape.meta({ description: 'What it would change' }),
    applied: SumsShape.meta({ description: 'What it has changed' }),
    author: z.string(),
    reason: z.string(),
    at: z.string(),
    startedBy: z.string().nullable(),
  })
  .meta({ id: 'ReplayRun' })
