import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { addDays, type PlainDate, plainDate } from '#base/plain-date.ts'
import { nameWorker } from './site.ts'
import type { Site, Work } from './types.ts'

const site: Site = {
  id: 's',
  name: '一号工地',
  employer: 'builder',
  scheme: 'group',
  from: plainDate('2025-01-01'),
  until: plainDate('2025-12-31'),
  headcount: 2,
  areaM2: undefined,
}
const work = (person: string, from: string, until: string): Work => ({
  person,
  from: from as PlainDate,
  until: until as PlainDate,
})
const codeOf = (workers: Work[], asked: Work, where = site): string => {
  const named = nameWorker(where, workers, asked)
  return named.ok ? 'ok' : named.error.code
}

test('two places: a third worker waits until one has left', () => {
  const both = [work('a', '2025-03-01', '2025-03-31'), work('b', '2025-03-15', '2025-04-15')]
  assert.equal(codeOf(both, work('c', '2025-03-31', '2025-04-30')), 'headcount_reached')
  assert.equal(codeOf(both, work('c', '2025-04-01', '2025-04-30')), 'ok')
  assert.equal(codeOf(both, work('c', '2025-03-01', '2025-03-14')), 'ok')
})

test('a site insured by area covers everybody who works there', () => {
  const byArea = { ...site, headcount: undefined, areaM2: 12_000 }
  const many = Array.from({ length: 50 }, (_, i) => work(`w${i}`, '2025-03-01', '2025-03-31'))
  assert.equal(codeOf(many, work('c', '2025-03-10', '2025-03-20'), byArea), 'ok')
})

test('nobody is named twice for a day, nor for days outside the policy', () => {
  const one = [work('a', '2025-03-01', '2025-03-31')]
  assert.equal(codeOf(one, work('a', '2025-03-31', '2025-04-10')), 'at_site_already')
  assert.equal(codeOf([], work('a', '2024-12-31', '2025-01-10')), 'outside_site')
  assert.equal(codeOf([], work('a', '2025-12-31', '2026-01-01')), 'outside_site')
  assert.equal(codeOf([], work('a', '2025-03-02', '2025-03-01')), 'ends_before_begins')
})

test('whatever is asked, no day holds more workers than the headcount', () => {
  const stretch = fc.tuple(fc.nat(40), fc.nat(15))
  fc.assert(
    fc.property(
      fc.array(stretch, { maxLength: 25 }),
      fc.integer({ min: 1, max: 4 }),
      (asked, most) => {
        const where = { ...site, headcount: most }
        const named: Work[] = []
        for (const [i, [start, days]] of asked.entries()) {
          const from = addDays(site.from, start)
          const one = work(`w${i}`, from, addDays(from, days))
          if (nameWorker(where, named, one).ok) named.push(one)
        }
        for (let i = 0; i < 60; i++) {
          const day = addDays(site.from, i)
          assert(named.filter(({ from, until }) => from <= day && day <= until).length <= most)
        }
      },
    ),
  )
})
