import { useMemo, useSyncExternalStore } from 'react'

/** Whether the window is no wider than so many pixels; a phone is below 640. */
export function useNarrow(pixels = 640): boolean {
  const query = useMemo(() => window.matchMedia(`(max-width: ${pixels}px)`), [pixels])
  return useSyncExternalStore(
    (changed) => {
      query.addEventListener('change', changed)
      return () => query.removeEventListener('change', changed)
    },
    () => query.matches,
  )
}
