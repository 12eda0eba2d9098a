import { Skeleton, Spin } from 'antd'
import type { ReactNode } from 'react'
import { useLanguage } from '#web/parts/language.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'

type Query<T> = {
  readonly data: T | undefined
  readonly error: unknown
  readonly isPending: boolean
  readonly refetch: () => unknown
}

/** Shows what was asked for once it is there; until then, that it is coming, or why it is not. */
export function Await<T>({
  query,
  children,
}: {
  readonly query: Query<T>
  readonly children: (data: T) => ReactNode
}) {
  const { data, error, isPending, refetch } = query
  if (data !== undefined) return children(data)
  if (isPending) return <Waiting />
  return <ProblemAlert error={error} retry={() => void refetch()} />
}

export function Waiting() {
  const { say } = useLanguage()
  return (
    <div role="status" aria-label={say('loading')}>
      <Skeleton active title={false} paragraph={{ rows: 4 }} />
    </div>
  )
}

/** Work in progress that may take longer than a second. */
export function Working({ text }: { readonly text: string }) {
  return (
    <div role="status" className="working">
      <Spin size="small" /> {text}
    </div>
  )
}
