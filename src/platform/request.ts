import type { FastifyRequest } from 'fastify'
import type { Permission } from './access.ts'
import type { Actor } from './actor.ts'
import type { Session } from './identity.ts'

/** Who may send a request: who has this permission. A route under /api that does not say is refused to everybody. */
export type Access = 'public' | 'signed-in' | Permission

declare module 'fastify' {
  interface FastifyRequest {
    session: Session | undefined
  }
  interface FastifyContextConfig {
    access?: Access
    /** Open to a user whose password has to be changed first. */
    beforePasswordChange?: boolean
    /** Open to a user whose role has to bring a second factor, before there is one. */
    beforeSecondFactor?: boolean
  }
}

const PURPOSE = 'x-kangyang-purpose'
const MOST_PURPOSE = 200

/**
 * The user who sent a request, and why where they said so. Throws on a public route: only guarded routes may
 * ask.
 */
export function actorOf({ session, headers }: FastifyRequest): Actor {
  if (!session) throw new Error('a public route asked for its actor')
  const purpose = purposeIn(headers[PURPOSE])
  return purpose === undefined ? session.actor : { ...session.actor, purpose }
}

/** A header carries no Chinese, so it is written as in an address. */
function purposeIn(header: string | string[] | undefined): string | undefined {
  if (typeof header !== 'string') return undefined
  try {
    return decodeURIComponent(header).trim().slice(0, MOST_PURPOSE) || undefined
  } catch {
    return header.trim().slice(0, MOST_PURPOSE) || undefined
  }
}
