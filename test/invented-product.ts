/** A product that no place has, invented for tests: it pays 80 % of what patients bear in hospital beyond 8,000 yuan. */
export const PLAIN = 'teaching/shifan/products/plain'

/** A draft that brings it along. */
export const PRODUCT = `title: { zh: 一个新的惠民保, en: A new city product }
files:
  teaching/shifan/products/plain.scheme.yaml:
    text: |
      scheme: { zh: 普惠（虚构）, en: Plain (invented) }
      kind: supplementary
      tiers: [plain]
  teaching/shifan/products/plain.tier.yaml:
    text: |
      tier: { zh: 普惠住院, en: Plain inpatient }
      payer: citySupplementary
      governing: discharged
      period: calendar-year
      eligibility: [{ from: 2024-01-01, source: huimin-2024, article: 草案, value: { medical: 住院 } }]
      base: [inScope, deductible, aboveCap]
      splits: false
      deductible:
        kind: period
        amount: [{ from: 2024-01-01, source: huimin-2024, article: 草案, value: 8000元 }]
      rate:
        axis: net
        over: period
        bands: [{ from: 2024-01-01, source: huimin-2024, article: 草案, value: 80% }]
      paysDown: [inScope, deductible, aboveCap]
      rounding: half-up
`
