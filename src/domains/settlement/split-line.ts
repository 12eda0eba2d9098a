import assert from 'node:assert/strict'
import { type Fen, fen, type Rate, share, ZERO } from '#base/money.ts'
import type { Line, NativeComponent } from './types.ts'

/** A charge as the hospital sends it. `quantity` is in ten-thousandths of a unit. */
export type RawLine = {
  readonly id: string
  readonly name?: string | undefined
  readonly class: '甲' | '乙' | '丙' | '特药' | '单列'
  readonly amount: Fen
  readonly quantity: number
  readonly limitPrice: Fen | undefined
  readonly upfrontShare: Rate | undefined
  readonly category: string | undefined
  readonly genericName: string | undefined
  readonly item?: Line['item']
}

const UNITS = 10_000

/**
 * Divides one charge into the native components of a bill.
 *
 * 丙 is out of scope; a listed special drug stands apart. Of 甲, 乙 and 单列, what exceeds the limit price
 * goes first; of the rest, 乙 and 单列 carry their upfront share, half-up to the fen; what is left is in
 * scope, or of 单列 a component of its own, which the ratio of in-scope cost does not touch.
 */
export function splitLine(raw: RawLine): Line {
  const { id, name, amount, category, genericName, item } = raw
  const parts: Record<NativeComponent, Fen> = {
    inScope: ZERO,
    upfront: ZERO,
    overLimit: ZERO,
    outOfScope: ZERO,
    specialDrug: ZERO,
    separateItem: ZERO,
  }
  if (raw.class === '丙') parts.outOfScope = amount
  else if (raw.class === '特药') parts.specialDrug = amount
  else {
    parts.overLimit = overLimit(raw)
    const within = fen(amount - parts.overLimit)
    assert(
      raw.class === '甲' || raw.upfrontShare !== undefined,
      '乙 and 单列 always have an upfront share',
    )
    parts.upfront = share(within, raw.upfrontShare ?? 0, 'half-up')
    const own = raw.class === '单列' ? 'separateItem' : 'inScope'
    parts[own] = fen(within - parts.upfront)
  }
  const called = name === undefined ? {} : { name }
  return { id, ...called, amount, parts, category, genericName, ...(item ? { item } : {}) }
}

function overLimit({ amount, quantity, limitPrice }: RawLine): Fen {
  if (limitPrice === undefined) return ZERO
  const allowed = Number(
    (BigInt(limitPrice) * BigInt(quantity) + BigInt(UNITS / 2)) / BigInt(UNITS),
  )
  return fen(Math.max(0, amount - allowed))
}
