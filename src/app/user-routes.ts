import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Actor } from '#platform/actor.ts'
import { PROBLEMS } from '#platform/answers.ts'
import type { Identity } from '#platform/identity.ts'
import { Refused } from '#platform/problem.ts'
import { actorOf } from '#platform/request.ts'
import {
  NewPassword,
  Reason,
  Role,
  refused,
  ScopeBody,
  SessionShape,
  sessionOf,
  UserName,
  UserShape,
  UserViewShape,
} from './user-shapes.ts'

export type UserTools = {
  readonly identity: Identity
  /** The address of the identity provider, if one is configured: subjects are its own names. */
  readonly provider?: string | undefined
  logCommand(actor: Actor, action: string, subject: string): Promise<void>
}

const ADMIN = { access: 'users manage' } as const
const Params = z.object({ id: z.uuid() })
const WithReason = z.strictObject({ reason: Reason })

/** The users of a tenant: who may sign in, as what, and what helps whoever cannot. */
export const userRoutes: FastifyPluginAsyncZod<UserTools> = async (app, tools) => {
  const { identity } = tools
  const describe = (summary: string) => ({ summary, tags: ['users'] })

  app.get(
    '/users',
    {
      config: ADMIN,
      schema: {
        ...describe('用户 The users of the tenant'),
        querystring: z.object({
          q: z.string().max(100).optional().meta({ description: 'Part of the name' }),
          role: Role.optional(),
          state: z.enum(['active', 'disabled', 'locked']).optional(),
        }),
        response: { 200: z.object({ users: z.array(UserViewShape) }), ...PROBLEMS },
      },
    },
    async (request, reply) =>
      reply.send({ users: await identity.users(actorOf(request).tenant, request.query) }),
  )

  app.post(
    '/users',
    {
      config: ADMIN,
      schema: {
        ...describe(
          '新增用户，首次登录须改密码 Adds a user, who changes the password at first login',
        ),
        body: z.object({
          name: UserName,
          role: Role,
          scope: ScopeBody.optional(),
          password: NewPassword.optional(),
        }),
        response: {
          201: z.object({
            user: UserShape,
            password: z
              .string()
              .optional()
              .meta({ description: 'Made here where none was given; told only this once' }),
          }),
          ...PROBLEMS,
        },
      },
    },
    async (request, reply) => {
      const { actor, tenant } = sessionOf(request.session)
      const { name, password } = request.body
      const weak = password && (await identity.checkPassword(tenant, name, password))
      if (weak) throw refused(weak)
      await tools.logCommand(actor, 'add user', name)
      const added = await identity.addUser(actor.tenant, request.body)
      if (!added.ok) throw refused(added.error)
      const { user, password: made } = added.value
      return reply.code(201).send({ user, ...(password === undefined ? { password: made } : {}) })
    },
  )

  app.post(
    '/users/:id/access',
    {
      config: ADMIN,
      schema: {
        ...describe(
          '调整用户的角色和范围，此人须重新登录 Another role or scope; their sessions end',
        ),
        params: Params,
        body: z.strictObject({ role: Role, scope: ScopeBody.optional() }),
        response: { 200: z.object({ user: UserShape }), ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const changed = await identity.changeAccess(actorOf(request), id, request.body)
      if (!changed.ok) throw refused(changed.error)
      return reply.send({ user: changed.value })
    },
  )

  /** A change of one user that is told nothing more than a reason. */
  const byReason = (
    path: string,
    summary: string,
    act: 'disableUser' | 'enableUser' | 'resetSecondFactor',
  ) =>
    app.post(
      `/users/:id/${path}`,
      {
        config: ADMIN,
        schema: {
          ...describe(summary),
          params: Params,
          body: WithReason,
          response: { 204: z.undefined().describe('Done'), ...PROBLEMS },
        },
      },
      async (request, reply) => {
        const done = await identity[act](actorOf(request), request.params.id, request.body.reason)
        if (!done.ok) throw refused(done.error)
        return reply.code(204).send()
      },
    )
  byReason('disable', '停用用户，其登录随之失效 Disables a user; their sessions end', 'disableUser')
  byReason('enable', '恢复用户 Enables a user again', 'enableUser')
  byReason(
    'second-factor/reset',
    '清除用户的两步验证 Takes away a second factor that was lost',
    'resetSecondFactor',
  )

  app.post(
    '/users/:id/password',
    {
      config: ADMIN,
      schema: {
        ...describe(
          '重置密码：给出一次性密码，此人的登录随之失效 Gives a user a one-time password; their sessions end',
        ),
        params: Params,
        response: {
          201: z.object({
            name: z.string(),
            password: z.string().meta({ description: 'Told only this once; good for seven days' }),
          }),
          ...PROBLEMS,
        },
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { id } = request.params
      if (id === actor.user) throw new Refused({ code: 'own_password' })
      const reset = await identity.resetPassword(actor, id)
      if (!reset.ok) throw refused(reset.error)
      return reply.code(201).send(reset.value)
    },
  )

  app.post(
    '/users/:id/unlock',
    {
      config: ADMIN,
      schema: {
        ...describe('解除登录限制 Opens the doors that failures had closed'),
        params: Params,
        response: { 204: z.undefined().describe('Done'), ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const done = await identity.unlockUser(actorOf(request), request.params.id)
      if (!done.ok) throw refused(done.error)
      return reply.code(204).send()
    },
  )

  app.get(
    '/users/:id/sessions',
    {
      config: ADMIN,
      schema: {
        ...describe('用户的登录 Where a user is signed in'),
        params: Params,
        response: { 200: z.object({ sessions: z.array(SessionShape) }), ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const { tenant } = actorOf(request)
      return reply.send({ sessions: await identity.sessionsOf(tenant, request.params.id) })
    },
  )

  app.post(
    '/users/:id/sessions/end',
    {
      config: ADMIN,
      schema: {
        ...describe('结束用户的一处或全部登录 Ends one session of a user, or all'),
        params: Params,
        body: z.strictObject({ session: z.uuid().optional() }),
        response: { 200: z.object({ ended: z.int() }), ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const done = await identity.endUserSessions(actorOf(request), id, request.body.session)
      if (!done.ok) throw refused(done.error)
      return reply.send(done.value)
    },
  )

  app.post(
    '/users/:id/subject',
    {
      config: ADMIN,
      schema: {
        ...describe(
          '关联统一身份认证的用户标识 Says whom the identity provider means by a subject; none unlinks',
        ),
        params: Params,
        body: z.strictObject({ subject: z.string().trim().min(1).max(255).optional() }),
        response: { 204: z.undefined().describe('Done'), ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const { provider } = tools
      const { subject } = request.body
      if (subject !== undefined && provider === undefined)
        throw new Refused({ code: 'provider_not_configured' })
      const link = subject && provider ? { provider, subject } : undefined
      const done = await identity.linkUser(actorOf(request), request.params.id, link)
      if (!done.ok) throw refused(done.error)
      return reply.code(204).send()
    },
  )

  // --- what the tenant asks of everybody ---------------------------------------------------------

  const Policy = z.strictObject({
    secondFactorRoles: z
      .array(Role)
      .max(20)
      .meta({ description: 'Whoever has one of these roles signs in with a second factor' }),
  })

  app.get(
    '/sign-in-policy',
    {
      config: ADMIN,
      schema: {
        ...describe('登录要求 What is asked of whoever signs in'),
        response: { 200: Policy, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const roles = await identity.secondFactorRoles(actorOf(request).tenant)
      return reply.send({ secondFactorRoles: [...roles] })
    },
  )

  app.put(
    '/sign-in-policy',
    {
      config: ADMIN,
      schema: {
        ...describe('修改登录要求 Sets which roles bring a second factor'),
        body: Policy,
        response: { 200: Policy, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const roles = [...new Set(request.body.secondFactorRoles)]
      const done = await identity.setSecondFactorRoles(actorOf(request), roles)
      if (!done.ok) throw refused(done.error)
      return reply.send({ secondFactorRoles: roles })
    },
  )
}
