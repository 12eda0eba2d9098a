import { useEffect, useState } from 'react'

/** What `value` was once it stood still for so many milliseconds. */
export function useDebounced<T>(value: T, milliseconds = 250): T {
  const [still, setStill] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setStill(value), milliseconds)
    return () => clearTimeout(timer)
  }, [value, milliseconds])
  return still
}
