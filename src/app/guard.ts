import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Identity, sameSecret } from '#platform/identity.ts'
import { Refused } from '#platform/problem.ts'

const SAFE = ['GET', 'HEAD', 'OPTIONS']

/** The cookie of a session. Over https its name makes browsers keep it to this very host (`__Host-`). */
export const sessionCookie = (secure: boolean) =>
  ({
    name: secure ? '__Host-kangyang_session' : 'kangyang_session',
    options: { path: '/', httpOnly: true, sameSite: 'strict', secure },
  }) as const

/**
 * Stands before every request under /api: where it comes from, who sends it, whether their role may, and
 * whether it was meant. A route that does not say who may use it is closed.
 *
 * `publicOrigin` is the address that browsers know; without it, it is the host they asked for.
 */
export function guard(
  app: FastifyInstance,
  identity: Identity,
  { publicOrigin, secure }: { readonly publicOrigin: string | undefined; readonly secure: boolean },
): void {
  const { name: cookie } = sessionCookie(secure)
  app.decorateRequest('session', undefined)
  app.addHook('onRequest', async (request) => {
    const { access, beforePasswordChange, beforeSecondFactor } = request.routeOptions.config
    const changes = !SAFE.includes(request.method)
    if (changes) checkOrigin(request, publicOrigin)
    if (request.is404 || access === 'public') return
    const token = request.cookies[cookie]
    request.session = token ? await identity.session(token) : undefined
    const { session } = request
    if (!session) throw new Refused({ code: 'not_signed_in' })
    if (session.mustChangePassword && !beforePasswordChange)
      throw new Refused({ code: 'password_change_required' })
    if (session.mustSetSecondFactor && !beforeSecondFactor)
      throw new Refused({ code: 'second_factor_required' })
    if (access !== 'signed-in' && !access?.includes(session.actor.role))
      throw new Refused({ code: 'forbidden' })
    if (changes && !sameSecret(String(request.headers['x-kangyang-csrf'] ?? ''), session.csrf))
      throw new Refused({ code: 'csrf_mismatch' })
  })
}

/** A browser says where a request comes from; a program that is no browser does not have to. */
function checkOrigin(request: FastifyRequest, publicOrigin: string | undefined): void {
  const { origin, host } = request.headers
  const own = publicOrigin ?? `${request.protocol}://${host}`
  const foreign = origin !== undefined && origin !== own
  if (foreign || request.headers['sec-fetch-site'] === 'cross-site')
    throw new Refused({ code: 'origin_mismatch' })
}
