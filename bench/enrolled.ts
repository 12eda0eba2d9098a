/** What the benchmarks of enrolment share: the teaching city, keys, and invented id-card numbers. */
import { readSchemeTexts } from '#app/schemes-folder.ts'
import { checkOf } from '#domains/enrolment/index.ts'
import { readSchemes } from '#domains/settlement/index.ts'
import type { Actor } from '#platform/actor.ts'
import { createSecrets } from '#platform/secrets.ts'

export const ACTOR: Actor = { tenant: 'bench', user: '', name: 'bench', role: 'handler' }
export const BOOK = readSchemes(readSchemeTexts('schemes'))
export const DATA_KEY = Buffer.alloc(32, 3)
export const SECRETS = createSecrets(DATA_KEY)
/** The id-card number of the n-th invented person: days from 1940 on, a thousand serial numbers each, region after region. */
export function idNumberOf(n: number): string {
  const day = new Date(Date.UTC(1940, 0, 1 + (Math.floor(n / 1000) % 28_000)))
  const born = day.toISOString().slice(0, 10).replaceAll('-', '')
  const region = 110_101 + (Math.floor(n / 28_000_000) % 100)
  const digits = `${region}${born}${String(n % 1000).padStart(3, '0')}`
  return digits + checkOf(digits)
}
