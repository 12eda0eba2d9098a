import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Result } from '#base/result.ts'
import type { Actor } from '#platform/actor.ts'
import { answers, CommandHeaders } from '#platform/answers.ts'
import { Refused } from '#platform/problem.ts'
import { actorOf } from '#platform/request.ts'
import type { ScenarioRefusal, ScenarioService } from './service.ts'
import { GROUPS, type Grouping, RUN_STATES, type RunState } from './types.ts'

export type ScenarioTools = {
  readonly scenarios: ScenarioService
  /** Schemes and their tiers in the rules in force, and the values of one rule file that a draft can change. */
  parameters(
    actor: Actor,
    file: string | undefined,
  ): Promise<z.output<typeof Parameters> | undefined>
  logRead(actor: Actor, action: string, subject: string): Promise<void>
}

/** Every request about what if: scenarios, their runs, and what a draft can change. */
export const scenarioRoutes: FastifyPluginAsyncZod<ScenarioTools> = async (app, tools) => {
  const { scenarios, logRead } = tools

  function granted<T>(done: Result<T, ScenarioRefusal>): T {
    if (done.ok) return done.value
    const { code, ...facts } = done.error
    throw new Refused({ code, facts })
  }

  // --- drafts -------------------------------------------------------------------------------------

  app.get(
    '/scenarios/parameters',
    {
      config: { access: 'scenarios read' },
      schema: {
        summary:
          '规则中可改的参数 What a draft can change: schemes and their tiers; with file, the amounts and shares in it',
        tags: ['scenarios'],
        querystring: z.object({ file: z.string().min(1).max(200).optional() }),
        response: answers({ 200: Parameters }),
      },
    },
    async (request, reply) => {
      const found = await tools.parameters(actorOf(request), request.query.file)
      if (!found) throw new Refused({ code: 'not_found' })
      return reply.send(found)
    },
  )

  app.post(
    '/scenarios/check',
    {
      config: { access: 'scenarios write' },
      schema: {
        summary: '检查草案 Reads a draft and tries it on the rules in force; nothing is kept',
        tags: ['scenarios'],
        body: z.strictObject({ draft: DraftText }),
        response: answers({
          200: z.object({
            title: Title,
            changes: z.int(),
            unknown: z.object({ from: z.int(), to: z.int(), step: z.int() }).optional(),
          }),
        }),
      },
    },
    async (request, reply) =>
      reply.send(granted(await scenarios.check(actorOf(request), request.body.draft))),
  )

  // --- scenarios ----------------------------------------------------------------------------------

  app.get(
    '/scenarios',
    {
      config: { access: 'scenarios read' },
      schema: {
        summary: '情景 One’s own scenarios and those that are shared',
        tags: ['scenarios'],
        response: answers({ 200: z.object({ scenarios: z.array(ScenarioShape).readonly() }) }),
      },
    },
    async (request, reply) => reply.send({ scenarios: await scenarios.list(actorOf(request)) }),
  )

  app.post(
    '/scenarios',
    {
      config: { access: 'scenarios write' },
      schema: {
        summary: '新建情景 Keeps a scenario; it is the user’s own until it is shared',
        tags: ['scenarios'],
        headers: CommandHeaders,
        body: z.strictObject(Content),
        response: answers({ 201: Id }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      return reply
        .code(201)
        .send(granted(await scenarios.create(actorOf(request), key, request.body)))
    },
  )

  app.get(
    '/scenarios/:id',
    {
      config: { access: 'scenarios read' },
      schema: {
        summary: '一个情景 One scenario with its runs, the newest first',
        tags: ['scenarios'],
        params: Id,
        response: answers({
          200: ScenarioShape.extend({ runs: z.array(RunShape).readonly() }),
        }),
      },
    },
    async (request, reply) =>
      reply.send(granted(await scenarios.one(actorOf(request), request.params.id))),
  )

  app.put(
    '/scenarios/:id',
    {
      config: { access: 'scenarios write' },
      schema: {
        summary:
          '修改情景 Changes a scenario of one’s own: its name, what it is of, whether it is shared',
        tags: ['scenarios'],
        headers: CommandHeaders,
        params: Id,
        body: z.strictObject({ ...Content, shared: z.boolean() }),
        response: answers({ 200: Id }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const { id } = request.params
      return reply.send(granted(await scenarios.change(actorOf(request), key, id, request.body)))
    },
  )

  app.delete(
    '/scenarios/:id',
    {
      config: { access: 'scenarios write' },
      schema: {
        summary: '删除情景 Deletes a scenario of one’s own with its runs',
        tags: ['scenarios'],
        headers: CommandHeaders,
        params: Id,
        response: answers({ 200: Id }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      return reply.send(granted(await scenarios.remove(actorOf(request), key, request.params.id)))
    },
  )

  app.post(
    '/scenarios/:id/copy',
    {
      config: { access: 'scenarios write' },
      schema: {
        summary: '复制情景 Copies a scenario that one sees into one of one’s own',
        tags: ['scenarios'],
        headers: CommandHeaders,
        params: Id,
        body: z.strictObject({ name: ScenarioName }),
        response: answers({ 201: Id }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const { id } = request.params
      const { name } = request.body
      return reply.code(201).send(granted(await scenarios.copy(actorOf(request), key, id, name)))
    },
  )

  // --- runs ---------------------------------------------------------------------------------------

  app.post(
    '/scenarios/:id/runs',
    {
      config: { access: 'scenarios write' },
      schema: {
        summary: '推演 Has a scenario of one’s own run as it is now',
        tags: ['scenarios'],
        headers: CommandHeaders,
        params: Id,
        response: answers({ 202: Id }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const { id } = request.params
      return reply.code(202).send(granted(await scenarios.run(actorOf(request), key, id)))
    },
  )

  app.get(
    '/scenarios/:id/runs/:run',
    {
      config: { access: 'scenarios read' },
      schema: {
        summary: '一次推演 One run: how far it is, and what came of it',
        tags: ['scenarios'],
        params: RunId,
        response: answers({
          200: RunShape.extend({
            content: z.object(Content),
            report: ReportShape.nullable(),
            settled: SettledShape.nullable(),
          }),
        }),
      },
    },
    async (request, reply) => {
      const { id, run } = request.params
      const found = granted(await scenarios.runOf(actorOf(request), id, run))
      return reply.send({ ...found, hash: found.report?.hash })
    },
  )

  app.post(
    '/scenarios/:id/runs/:run/cancel',
    {
      config: { access: 'scenarios write' },
      schema: {
        summary: '取消推演 Cancels a run that has not come to its end',
        tags: ['scenarios'],
        headers: CommandHeaders,
        params: RunId,
        response: answers({ 200: Id }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const { id, run } = request.params
      return reply.send(granted(await scenarios.cancel(actorOf(request), key, id, run)))
    },
  )

  app.get(
    '/scenarios/:id/runs/:run/report.pdf',
    {
      config: { access: 'scenarios read' },
      schema: {
        summary: '推演报告 The report of a run as PDF',
        tags: ['scenarios'],
        params: RunId,
        response: answers({
          200: { description: 'PDF', content: { 'application/pdf': { schema: z.unknown() } } },
        }),
      },
    },
    async (request, reply) => {
      const { id, run } = request.params
      const actor = actorOf(request)
      const paper = granted(await scenarios.paper(actor, id, run))
      await logRead(actor, 'print scenario', id)
      return reply
        .type('application/pdf')
        .header('content-disposition', `inline; filename="${run}.pdf"`)
        .send(paper)
    },
  )

  app.get(
    '/scenarios/:id/runs/:run/report.json',
    {
      config: { access: 'scenarios read' },
      schema: {
        summary: '推演报告（JSON） The report of a run as kangyang whatif writes it',
        tags: ['scenarios'],
        params: RunId,
        response: answers({ 200: ReportShape }),
      },
    },
    async (request, reply) => {
      const { id, run } = request.params
      const { report } = granted(await scenarios.runOf(actorOf(request), id, run))
      if (!report) throw new Refused({ code: 'unknown_scenario_run' })
      return reply.header('content-disposition', `attachment; filename="${run}.json"`).send(report)
    },
  )
}

// --- shapes --------------------------------------------------------------------------------------

const list = <T extends z.ZodType>(item: T) => z.array(item).readonly()
const Id = z.object({ id: z.uuid() })
const RunId = z.object({ id: z.uuid(), run: z.uuid() })
const Title = z.object({ zh: z.string(), en: z.string() })
const Fen = z.int().meta({ description: 'Whole fen' })
const ScenarioName = z.string().trim().min(1).max(100)
const DraftText = z
  .string()
  .min(1)
  .max(200_000)
  .meta({ description: 'A draft, as docs/whatif.md says' })
const Year = z.int().min(1990).max(2100)

const Content = {
  name: ScenarioName,
  draft: DraftText,
  data: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('own'), year: Year }),
    z.strictObject({
      kind: z.literal('city'),
      place: z.string().regex(/^[a-z-]{1,40}\/[a-z-]{1,40}$/),
      persons: z.int().min(1_000).max(1_000_000),
      year: Year,
      seed: z.int().min(0).max(4_294_967_295),
    }),
  ]),
  assumptions: z.strictObject({
    capacity: z.int().min(1).max(100_000_000_00).optional().meta({ description: 'In fen' }),
    capacitySource: z.string().trim().min(1).max(200).optional(),
    elasticity: z.int().min(0).max(9_999).optional().meta({ description: 'In thousandths' }),
    keep: z
      .strictObject({
        tier: z.string().regex(/^[a-z0-9/-]{1,200}$/),
        most: z.int().min(0).max(9_000_000_000_000_000),
      })
      .optional(),
    premium: z
      .strictObject({
        scheme: z.string().regex(/^[a-z0-9/-]{1,200}$/),
        takeUp: z.int().min(1).max(1_000_000).meta({ description: 'Parts per million' }),
        selection: z.int().min(1_000).max(999_999).meta({ description: 'In thousandths' }),
        lossRatio: z.int().min(1).max(1_000_000).meta({ description: 'Parts per million' }),
      })
      .optional(),
  }),
}

const states = Object.keys(RUN_STATES) as [RunState, ...RunState[]]

const ScenarioShape = z.object({
  id: z.uuid(),
  ...Content,
  mine: z.boolean(),
  ownerName: z.string(),
  shared: z.boolean(),
  version: z.int(),
  changedAt: z.string(),
  run: z.uuid().nullable(),
  runState: z.enum(states).nullable(),
})

const RunShape = z.object({
  id: z.uuid(),
  state: z.enum(states),
  scenarioVersion: z.int().meta({ description: 'The scenario as it was at its nth change' }),
  askedBy: z.string(),
  rules: z.int().nullable().meta({ description: 'The version of the rules that the baseline is' }),
  progress: z
    .object({
      step: z.enum(['reading', 'making', 'settling', 'comparing']),
      done: z.int(),
      of: z.int(),
      pass: z.int().optional(),
      passes: z.int().optional(),
    })
    .nullable(),
  fault: Title.nullable(),
  at: z.string(),
  seconds: z.number().nullable(),
  before: z.int().meta({ description: 'How many runs wait before it' }),
  hash: z.string().optional(),
})

const Moved = z.object({ before: z.int(), after: z.int() })
const Untold = z.int().nullable().meta({ description: 'null: fewer than ten' })
const Hidden = { hidden: z.literal(true) }
const Shares = list(z.number())
const DataFiles = list(z.object({ file: z.string(), bytes: z.int(), sha256: z.string() }))
const RulesUsed = z.object({ title: Title, rules: z.string(), result: z.string() })
const fund = { scheme: z.string(), tier: z.string(), payer: z.string(), period: z.string() }

const ReportShape = z
  .object({
    format: z.literal('kangyang/whatif@2'),
    program: z.string(),
    engine: z.int(),
    data: z.object({ bills: DataFiles, persons: DataFiles }),
    baseline: RulesUsed,
    draft: RulesUsed,
    capacity: Fen.optional(),
    capacitySource: z.string().optional(),
    elasticity: z.number().optional(),
    x: z.int().optional(),
    fan: list(
      z.union([
        z.object({ x: z.int(), spent: Fen, paid: Fen, patient: Fen }),
        z.object({ x: z.int(), ...Hidden }),
      ]),
    ).optional(),
    kept: z.object({ tier: z.string(), most: Fen, best: z.int().nullable() }).optional(),
    comparison: z
      .object({
        bills: Moved,
        refused: z.object({ before: Untold, after: Untold }),
        patient: Moved,
        paid: Moved,
        funds: list(
          z.union([
            z.object({ ...fund, before: Fen, after: Fen }),
            z.object({ ...fund, ...Hidden }),
          ]),
        ),
        caps: list(
          z.object({
            scheme: z.string(),
            tier: z.string(),
            before: Untold,
            after: Untold,
            entering: Untold,
            leaving: Untold,
          }),
        ),
        groups: list(
          z.object({
            by: z.enum(Object.keys(GROUPS) as [Grouping, ...Grouping[]]),
            rows: list(
              z.union([
                z.object({
                  group: z.string(),
                  persons: z.int(),
                  gain: Untold,
                  lose: Untold,
                  before: Fen,
                  after: Fen,
                }),
                z.object({ group: z.string(), ...Hidden }),
              ]),
            ),
          }),
        ),
        lorenz: z.object({ before: Shares, after: Shares }).optional(),
        gini: z.object({ before: z.number(), after: z.number() }),
        catastrophic: z
          .object({
            households: z.int(),
            before: Untold,
            after: Untold,
            entering: Untold,
            leaving: Untold,
          })
          .optional(),
        induced: z.object({ cost: z.int(), funds: z.int(), patients: z.int() }).optional(),
      })
      .optional(),
    premium: z
      .object({
        scheme: z.string(),
        takeUp: z.int(),
        selection: z.int(),
        lossRatio: z.int(),
        persons: z.int(),
        claimants: z.int(),
        claims: Fen,
        rows: list(z.object({ takeUp: z.int(), claimsAHead: Fen, premium: Fen })),
        result: z.string(),
      })
      .optional(),
    hash: z.string(),
  })
  .meta({ id: 'WhatifReport', description: 'docs/whatif.md says what each part means' })

const SettledShape = z.object({
  persons: z.int(),
  bills: z.int(),
  amounts: z.object({ paid: Fen, patient: Fen }).optional(),
  together: Untold.optional(),
})

const Parameters = z.object({
  version: z.int(),
  schemes: list(
    z.object({
      scheme: z.string(),
      title: Title,
      tiers: list(z.object({ tier: z.string(), title: Title, file: z.string() })),
    }),
  ),
  values: list(
    z.object({
      at: list(z.union([z.string(), z.int()])),
      value: z.string(),
      from: z.string().optional(),
    }),
  ).optional(),
})
