import type { Identity, Session } from './identity.ts'

const REMEMBERED_MS = 1_000
const MOST_SESSIONS = 10_000

/**
 * The same identity, which asks for a session at most once a second: a page and a busy integrator send many
 * requests in that time. Whatever else is done here, such as a logout or another password, forgets all that
 * is remembered, so only what another server does is seen up to a second late.
 */
export function rememberSessions(identity: Identity, now: () => number = Date.now): Identity {
  const known = new Map<
    string,
    { readonly until: number; readonly session: Promise<Session | undefined> }
  >()

  const forgetting = Object.entries(identity).map(([name, act]) => [
    name,
    async (...given: unknown[]) => {
      try {
        return await (act as (...given: unknown[]) => Promise<unknown>)(...given)
      } finally {
        known.clear()
      }
    },
  ])

  return {
    ...(Object.fromEntries(forgetting) as Identity),
    session(token) {
      const found = known.get(token)
      if (found && found.until > now()) return found.session
      if (known.size >= MOST_SESSIONS) known.clear()
      const session = identity.session(token)
      known.set(token, { until: now() + REMEMBERED_MS, session })
      // Neither "no session" nor a database that is away is an answer to be given again.
      const forget = () => known.get(token)?.session === session && known.delete(token)
      session.then((there) => there ?? forget(), forget)
      return session
    },
  }
}
