import assert from 'node:assert/strict'
import { test } from 'node:test'
import { differencesBetween } from './differences.ts'

const kept = {
  total: 100_000,
  patient: 30_000,
  tiers: [
    { tier: 'basic', title: { zh: '基本', en: 'Basic' }, paid: 60_000, parts: { inScope: 60_000 } },
    { tier: 'aid', title: { zh: '救助', en: 'Aid' }, paid: 10_000, parts: { inScope: 10_000 } },
  ],
  lines: [{ id: '1', amount: 100_000, paid: [60_000, 10_000], patient: 30_000 }],
}

test('the same amounts are no difference, whatever the words', () => {
  const tiers = kept.tiers.map((tier) => ({ ...tier, title: { zh: '改名', en: 'Renamed' } }))
  assert.deepEqual(differencesBetween(kept, structuredClone(kept)), [])
  assert.deepEqual(differencesBetween(kept, { ...kept, tiers }), [])
})

test('every amount that differs is named, with both figures', () => {
  const [basic, aid] = kept.tiers
  const now = { ...kept, patient: 30_001, tiers: [basic, { ...aid, paid: 9_999 }] }
  assert.deepEqual(differencesBetween(kept, now), [
    { of: 'patient', kept: 30_000, now: 30_001 },
    { of: 'tiers.aid.paid', kept: 10_000, now: 9_999 },
  ])
})

test('a tier that only one of them has counts as zero in the other', () => {
  const [basic, aid] = kept.tiers
  const between = { tier: 'large', paid: 5, parts: {} }
  assert.deepEqual(differencesBetween(kept, { ...kept, tiers: [basic, between, aid] }), [
    { of: 'tiers.large.paid', kept: 0, now: 5 },
  ])
})
