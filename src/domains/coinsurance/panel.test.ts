import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plainDate } from '#base/plain-date.ts'
import { checkPanel, closable, openMonth, type Standing } from './panel.ts'
import type { PanelTerms, Product } from './types.ts'

const FUND = 'citySupplementary@teaching/shifan/products'
const PRODUCT: Product = {
  scheme: 'teaching/shifan/products/huimin',
  title: { zh: '示例惠民保', en: 'Example' },
  fund: FUND,
  teaching: true,
  rules: [{ rule: 'teaching/shifan/products/huimin-in-scope', title: { zh: '', en: '' } }],
}
const TERMS: PanelTerms = {
  scheme: PRODUCT.scheme,
  fund: FUND,
  from: plainDate('2026-01-01'),
  until: plainDate('2026-12-31'),
  lead: 'R01',
  members: [
    { insurer: 'R01', name: '甲', share: 600_000 },
    { insurer: 'R02', name: '乙', share: 400_000 },
  ],
  source: '共保协议（虚构）',
  grade: 'invented',
}
const codeOf = (terms: Partial<PanelTerms>, standing: readonly Standing[] = []) => {
  const done = checkPanel({ ...TERMS, ...terms }, [PRODUCT], standing)
  return done.ok ? 'ok' : done.error.code
}
const member = (insurer: string, share: number) => ({ insurer, name: insurer, share })

test('every refusal of a panel, in the order in which it is found', () => {
  assert.equal(codeOf({ from: plainDate('2026-01-02') }), 'not_whole_months')
  assert.equal(codeOf({ until: plainDate('2026-12-30') }), 'not_whole_months')
  assert.equal(codeOf({ until: plainDate('2025-12-31') }), 'not_whole_months')
  assert.equal(
    codeOf({ members: [member('R01', 500_000), member('R01', 500_000)] }),
    'insurer_twice',
  )
  assert.equal(codeOf({ lead: 'R09' }), 'lead_not_in_panel')
  assert.equal(
    codeOf({ members: [member('R01', 500_000), member('R02', 499_999)] }),
    'shares_do_not_add_up',
  )
  assert.equal(codeOf({ fund: 'basicPool@teaching/shifan' }), 'unknown_product')
  const other = (from: string, until: string, more: Partial<Standing> = {}): Standing[] => [
    {
      scheme: TERMS.scheme,
      fund: FUND,
      rules: [],
      from: plainDate(from),
      until: plainDate(until),
      ...more,
    },
  ]
  assert.equal(codeOf({}, other('2026-12-01', '2027-11-30')), 'panel_overlaps')
  assert.equal(codeOf({}, other('2025-02-01', '2026-01-31')), 'panel_overlaps')
  assert.equal(codeOf({}, other('2025-01-01', '2025-12-31')), 'ok')
  assert.equal(codeOf({}, other('2027-01-01', '2027-12-31')), 'ok')
  // Two products of one fund are apart, unless a rule would be shared twice.
  assert.equal(codeOf({}, other('2026-01-01', '2026-12-31', { scheme: 'other' })), 'ok')
  const rules = PRODUCT.rules.map(({ rule }) => rule)
  assert.equal(
    codeOf({}, other('2026-01-01', '2026-12-31', { scheme: 'other', rules })),
    'panel_overlaps',
  )
  assert.equal(codeOf({}), 'ok')
})

test('months are closed in order, each once, when it is over, and none without a panel', () => {
  const at = (month: string, last: string | undefined, booksUntil: string | undefined) => {
    const done = closable(TERMS, month, { last, booksUntil })
    return done.ok ? 'ok' : done.error.code
  }
  assert.equal(at('2025-12', undefined, '2026-12-31'), 'month_without_panel')
  assert.equal(at('2027-01', '2026-12', '2027-12-31'), 'month_without_panel')
  assert.equal(at('2026-03', '2026-03', '2026-12-31'), 'month_closed')
  assert.equal(at('2026-12', '2026-12', '2027-12-31'), 'month_closed')
  assert.equal(at('2026-05', '2026-03', '2026-12-31'), 'earlier_month_open')
  assert.equal(at('2026-01', undefined, undefined), 'month_not_over')
  assert.equal(at('2026-02', '2026-01', '2026-02-27'), 'month_not_over')
  assert.equal(at('2026-02', '2026-01', '2026-02-28'), 'ok')
  assert.equal(openMonth(TERMS, undefined), '2026-01')
  assert.equal(openMonth(TERMS, '2026-12'), undefined)
})
