import type { Product } from '#domains/coinsurance/index.ts'
import { fundOf } from '#domains/ledger/index.ts'
import type { SchemeBook } from '#domains/settlement/index.ts'

/** What insurers can share: each product of the rules, once for every fund that pays by rules of its own. */
export function productsOf({ schemes }: SchemeBook): Product[] {
  return [...schemes.values()].flatMap(({ id, kind, title, teaching, order, benefits }) => {
    if (kind === 'public') return []
    const rules = [...order.flatMap((each) => ('tier' in each ? [each.tier] : [])), ...benefits]
    const funds = new Map<string, Product['rules'][number][]>()
    for (const rule of rules) {
      const fund = fundOf(rule.payer, rule.id)
      if (!fund.includes('@')) continue
      funds.set(fund, [...(funds.get(fund) ?? []), { rule: rule.id, title: rule.title }])
    }
    return [...funds].map(([fund, own]) => ({ scheme: id, title, fund, teaching, rules: own }))
  })
}
