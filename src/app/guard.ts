import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Identity, sameSecret } from '#platform/identity.ts'
import { Refused } from '#platform/problem.ts'

export const SESSION_COOKIE = 'kangyang_session'
const SAFE = ['GET', 'HEAD', 'OPTIONS']

/**
 * Stands before every request under /api: where it comes from, who sends it, whether their role may, and
 * whether it was meant. A route that does not say who may use it is closed.
 *
 * `publicOrigin` is the address that browsers know; without it, it is the host they asked for.
 */
export function guard(
  app: FastifyInstance,
  identity: Identity,
  { publicOrigin }: { readonly publicOrigin: string | undefined },
): void {
  app.decorateRequest('session', undefined)
  app.addHook('onRequest', async (request) => {
    const { access, beforePasswordChange } = request.routeOptions.config
    const changes = !SAFE.includes(request.method)
    if (changes) checkOrigin(request, publicOrigin)
    if (request.is404 || access === 'public') return
    const token = request.cookies[SESSION_COOKIE]
    request.session = token ? await identity.session(token) : undefined
    const { session } = request
    if (!session) throw new Refused({ code: 'not_signed_in' })
    if (session.mustChangePassword && !beforePasswordChange)
      throw new Refused({ code: 'password_change_required' })
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
