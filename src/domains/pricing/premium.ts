import assert from 'node:assert/strict'
import type { PremiumAsked, PremiumRow } from './types.ts'

/** What a product would pay if everybody held it: how many persons, how many of them it pays anything, and what, in fen. */
export type ClaimsOfAll = {
  readonly persons: number
  readonly claimants: number
  readonly claims: number
}

const WHOLE = 1_000_000
const HALVINGS = 60

/**
 * The premium of a product at some take-up, where those whom it would pay something are likelier to hold it: their odds
 * of holding it are `selection` times the others'. It is the least premium, in whole fen, of which no more than the loss
 * ratio is paid out.
 *
 * Everybody holding it leaves nobody to select: the premium is then that of all. The fewer hold it, the nearer it comes to
 * `selection` times as many claims a head.
 */
export function premiumAt(
  { persons, claimants, claims }: ClaimsOfAll,
  { takeUp, selection, lossRatio }: Omit<PremiumAsked, 'scheme'>,
): PremiumRow {
  assert(persons > 0 && takeUp > 0 && takeUp <= WHOLE && lossRatio > 0)
  const factor = selection / 1000
  const wanted = (persons * takeUp) / WHOLE
  const held = (odds: number): readonly [sick: number, well: number] => [
    (factor * odds) / (1 + factor * odds),
    odds / (1 + odds),
  ]
  const enrolled = (odds: number): number => {
    const [sick, well] = held(odds)
    return claimants * sick + (persons - claimants) * well
  }
  // The odds at which as many hold it as are asked for, between nobody and everybody, by their logarithm.
  let [low, high] = [-40, 40]
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2
    if (enrolled(Math.exp(middle)) < wanted) low = middle
    else high = middle
  }
  const [sick] = takeUp === WHOLE ? [1] : held(Math.exp(high))
  const a = (claims * sick) / wanted
  return { takeUp, claimsAHead: Math.round(a), premium: Math.ceil((a * WHOLE) / lossRatio) }
}

/** The same at every tenth of take-up, and at the one that was asked for. */
export function premiumFan(all: ClaimsOfAll, asked: Omit<PremiumAsked, 'scheme'>): PremiumRow[] {
  const steps = new Set([asked.takeUp, ...Array.from({ length: 10 }, (_, i) => (i + 1) * 100_000)])
  return [...steps].toSorted((a, b) => a - b).map((takeUp) => premiumAt(all, { ...asked, takeUp }))
}
