import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { Name, PROBLEMS } from '#platform/answers.ts'
import { EMERGENCY_CATEGORIES } from '#platform/emergency-access.ts'
import type { Identity } from '#platform/identity.ts'
import { actorOf } from '#platform/request.ts'
import { refused } from './user-shapes.ts'

const Stamp = z.object({ at: z.string(), by: z.string() })
const Shape = z
  .object({
    id: z.uuid(),
    user: z.uuid(),
    userName: z.string(),
    person: z.string(),
    category: z.enum(EMERGENCY_CATEGORIES),
    reason: z.string(),
    grantedAt: z.string(),
    expiresAt: z.string(),
    live: z.boolean(),
    ended: Stamp.optional(),
    acknowledged: Stamp.extend({ note: z.string() }).optional(),
  })
  .meta({
    id: 'EmergencyAccess',
    description: '紧急访问 The file of one person, opened to one user, for a reason, for an hour',
  })
const Shapes = z.object({ accesses: z.array(Shape) })
const Params = z.object({ id: z.uuid() })
/** Long enough to say something, so that it can be judged later. */
const Reason = z.string().trim().min(10).max(1_000)

/** Emergency access: a file that a role or a scope does not show, opened at once and looked at by a supervisor. */
export const emergencyRoutes: FastifyPluginAsyncZod<{ readonly identity: Identity }> = async (
  app,
  { identity },
) => {
  const describe = (summary: string) => ({ summary, tags: ['emergency access'] })

  app.post(
    '/emergency-accesses',
    {
      config: { access: 'emergencies open' },
      schema: {
        ...describe(
          '申请紧急访问，立即生效 Opens a person’s file for an hour; supervisors are told',
        ),
        body: z.strictObject({
          person: Name,
          category: z.enum(EMERGENCY_CATEGORIES),
          reason: Reason,
        }),
        response: { 201: Shape, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const opened = await identity.openInEmergency(actorOf(request), request.body)
      if (!opened.ok) throw refused(opened.error)
      return reply.code(201).send(opened.value)
    },
  )

  app.get(
    '/emergency-accesses/mine',
    {
      config: { access: 'emergencies open' },
      schema: {
        ...describe('我的紧急访问 My own, the latest first'),
        response: { 200: Shapes, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const { tenant, user } = actorOf(request)
      return reply.send({ accesses: await identity.emergencyAccesses(tenant, user) })
    },
  )

  app.get(
    '/emergency-accesses',
    {
      config: { access: 'emergencies review' },
      schema: {
        ...describe('本机构的紧急访问 Those of the tenant, the latest first'),
        response: { 200: Shapes, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const { tenant } = actorOf(request)
      return reply.send({ accesses: await identity.emergencyAccesses(tenant) })
    },
  )

  app.get(
    '/emergency-accesses/waiting',
    {
      config: { access: 'emergencies review' },
      schema: {
        ...describe('待确认的紧急访问数 How many nobody has acknowledged'),
        response: { 200: z.object({ waiting: z.int() }), ...PROBLEMS },
      },
    },
    async (request, reply) =>
      reply.send({ waiting: await identity.emergenciesWaiting(actorOf(request).tenant) }),
  )

  app.post(
    '/emergency-accesses/:id/end',
    {
      config: { access: 'emergencies open' },
      schema: {
        ...describe(
          '结束紧急访问：本人或主管 Ends one before its time: one’s own, or as a supervisor',
        ),
        params: Params,
        response: { 200: Shape, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const ended = await identity.endEmergency(actorOf(request), request.params.id)
      if (!ended.ok) throw refused(ended.error)
      return reply.send(ended.value)
    },
  )

  app.post(
    '/emergency-accesses/:id/acknowledge',
    {
      config: { access: 'emergencies review' },
      schema: {
        ...describe(
          '主管确认已知悉，不能确认自己的 A supervisor has looked at it; nobody at their own',
        ),
        params: Params,
        body: z.strictObject({ note: z.string().trim().max(1_000).default('') }),
        response: { 200: Shape, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const seen = await identity.acknowledgeEmergency(actorOf(request), id, request.body.note)
      if (!seen.ok) throw refused(seen.error)
      return reply.send(seen.value)
    },
  )
}
