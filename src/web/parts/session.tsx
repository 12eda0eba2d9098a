import { createContext, type ReactNode, use } from 'react'
import type { Session } from '#web/api.ts'

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

/** Whether whoever is signed in may do something. */
export const useMay = (permission: string): boolean => useSession().may.includes(permission)
