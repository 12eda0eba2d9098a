import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { masked } from '#base/mask.ts'
import type { Result } from '#base/result.ts'
import type { Actor } from '#platform/actor.ts'
import { answers, CommandHeaders, DayText, Name } from '#platform/answers.ts'
import { Refused } from '#platform/problem.ts'
import { actorOf } from '#platform/request.ts'
import { agreementsOn, levelOn } from './institution.ts'
import type { RegistryRefusal, RegistryService } from './registry.service.ts'
import { INSTITUTION_KINDS } from './types.ts'

export type RegistryTools = {
  readonly service: RegistryService
  logRead(actor: Actor, action: string, subject: string): Promise<void>
}

const MOST_STAFF = 1_000

/** Employers, their rosters and sites; institutions, their levels and agreements. */
export const registryRoutes: FastifyPluginAsyncZod<RegistryTools> = async (app, tools) => {
  const { service } = tools

  app.get(
    '/employers',
    {
      config: { access: 'employers list' },
      schema: {
        summary: '用人单位 Employers',
        tags: ['employers'],
        querystring: Search,
        response: answers({
          200: z.object({
            employers: z.array(z.object({ id: z.string(), name: z.string(), staff: z.int() })),
          }),
        }),
      },
    },
    async (request, reply) => {
      const { q, limit } = request.query
      return reply.send({ employers: await service.employers(actorOf(request), q, limit) })
    },
  )

  app.post(
    '/employers',
    {
      config: { access: 'employers write' },
      schema: {
        summary: '登记用人单位，或改名 Adds an employer, or gives it another name',
        tags: ['employers'],
        headers: CommandHeaders,
        body: z.strictObject({ id: Name, name: z.string().trim().min(1).max(200) }),
        response: answers({ 201: IdShape }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const done = await service.addEmployer(actorOf(request), key, request.body)
      return reply.code(201).send(granted(done))
    },
  )

  app.get(
    '/employers/:id',
    {
      config: { access: 'employers read' },
      schema: {
        summary:
          '单位名册：汇总与本单位职工，不含任何病情 A roster: figures and own staff, never a diagnosis',
        tags: ['employers'],
        params: z.object({ id: Name }),
        response: answers({ 200: EmployerShape }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const found = granted(await service.employer(actor, request.params.id, MOST_STAFF))
      await tools.logRead(actor, 'read roster', found.id)
      const staff = found.staff.map((each) => ({ ...each, name: masked(each.name ?? '') }))
      return reply.send({ ...found, staff })
    },
  )

  app.post(
    '/employers/:id/roster',
    {
      config: { access: 'employers write' },
      schema: {
        summary: '职工增减员 Somebody begins or ends to work for an employer',
        tags: ['employers'],
        headers: CommandHeaders,
        params: z.object({ id: Name }),
        body: z.strictObject({ person: Name, from: DayText, until: DayText.optional() }),
        response: answers({ 201: IdShape }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const { person, from, until } = request.body
      const asked = { employer: request.params.id, person, from, until }
      return reply.code(201).send(granted(await service.roster(actorOf(request), key, asked)))
    },
  )

  app.post(
    '/employers/:id/sites',
    {
      config: { access: 'employers write' },
      schema: {
        summary: '工地不记名投保：按人数或按面积 Insures a construction site without names',
        tags: ['employers'],
        headers: CommandHeaders,
        params: z.object({ id: Name }),
        body: z.strictObject({
          id: Name,
          name: z.string().trim().min(1).max(200),
          scheme: Name,
          from: DayText,
          until: DayText,
          headcount: z.int().min(1).max(1_000_000).optional(),
          areaM2: z.int().min(1).max(1_000_000_000).optional(),
        }),
        response: answers({ 201: IdShape }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const { headcount, areaM2, ...site } = request.body
      const asked = { ...site, employer: request.params.id, headcount, areaM2 }
      return reply.code(201).send(granted(await service.addSite(actorOf(request), key, asked)))
    },
  )

  app.get(
    '/sites/:id',
    {
      config: { access: 'sites read' },
      schema: {
        summary: '工地：投保方式和按日登记的人员 A site: how it is insured, and who was named when',
        tags: ['employers'],
        params: z.object({ id: Name }),
        response: answers({ 200: SiteShape }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const found = granted(await service.site(actor, request.params.id, MOST_STAFF))
      await tools.logRead(actor, 'read site', found.id)
      const workers = found.workers.map((each) => ({ ...each, name: masked(each.name ?? '') }))
      return reply.send({ ...found, workers })
    },
  )

  app.get(
    '/institutions',
    {
      config: { access: 'institutions read' },
      schema: {
        summary: '定点机构及某日的级别和协议 Institutions, their levels and agreements on a day',
        tags: ['institutions'],
        querystring: Search.extend({ on: DayText.optional() }),
        response: answers({
          200: z.object({ on: z.string(), institutions: z.array(InstitutionShape) }),
        }),
      },
    },
    async (request, reply) => {
      const { q, limit, on = service.today() } = request.query
      const found = await service.institutions(actorOf(request), q, limit)
      return reply.send({
        on,
        institutions: found.map((each) => ({
          ...each,
          levels: [...each.levels],
          agreements: each.agreements.map((one) => ({ ...one, until: one.until ?? null })),
          levelOn: levelOn(each, on) ?? null,
          agreementsOn: agreementsOn(each, on),
        })),
      })
    },
  )

  app.post(
    '/institutions',
    {
      config: { access: 'institutions write' },
      schema: {
        summary: '登记定点机构，或更正名称 Adds an institution, or corrects its name',
        tags: ['institutions'],
        headers: CommandHeaders,
        body: z.strictObject({
          id: Name,
          name: z.string().trim().min(1).max(200),
          kind: z.enum(INSTITUTION_KINDS),
        }),
        response: answers({ 201: IdShape }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const done = await service.addInstitution(actorOf(request), key, request.body)
      return reply.code(201).send(granted(done))
    },
  )

  app.post(
    '/institutions/:id/levels',
    {
      config: { access: 'institutions write' },
      schema: {
        summary: '机构级别，从某日起 A level from a day on',
        tags: ['institutions'],
        headers: CommandHeaders,
        params: z.object({ id: Name }),
        body: z.strictObject({ from: DayText, level: Name, document: Name }),
        response: answers({ 201: IdShape }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const { id } = request.params
      const done = await service.level(actorOf(request), key, id, request.body)
      return reply.code(201).send(granted(done))
    },
  )

  app.post(
    '/institutions/:id/agreements',
    {
      config: { access: 'institutions write' },
      schema: {
        summary: '定点协议的起止 An agreement, from a day and perhaps to a day',
        tags: ['institutions'],
        headers: CommandHeaders,
        params: z.object({ id: Name }),
        body: z.strictObject({
          kind: Name,
          from: DayText,
          until: DayText.optional(),
          document: Name,
        }),
        response: answers({ 201: IdShape }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const { until, ...asked } = request.body
      const { id } = request.params
      const done = await service.agreement(actorOf(request), key, id, { ...asked, until })
      return reply.code(201).send(granted(done))
    },
  )
}

function granted<T>(result: Result<T, RegistryRefusal>): T {
  if (result.ok) return result.value
  const { code, ...facts } = result.error
  throw new Refused({ code, facts })
}

// --- shapes --------------------------------------------------------------------------------------

const Search = z.object({
  q: z.string().max(100).default('').meta({ description: 'How a number or name begins' }),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
const IdShape = z.object({ id: z.string() })

const EmployerShape = z
  .object({
    id: z.string(),
    name: z.string(),
    on: z.string(),
    figures: z.object({
      staff: z.int(),
      women: z.int(),
      men: z.int(),
      covers: z.array(z.object({ scheme: z.string(), persons: z.int() })).readonly(),
    }),
    staff: z.array(
      z.object({
        person: z.string(),
        name: z.string().meta({ description: 'Masked: 张*' }),
        from: z.string(),
        until: z.string().nullable(),
        covers: z.array(z.string()).readonly(),
      }),
    ),
    sites: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        employer: z.string(),
        scheme: z.string(),
        from: z.string(),
        until: z.string(),
        headcount: z.int().nullable(),
        areaM2: z.int().nullable(),
        named: z.int(),
      }),
    ),
  })
  .meta({ id: 'Employer', description: '用人单位 What an employer may know of its own staff' })

const SiteShape = z
  .object({
    id: z.string(),
    name: z.string(),
    employer: z.string(),
    employerName: z.string(),
    scheme: z.string(),
    from: z.string(),
    until: z.string(),
    headcount: z.int().nullable(),
    areaM2: z.int().nullable(),
    on: z.string(),
    workers: z.array(
      z.object({ person: z.string(), name: z.string(), from: z.string(), until: z.string() }),
    ),
  })
  .meta({ id: 'Site', description: '工地 Workers are named for the days they work there' })

const InstitutionShape = z
  .object({
    id: z.string(),
    name: z.string(),
    kind: z.enum(INSTITUTION_KINDS),
    levels: z.array(z.object({ from: z.string(), level: z.string(), document: z.string() })),
    agreements: z.array(
      z.object({
        kind: z.string(),
        from: z.string(),
        until: z.string().nullable(),
        document: z.string(),
      }),
    ),
    levelOn: z.string().nullable(),
    agreementsOn: z.array(z.string()),
  })
  .meta({ id: 'Institution', description: '定点机构 With its levels and agreements through time' })
