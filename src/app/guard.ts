import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { PlainDate } from '#base/plain-date.ts'
import { cutAnswer, isForWhole, type Permission, partsFor } from '#platform/access.ts'
import type { Actor, Scope } from '#platform/actor.ts'
import { type Identity, sameSecret } from '#platform/identity.ts'
import { faultOf, Refused } from '#platform/problem.ts'
import type { Access } from '#platform/request.ts'

const SAFE = ['GET', 'HEAD', 'OPTIONS']

/** The cookie of a session. Over https its name makes browsers keep it to this very host (`__Host-`). */
export const sessionCookie = (secure: boolean) =>
  ({
    name: secure ? '__Host-kangyang_session' : 'kangyang_session',
    options: { path: '/', httpOnly: true, sameSite: 'strict', secure },
  }) as const

/**
 * Stands before every request under /api: where it comes from, who sends it, whether their role may, and
 * whether it was meant. A route that does not say who may use it is closed. On the way out it takes away
 * the fields that the role does not see.
 *
 * `publicOrigin` is the address that browsers know; without it, it is the host they asked for.
 */
export function guard(
  app: FastifyInstance,
  identity: Identity,
  {
    publicOrigin,
    secure,
    today,
    logRefusal,
  }: {
    readonly publicOrigin: string | undefined
    readonly secure: boolean
    today(): PlainDate
    /** Puts on record what somebody who is signed in asked for and may not do. */
    logRefusal(actor: Actor, code: string, asked: string): Promise<void>
  },
): void {
  const { name: cookie } = sessionCookie(secure)
  app.decorateRequest('session', undefined)
  app.addHook('onRequest', async (request) => {
    const { access, beforePasswordChange, beforeSecondFactor } = request.routeOptions.config
    const changes = !SAFE.includes(request.method)
    if (changes) checkOrigin(request, publicOrigin)
    if (request.is404 || access === 'public') return
    const token = request.cookies[cookie]
    const session = token ? await identity.session(token) : undefined
    if (!session) throw new Refused({ code: 'not_signed_in' })
    const actor = { ...session.actor, scope: scopeOn(session.actor.scope, today()) }
    request.session = { ...session, actor }
    if (session.mustChangePassword && !beforePasswordChange)
      throw new Refused({ code: 'password_change_required' })
    if (session.mustSetSecondFactor && !beforeSecondFactor)
      throw new Refused({ code: 'second_factor_required' })
    checkMay(access, actor)
    checkForgedHeaders(request)
    if (changes && !sameSecret(String(request.headers['x-kangyang-csrf'] ?? ''), session.csrf))
      throw new Refused({ code: 'csrf_mismatch' })
  })
  app.addHook('onError', async (request, _, error) => {
    const code = faultOf(error).code
    if (!request.session || !ATTEMPTS.has(code)) return
    const [path = ''] = request.url.split('?', 1)
    await logRefusal(request.session.actor, code, `${request.method} ${path}`)
  })
  app.addHook('preValidation', async (request) => {
    if (request.is404 || request.routeOptions.config.access === 'public') return
    const { querystring, body } = (request.routeOptions.schema ?? {}) as Record<string, unknown>
    checkForged('query', request.query, querystring)
    checkForged('body', request.body, body)
  })
  app.addHook('preSerialization', async (request, reply, answer) => {
    const { access } = request.routeOptions.config
    const { session } = request
    if (!session || !isPermission(access) || reply.statusCode >= 400) return answer
    return cutAnswer(access, session.actor.role, answer)
  })
}

/** Refusals of what one may not do, apart from what one has not done yet, such as to sign in. */
const ATTEMPTS = new Set(['forbidden', 'scope_too_narrow', 'scope_forged', 'csrf_mismatch'])

const isPermission = (access: Access | undefined): access is Permission =>
  typeof access === 'string' && access !== 'public' && access !== 'signed-in'

function checkMay(
  access: Access | undefined,
  actor: { readonly role: Parameters<typeof partsFor>[1]; readonly scope: Scope },
): void {
  if (access === 'signed-in') return
  if (!isPermission(access) || partsFor(access, actor.role) === undefined)
    throw new Refused({ code: 'forbidden' })
  if (isForWhole(access) && isNarrowed(actor.scope)) throw new Refused({ code: 'scope_too_narrow' })
}

/** An insurer is no part of the office: what the table gives it is its own, row by row. */
const isNarrowed = ({ persons: _, insurer: _own, ...scope }: Scope): boolean =>
  Object.values(scope).some((each) => each !== undefined)

/** The scope as it is today: an authorisation counts from its first day to its last. */
function scopeOn({ persons, ...scope }: Scope = {}, today: PlainDate): Scope {
  if (persons === undefined) return scope
  const inForce = persons.filter(
    ({ from = today, until = today }) => from <= today && today <= until,
  )
  return { ...scope, persons: inForce }
}

/** Who somebody is and what they see comes from their session alone. Whoever says it otherwise is told so. */
const FORGED_HEADER = /^x-(kangyang-)?(tenant|role|scope|user|actor|region|institution|employer)/
const FORGED_FIELD = /^(kangyang[._-])?(tenant|tenant_?id|role|scope|regions?|actor|actas)$/i

function checkForgedHeaders({ headers }: FastifyRequest): void {
  for (const name of Object.keys(headers))
    if (FORGED_HEADER.test(name))
      throw new Refused({ code: 'scope_forged', facts: { field: name } })
}

function checkForged(where: 'query' | 'body', given: unknown, schema: unknown): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return
  const asked = (schema as { shape?: object } | undefined)?.shape ?? {}
  for (const name of Object.keys(given))
    if (FORGED_FIELD.test(name) && !(name in asked))
      throw new Refused({ code: 'scope_forged', facts: { field: `${where}.${name}` } })
}

/** A browser says where a request comes from; a program that is no browser does not have to. */
function checkOrigin(request: FastifyRequest, publicOrigin: string | undefined): void {
  const { origin, host } = request.headers
  const own = publicOrigin ?? `${request.protocol}://${host}`
  const foreign = origin !== undefined && origin !== own
  if (foreign || request.headers['sec-fetch-site'] === 'cross-site')
    throw new Refused({ code: 'origin_mismatch' })
}
