import type { ReactNode } from 'react'
import { useNarrow } from '#web/parts/use-narrow.ts'

/** The list beside the matter. In a narrow window it folds away once something is chosen. */
export function Side({
  label,
  chosen,
  children,
}: {
  readonly label: string
  /** What is chosen now; undefined while there is still something to choose. */
  readonly chosen: string | undefined
  readonly children: ReactNode
}) {
  const narrow = useNarrow(900)
  if (!narrow)
    return (
      <aside className="workbench-side" aria-label={label}>
        {children}
      </aside>
    )
  return (
    <details key={chosen} className="workbench-side more" open={chosen === undefined}>
      <summary>{label}</summary>
      {children}
    </details>
  )
}
