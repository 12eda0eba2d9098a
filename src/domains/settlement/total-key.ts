/** A running total is named by its slot and the period it runs over. */
export function totalKey(slot: string, period: string): string {
  return `${slot}@${period}`
}

export function parseTotalKey(key: string): { slot: string; period: string } {
  const at = key.lastIndexOf('@')
  return { slot: key.slice(0, at), period: key.slice(at + 1) }
}
