import { useEffect, useState } from 'react'

const KINDS = ['pointerdown', 'keydown'] as const

/**
 * Whether somebody has touched the page within so many minutes. What asks again by itself stops otherwise, so
 * that it does not keep a session alive for nobody.
 */
export function useActive(minutes = 10): boolean {
  const [active, setActive] = useState(true)
  useEffect(() => {
    let last = Date.now()
    const touched = () => {
      last = Date.now()
      setActive(true)
    }
    const timer = setInterval(() => setActive(Date.now() - last < minutes * 60_000), 30_000)
    for (const kind of KINDS) window.addEventListener(kind, touched)
    return () => {
      clearInterval(timer)
      for (const kind of KINDS) window.removeEventListener(kind, touched)
    }
  }, [minutes])
  return active
}
