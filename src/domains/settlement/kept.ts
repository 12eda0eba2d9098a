import { type Fen, fen } from '#base/money.ts'
import { badgesOfAll, byPayer, componentTable } from './settle.ts'
import {
  type Badge,
  type Bill,
  COMPONENTS,
  type Component,
  type Person,
  type SchemeBook,
  type Settlement,
  type TierResult,
} from './types.ts'

type Shown = Omit<Settlement, 'totals'>

/**
 * What is kept of a settlement: every amount that was paid or borne, in fen, of the tiers that took part.
 * Names, sources and sums are not kept: the rule book of its version and the bill give them again.
 */
export type Kept = {
  readonly scheme: string
  readonly elsewhere?: Settlement['elsewhere']
  readonly tiers: readonly {
    readonly tier: string
    readonly payer: TierResult['payer']
    readonly paid: Fen
    readonly parts: TierResult['parts']
    readonly badges: readonly Badge[]
  }[]
  readonly patientParts: Readonly<Partial<Record<Component, Fen>>>
  /** Of each line, what each of these tiers paid, and what the patient bears. */
  readonly lines: readonly {
    readonly id: string
    readonly paid: readonly Fen[]
    readonly patient: Fen
  }[]
  readonly benefits: readonly Pick<
    Settlement['benefits'][number],
    'benefit' | 'payer' | 'amount' | 'days'
  >[]
  readonly recoveries: Settlement['recoveries']
}

/** The result column of a settlement: who it was for then, its amounts, and the arithmetic that made them. */
export type KeptResult = {
  readonly settlement: Kept
  readonly person: Person
  readonly drawn: Readonly<Record<string, number>>
  readonly engine?: number
}

export function keptOf({
  scheme,
  elsewhere,
  tiers,
  patientParts,
  lines,
  benefits,
  recoveries,
}: Shown): Kept {
  const tookPart = tiers.map(({ notApplicable }) => notApplicable === undefined)
  return {
    scheme,
    ...(elsewhere && { elsewhere }),
    tiers: tiers
      .filter((_, i) => tookPart[i])
      .map(({ tier, payer, paid, parts, badges }) => ({ tier, payer, paid, parts, badges })),
    patientParts: Object.fromEntries(
      Object.entries(patientParts).filter(([, amount]) => amount !== 0),
    ),
    lines: lines.map(({ id, paid, patient }) => ({
      id,
      paid: paid.filter((_, i) => tookPart[i]),
      patient,
    })),
    benefits: benefits.map(({ benefit, payer, amount, days }) => ({
      benefit,
      payer,
      amount,
      days,
    })),
    recoveries,
  }
}

/** A settlement to be shown from what was kept of it. Tiers that took no part are not among it. */
export function settlementOf(kept: Kept, bill: Bill, book: SchemeBook): Shown {
  const scheme = book.schemes.get(kept.scheme)
  const title = (of: { readonly title: Settlement['title'] } | undefined, id: string) =>
    of?.title ?? { zh: id, en: id }
  const tiers = kept.tiers.map(
    (each): TierResult => ({
      ...each,
      title: title(book.tiers.get(each.tier), each.tier),
      notApplicable: undefined,
    }),
  )
  const amounts = COMPONENTS.map((component) => [component, kept.patientParts[component] ?? 0])
  const patientParts = Object.fromEntries(amounts) as Shown['patientParts']
  return {
    bill: bill.id,
    person: bill.person,
    scheme: kept.scheme,
    ...(kept.elsewhere && { elsewhere: kept.elsewhere }),
    title: title(scheme, kept.scheme),
    teaching: tiers.some(({ badges }) => badges.includes('invented')),
    settled: bill.settled,
    total: bill.total,
    tiers,
    payers: byPayer(tiers),
    patient: fen(Object.values(patientParts).reduce((sum, amount) => sum + amount, 0)),
    patientParts,
    components: componentTable(bill, tiers),
    lines: kept.lines.map(({ id, paid, patient }, i) => {
      const { name, amount = fen(0), item } = bill.lines[i] ?? {}
      const called = name === undefined ? {} : { name }
      return { id, ...called, amount, paid, patient, ...(item ? { item } : {}) }
    }),
    benefits: kept.benefits.map((each) => ({
      ...each,
      title: title(book.benefits.get(each.benefit), each.benefit),
      citations: [],
      badges: [],
    })),
    recoveries: kept.recoveries,
    badges: badgesOfAll(tiers, bill.lines),
  }
}
