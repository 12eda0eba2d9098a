import fastifyRateLimit from '@fastify/rate-limit'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { permissionsOf } from '#platform/access.ts'
import type { Actor } from '#platform/actor.ts'
import { PROBLEMS } from '#platform/answers.ts'
import { deviceOf } from '#platform/device.ts'
import type { Identity, Session } from '#platform/identity.ts'
import { Refused } from '#platform/problem.ts'
import { actorOf } from '#platform/request.ts'
import { sessionCookie } from './guard.ts'
import type { IdentityProvider } from './identity-provider.ts'
import {
  AnyPassword,
  Code,
  NewPassword,
  refused,
  SessionShape,
  sessionOf,
  UserShape,
  userOf,
} from './user-shapes.ts'

export type AccountTools = {
  readonly identity: Identity
  /** The tenant of a login that names none. */
  readonly tenant: string
  /** Whether browsers reach the server over https: only then may the cookie say so. */
  readonly secure: boolean
  /** Users whom a visitor may sign in as, on a demonstration server alone. */
  readonly demonstration: readonly { readonly user: string; readonly password: string }[]
  /** Where people may sign in as well, if it is configured. */
  readonly provider?: IdentityProvider | undefined
  logCommand(actor: Actor, action: string, subject: string): Promise<void>
}

/** Attempts of one address, whatever names it tries: each costs the server a slow hash. */
const LOGINS_PER_MINUTE = 30
const RATE_LIMIT = { max: LOGINS_PER_MINUTE, timeWindow: '1 minute' }

const TenantShape = z.object({ id: z.string(), name: z.string(), demonstration: z.boolean() })
const Proof = z.strictObject({ password: AnyPassword, code: Code })
const SIGNED_IN = { access: 'signed-in' } as const
/** What somebody may do who has to set up a second factor first. */
const SETTING_UP = { access: 'signed-in', beforeSecondFactor: true } as const
/** And who has a one-time password. */
const FIRST = { ...SETTING_UP, beforePasswordChange: true } as const

/** Signing in and out, and what everybody may do with their own account. */
export const accountRoutes: FastifyPluginAsyncZod<AccountTools> = async (app, tools) => {
  const { identity, provider } = tools
  await app.register(fastifyRateLimit, {
    global: false,
    errorResponseBuilder: (_, { ttl }) =>
      new Refused({ code: 'throttled', facts: { seconds: Math.ceil(ttl / 1000) } }),
  })
  const cookie = sessionCookie(tools.secure)
  const tokenOf = (request: FastifyRequest) => request.cookies[cookie.name] ?? ''

  /** Signs somebody in here: what was signed in before is not any more. */
  const enter = async (
    request: FastifyRequest,
    reply: FastifyReply,
    { token, session }: { readonly token: string; readonly session: Session },
  ): Promise<void> => {
    const before = tokenOf(request)
    if (before !== '') await identity.logout(before)
    const how = session.method === 'provider' ? 'login by provider' : 'login'
    await tools.logCommand(session.actor, how, request.ip)
    reply.setCookie(cookie.name, token, cookie.options)
  }

  app.post(
    '/login',
    {
      config: { access: 'public', rateLimit: RATE_LIMIT },
      schema: {
        summary: '登录 Signs in',
        tags: ['account'],
        security: [],
        body: z.object({
          tenant: z.string().max(100).optional(),
          user: z.string().min(1).max(100),
          password: AnyPassword,
          code: Code.optional(),
        }),
        response: { 200: z.object({ user: UserShape, csrf: z.string() }), ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const { tenant = tools.tenant, user, password, code } = request.body
      const login = await identity.login({
        tenant,
        user,
        password,
        code,
        address: request.ip,
        device: deviceOf(request.headers['user-agent']),
      })
      if (!login.ok) throw refused(login.error)
      await enter(request, reply, login.value)
      const { session } = login.value
      return reply.send({ user: userOf(session), csrf: session.csrf })
    },
  )

  app.post(
    '/logout',
    {
      config: FIRST,
      schema: {
        summary: '退出 Signs out',
        tags: ['account'],
        response: {
          200: z
            .object({ next: z.string() })
            .describe('Signed out here; `next` is where the identity provider does the same'),
          204: z.undefined().describe('Signed out'),
          ...PROBLEMS,
        },
      },
    },
    async (request, reply) => {
      const { method } = sessionOf(request.session)
      await identity.logout(tokenOf(request))
      reply.clearCookie(cookie.name, cookie.options)
      const next = method === 'provider' ? await provider?.logoutAddress() : undefined
      return next === undefined ? reply.code(204).send() : reply.send({ next })
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
            provider: z
              .string()
              .optional()
              .meta({ description: 'The name of the identity provider, if there is one' }),
          }),
          ...PROBLEMS,
        },
      },
    },
    async (request, reply) => {
      const token = tokenOf(request)
      const session = token ? await identity.session(token) : undefined
      const demonstration = session ? [] : [...tools.demonstration]
      return reply.send({
        signedIn: session !== undefined,
        demonstration,
        ...(provider ? { provider: provider.name } : {}),
      })
    },
  )

  app.get(
    '/session',
    {
      config: FIRST,
      schema: {
        summary: '当前登录 Who is signed in',
        tags: ['account'],
        response: {
          200: z.object({
            user: UserShape,
            csrf: z.string(),
            tenant: TenantShape,
            may: z
              .array(z.string())
              .meta({ description: 'What the role may do, as docs/access.md names it' }),
            id: z.uuid().meta({ description: 'Which of the user’s sessions it is' }),
            method: z.enum(['password', 'provider']),
            mustSetSecondFactor: z.boolean(),
          }),
          ...PROBLEMS,
        },
      },
    },
    async (request, reply) => {
      const session = sessionOf(request.session)
      const { csrf, tenant, id, method, mustSetSecondFactor } = session
      return reply.send({
        may: permissionsOf(session.actor.role),
        user: userOf(session),
        csrf,
        tenant,
        id,
        method,
        mustSetSecondFactor,
      })
    },
  )

  app.post(
    '/password',
    {
      config: FIRST,
      schema: {
        summary:
          '修改密码；其他登录随之失效 Changes the password; other sessions end, this one gets a new cookie',
        tags: ['account'],
        body: z.object({ current: AnyPassword, next: NewPassword }),
        response: { 204: z.undefined().describe('Changed'), ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const session = sessionOf(request.session)
      const words = { ...request.body, address: request.ip }
      const changed = await identity.changePassword(session, words)
      if (!changed.ok) throw refused(changed.error)
      reply.setCookie(cookie.name, changed.value.token, cookie.options)
      return reply.code(204).send()
    },
  )

  // --- sessions ----------------------------------------------------------------------------------

  app.get(
    '/account/sessions',
    {
      config: SIGNED_IN,
      schema: {
        summary: '我的登录 Where I am signed in',
        tags: ['account'],
        response: {
          200: z.object({ current: z.uuid(), sessions: z.array(SessionShape) }),
          ...PROBLEMS,
        },
      },
    },
    async (request, reply) => {
      const { id, actor } = sessionOf(request.session)
      const sessions = await identity.sessionsOf(actor.tenant, actor.user)
      return reply.send({ current: id, sessions })
    },
  )

  app.post(
    '/account/sessions/end',
    {
      config: SIGNED_IN,
      schema: {
        summary: '结束我的一处登录，或其他全部 Ends one of my sessions, or all others',
        tags: ['account'],
        body: z.strictObject({ session: z.uuid().optional() }),
        response: { 200: z.object({ ended: z.int() }), ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const { id, actor } = sessionOf(request.session)
      const { session } = request.body
      await tools.logCommand(actor, 'end own sessions', session ?? 'others')
      if (session === undefined)
        return reply.send({ ended: await identity.endSessions(actor.tenant, actor.user, id) })
      const ended = await identity.endSession(actor.tenant, actor.user, session)
      if (!ended) throw new Refused({ code: 'unknown_session' })
      return reply.send({ ended: 1 })
    },
  )

  // --- the second factor -------------------------------------------------------------------------

  app.get(
    '/account/second-factor',
    {
      config: SETTING_UP,
      schema: {
        summary: '我的两步验证 My second factor',
        tags: ['account'],
        response: {
          200: z.object({
            since: z.string().optional(),
            recoveryCodes: z.int().meta({ description: 'How many are left' }),
            required: z.boolean().meta({ description: 'Whether my role has to bring one' }),
          }),
          ...PROBLEMS,
        },
      },
    },
    async (request, reply) => reply.send(await identity.secondFactor(actorOf(request))),
  )

  app.post(
    '/account/second-factor',
    {
      config: SETTING_UP,
      schema: {
        summary: '开始设置两步验证 A new secret for the authenticator',
        tags: ['account'],
        body: z.strictObject({ password: AnyPassword }),
        response: {
          201: z.object({
            secret: z.string(),
            address: z.string().meta({ description: 'otpauth://, for a QR code' }),
          }),
          ...PROBLEMS,
        },
      },
    },
    async (request, reply) => {
      const proof = { ...request.body, address: request.ip }
      const begun = await identity.beginSecondFactor(sessionOf(request.session), proof)
      if (!begun.ok) throw refused(begun.error)
      return reply.code(201).send(begun.value)
    },
  )

  app.post(
    '/account/second-factor/confirm',
    {
      config: SETTING_UP,
      schema: {
        summary: '用验证码确认；给出恢复码 Confirms it by a code; answers with the recovery codes',
        tags: ['account'],
        body: z.strictObject({ code: Code }),
        response: {
          200: z.object({
            recoveryCodes: z.array(z.string()).meta({ description: 'Told only this once' }),
          }),
          ...PROBLEMS,
        },
      },
    },
    async (request, reply) => {
      const session = sessionOf(request.session)
      const confirmed = await identity.confirmSecondFactor(session, request.body.code)
      if (!confirmed.ok) throw refused(confirmed.error)
      const { token, recoveryCodes } = confirmed.value
      reply.setCookie(cookie.name, token, cookie.options)
      return reply.send({ recoveryCodes: [...recoveryCodes] })
    },
  )

  app.post(
    '/account/second-factor/remove',
    {
      config: SIGNED_IN,
      schema: {
        summary: '停用两步验证 Removes the second factor',
        tags: ['account'],
        body: Proof,
        response: { 204: z.undefined().describe('Done'), ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const proof = { ...request.body, address: request.ip }
      const removed = await identity.removeSecondFactor(sessionOf(request.session), proof)
      if (!removed.ok) throw refused(removed.error)
      reply.setCookie(cookie.name, removed.value.token, cookie.options)
      return reply.code(204).send()
    },
  )

  app.post(
    '/account/recovery-codes',
    {
      config: SIGNED_IN,
      schema: {
        summary: '换一组恢复码 New recovery codes in place of the old ones',
        tags: ['account'],
        body: Proof,
        response: { 201: z.object({ recoveryCodes: z.array(z.string()) }), ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const proof = { ...request.body, address: request.ip }
      const renewed = await identity.renewRecoveryCodes(sessionOf(request.session), proof)
      if (!renewed.ok) throw refused(renewed.error)
      return reply.code(201).send({ recoveryCodes: [...renewed.value.recoveryCodes] })
    },
  )

  // --- the identity provider ---------------------------------------------------------------------

  if (!provider) return
  const flow = { ...cookie.options, path: '/api/provider', sameSite: 'lax' } as const
  const FLOW_COOKIE = tools.secure ? '__Secure-kangyang_provider' : 'kangyang_provider'

  // A POST, so that no other site can begin it.
  app.post(
    '/provider/login',
    {
      config: { access: 'public', rateLimit: RATE_LIMIT },
      schema: {
        summary: '经统一身份认证登录 Begins signing in by the identity provider',
        tags: ['account'],
        security: [],
        response: { 200: z.object({ next: z.string() }), ...PROBLEMS },
      },
    },
    async (_, reply) => {
      const begun = await provider.begin()
      if (!begun.ok) throw refused(begun.error)
      reply.setCookie(FLOW_COOKIE, begun.value.memory, { ...flow, maxAge: 600 })
      return reply.send({ next: begun.value.next })
    },
  )

  app.get(
    '/provider/callback',
    {
      config: { access: 'public', rateLimit: RATE_LIMIT },
      schema: {
        summary: '统一身份认证的回调 Where the identity provider sends people back to',
        tags: ['account'],
        security: [],
        querystring: z.looseObject({}),
        response: { 302: z.undefined().describe('Signed in, or why not: back to the console') },
      },
    },
    async (request, reply) => {
      const memory = request.cookies[FLOW_COOKIE] ?? ''
      reply.clearCookie(FLOW_COOKIE, flow)
      const back = (words: Record<string, string>) =>
        reply.redirect(`/?${new URLSearchParams(words)}`)
      const query = request.url.split('?')[1] ?? ''
      const claim = await provider.finish(memory, query)
      if (!claim.ok) return back({ problem: claim.error.code })
      const login = await identity.loginByProvider({
        ...claim.value,
        tenant: tools.tenant,
        address: request.ip,
        device: deviceOf(request.headers['user-agent']),
      })
      if (!login.ok) {
        const { code } = login.error
        const unknown = code === 'provider_user_unknown'
        return back({ problem: code, ...(unknown ? { subject: claim.value.subject } : {}) })
      }
      await enter(request, reply, login.value)
      return reply.redirect('/')
    },
  )
}
