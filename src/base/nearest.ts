/** The word of a list that was probably meant, or undefined if none is close. */
export function nearest(word: string, words: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = Math.max(1, Math.floor(word.length / 2))
  for (const candidate of words) {
    const far = distance(word.toLowerCase(), candidate.toLowerCase())
    if (far < least || (far === least && best === undefined)) {
      best = candidate
      least = far
    }
  }
  return best
}

/** Levenshtein's distance, with two neighbours swapped counted once. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 8) return Number.POSITIVE_INFINITY
  let twoBack: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let far = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        far = Math.min(far, at(twoBack, j - 2) + 1)
      row.push(far)
    }
    twoBack = last
    last = row
  }
  return at(last, b.length)
}

const at = (row: readonly number[], i: number): number => row[i] ?? Number.POSITIVE_INFINITY
