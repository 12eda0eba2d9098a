import { createContext, type ReactNode, use } from 'react'
import type { Role, Session } from '#web/api.ts'

const SessionContext = createContext<Session | undefined>(undefined)

export function SessionProvider({
  session,
  children,
}: {
  readonly session: Session
  readonly children: ReactNode
}) {
  return <SessionContext value={session}>{children}</SessionContext>
}

export function useSession(): Session {
  const session = use(SessionContext)
  if (!session) throw new Error('useSession needs somebody signed in')
  return session
}

export const useRole = (): Role => useSession().user.role
