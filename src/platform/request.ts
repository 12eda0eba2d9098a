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

/** The user who sent a request. Throws on a public route: only guarded routes may ask. */
export function actorOf({ session }: FastifyRequest): Actor {
  if (!session) throw new Error('a public route asked for its actor')
  return session.actor
}
