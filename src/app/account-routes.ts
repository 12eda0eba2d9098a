import fastifyRateLimit from '@fastify/rate-limit'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { type Actor, ROLES } from '#platform/actor.ts'
import { DayText, Name } from '#platform/answers.ts'
import type { Identity, Session } from '#platform/identity.ts'
import { PASSWORD_LENGTH } from '#platform/passwords.ts'
import { Problem, Refused } from '#platform/problem.ts'
import { actorOf } from '#platform/request.ts'
import { SESSION_COOKIE } from './guard.ts'

export type AccountTools = {
  readonly identity: Identity
  /** The tenant of a login that names none. */
  readonly tenant: string
  /** Whether browsers reach the server over https: only then may the cookie say so. */
  readonly secure: boolean
  /** Users whom a visitor may sign in as, on a demonstration server alone. */
  readonly demonstration: readonly { readonly user: string; readonly password: string }[]
  logCommand(actor: Actor, action: string, subject: string): Promise<void>
}

/** Attempts of one address, whatever names it tries: each costs the server a slow hash. */
const LOGINS_PER_MINUTE = 30

const Role = z.enum(ROLES)
const Names = z.array(Name).max(100).readonly()
/** What a role is narrowed to; a day is read strictly where it comes in, and is text where it goes out. */
const scopeShape = <Day extends z.ZodType>(day: Day) =>
  z.strictObject({
    regions: Names.optional().meta({ description: 'Places, as the folders of schemes name them' }),
    institutions: Names.optional(),
    schemes: Names.optional(),
    employer: Name.optional(),
    persons: z
      .array(
        z.strictObject({
          person: Name,
          from: day.optional(),
          until: day.optional(),
          document: Name.optional().meta({ description: 'By which somebody acts for the person' }),
        }),
      )
      .max(100)
      .readonly()
      .optional(),
  })
const ScopeBody = scopeShape(DayText)
const ScopeShape = scopeShape(z.string()).meta({
  id: 'Scope',
  description: '范围 What a role is narrowed to; what is absent narrows nothing',
})
const UserShape = z
  .object({
    id: z.uuid(),
    name: z.string(),
    role: Role,
    scope: ScopeShape,
    mustChangePassword: z.boolean(),
  })
  .meta({ id: 'User' })
const TenantShape = z.object({ id: z.string(), name: z.string(), demonstration: z.boolean() })
const AnyPassword = z.string().min(1).max(PASSWORD_LENGTH.most)
const NewPassword = z.string().min(PASSWORD_LENGTH.least).max(PASSWORD_LENGTH.most)
const UserName = z
  .string()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,49}$/u, { error: 'letters, digits and . _ - only' })

const PROBLEMS = {
  '4xx': {
    description: 'Not carried out, and why',
    content: { 'application/problem+json': { schema: Problem } },
  },
}

/** Signing in and out, passwords, and the users of a tenant. */
export const accountRoutes: FastifyPluginAsyncZod<AccountTools> = async (app, tools) => {
  const { identity, secure } = tools
  await app.register(fastifyRateLimit, {
    global: false,
    errorResponseBuilder: (_, { ttl }) =>
      new Refused({ code: 'throttled', facts: { seconds: Math.ceil(ttl / 1000) } }),
  })
  const cookie = { path: '/', httpOnly: true, sameSite: 'strict', secure } as const

  app.post(
    '/login',
    {
      config: {
        access: 'public',
        rateLimit: { max: LOGINS_PER_MINUTE, timeWindow: '1 minute' },
      },
      schema: {
        summary: '登录 Signs in',
        tags: ['account'],
        security: [],
        body: z.object({
          tenant: z.string().max(100).optional(),
          user: z.string().min(1).max(100),
          password: AnyPassword,
        }),
        response: { 200: z.object({ user: UserShape, csrf: z.string() }), ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const { tenant = tools.tenant, user, password } = request.body
      const login = await identity.login({ tenant, user, password, address: request.ip })
      if (!login.ok) throw refused(login.error)
      const { token, session } = login.value
      await tools.logCommand(session.actor, 'login', request.ip)
      reply.setCookie(SESSION_COOKIE, token, cookie)
      return reply.send({ user: userOf(session), csrf: session.csrf })
    },
  )

  app.post(
    '/logout',
    {
      config: { access: 'signed-in', beforePasswordChange: true },
      schema: {
        summary: '退出 Signs out',
        tags: ['account'],
        response: { 204: z.undefined().describe('Signed out'), ...PROBLEMS },
      },
    },
    async (request, reply) => {
      await identity.logout(request.cookies[SESSION_COOKIE] ?? '')
      reply.clearCookie(SESSION_COOKIE, cookie)
      return reply.code(204).send()
    },
  )

  // A page that asks /session before anybody has signed in would be told off by its own browser.
  app.get(
    '/door',
    {
      config: { access: 'public' },
      schema: {
        summary: '是否已登录 Whether anybody is signed in, and whom a visitor may sign in as',
        tags: ['account'],
        security: [],
        response: {
          200: z.object({
            signedIn: z.boolean(),
            demonstration: z.array(z.object({ user: z.string(), password: z.string() })),
          }),
          ...PROBLEMS,
        },
      },
    },
    async (request, reply) => {
      const token = request.cookies[SESSION_COOKIE]
      const session = token ? await identity.session(token) : undefined
      const demonstration = session ? [] : [...tools.demonstration]
      return reply.send({ signedIn: session !== undefined, demonstration })
    },
  )

  app.get(
    '/session',
    {
      config: { access: 'signed-in', beforePasswordChange: true },
      schema: {
        summary: '当前登录 Who is signed in',
        tags: ['account'],
        response: {
          200: z.object({ user: UserShape, csrf: z.string(), tenant: TenantShape }),
          ...PROBLEMS,
        },
      },
    },
    async (request, reply) => {
      const session = sessionOf(request.session)
      return reply.send({ user: userOf(session), csrf: session.csrf, tenant: session.tenant })
    },
  )

  app.post(
    '/password',
    {
      config: { access: 'signed-in', beforePasswordChange: true },
      schema: {
        summary: '修改密码；其他登录随之失效 Changes the password; other sessions end',
        tags: ['account'],
        body: z.object({ current: AnyPassword, next: NewPassword }),
        response: { 204: z.undefined().describe('Changed'), ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const session = sessionOf(request.session)
      const token = request.cookies[SESSION_COOKIE] ?? ''
      await tools.logCommand(session.actor, 'change password', session.actor.name)
      const changed = await identity.changePassword(session, token, {
        ...request.body,
        address: request.ip,
      })
      if (!changed.ok) throw refused(changed.error)
      return reply.code(204).send()
    },
  )

  app.get(
    '/users',
    {
      config: { access: ['admin'] },
      schema: {
        summary: '用户 The users of the tenant',
        tags: ['account'],
        response: { 200: z.object({ users: z.array(UserShape) }), ...PROBLEMS },
      },
    },
    async (request, reply) => reply.send({ users: await identity.users(actorOf(request).tenant) }),
  )

  app.post(
    '/users',
    {
      config: { access: ['admin'] },
      schema: {
        summary: '新增用户，首次登录须改密码 Adds a user, who changes the password at first login',
        tags: ['account'],
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
      const actor = actorOf(request)
      const { name, password } = request.body
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
      config: { access: ['admin'] },
      schema: {
        summary:
          '调整用户的角色和范围，下一次请求起生效 Another role or scope, from the next request on',
        tags: ['account'],
        params: z.object({ id: z.uuid() }),
        body: z.strictObject({ role: Role, scope: ScopeBody.optional() }),
        response: { 200: z.object({ user: UserShape }), ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { id } = request.params
      if (id === actor.user) throw new Refused({ code: 'own_access' })
      await tools.logCommand(actor, 'change access', id)
      const changed = await identity.changeAccess(actor.tenant, id, request.body)
      if (!changed.ok) throw refused(changed.error)
      return reply.send({ user: changed.value })
    },
  )

  app.post(
    '/users/:id/password',
    {
      config: { access: ['admin'] },
      schema: {
        summary:
          '重置密码：给出一次性密码，此人的登录随之失效 Gives a user a one-time password; their sessions end',
        tags: ['account'],
        params: z.object({ id: z.uuid() }),
        response: {
          201: z.object({
            name: z.string(),
            password: z.string().meta({ description: 'Told only this once' }),
          }),
          ...PROBLEMS,
        },
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { id } = request.params
      if (id === actor.user) throw new Refused({ code: 'own_password' })
      await tools.logCommand(actor, 'reset password', id)
      const reset = await identity.resetPassword(actor.tenant, id)
      if (!reset.ok) throw refused(reset.error)
      return reply.code(201).send(reset.value)
    },
  )
}

const refused = ({ code, ...facts }: { readonly code: string }): Refused =>
  new Refused({ code, facts })

function sessionOf(session: Session | undefined): Session {
  if (!session) throw new Refused({ code: 'not_signed_in' })
  return session
}

const userOf = ({ actor, mustChangePassword }: Session) => ({
  id: actor.user,
  name: actor.name,
  role: actor.role,
  scope: actor.scope ?? {},
  mustChangePassword,
})
