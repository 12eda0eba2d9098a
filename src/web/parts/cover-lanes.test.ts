import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EnrolmentFile } from '../api.ts'
import { lanesOf, type SpanKind } from './cover-lanes.ts'

const membership = (scheme: string, kind: string, from: string, until: string | null = null) => ({
  scheme,
  kind,
  from,
  until,
  enrolledOn: from,
  answers: {},
  employer: null,
  newborn: false,
})
const file = (more: Partial<EnrolmentFile>): EnrolmentFile =>
  ({
    memberships: [],
    repairs: [],
    waits: [],
    statuses: [],
    conditions: [],
    registrations: [],
    certificates: [],
    sites: [],
    ...more,
  }) as unknown as EnrolmentFile

const spansOf = (of: EnrolmentFile, kind: SpanKind) =>
  lanesOf(of).flatMap(({ spans }) =>
    spans
      .filter((span) => span.kind === kind)
      .map(({ from, until }) => `${from} – ${until ?? 'open'}`),
  )

const broken = [
  membership('resident', 'public', '2019-01-01', '2020-12-31'),
  membership('resident', 'public', '2024-01-01'),
]
const repair = (from: string, until: string) => ({
  scheme: 'resident',
  from,
  until,
  paidOn: '2024-01-15',
})

test('a break is what no membership covers; a repair takes its days out of it', () => {
  assert.deepEqual(spansOf(file({ memberships: broken }), 'gap'), ['2021-01-01 – 2023-12-31'])
  const repairs = [repair('2022-01-01', '2023-12-31')]
  assert.deepEqual(spansOf(file({ memberships: broken, repairs }), 'gap'), [
    '2021-01-01 – 2021-12-31',
  ])
  const whole = [repair('2021-01-01', '2023-12-31')]
  assert.deepEqual(spansOf(file({ memberships: broken, repairs: whole }), 'gap'), [])
})

test('from one public scheme to another on the next day there is no break; a product makes none', () => {
  const changed = [
    membership('resident', 'public', '2020-01-01', '2022-06-30'),
    membership('employee', 'public', '2022-07-01'),
    membership('huimin', 'supplementary', '2020-01-01', '2020-12-31'),
    membership('huimin', 'supplementary', '2022-01-01', '2022-12-31'),
  ]
  assert.deepEqual(spansOf(file({ memberships: changed }), 'gap'), [])
  assert.deepEqual(
    lanesOf(file({ memberships: changed })).map(({ name }) => name),
    ['resident', 'employee', 'huimin'],
    'public schemes come first',
  )
})

test('a wait ends on the day before the tier pays; a rejected condition is not drawn', () => {
  const waits = [
    {
      scheme: 'resident',
      from: '2024-01-01',
      tier: 't',
      title: { zh: '大病', en: 'Critical' },
      until: '2024-04-01',
    },
  ]
  assert.deepEqual(spansOf(file({ memberships: broken, waits }), 'wait'), [
    '2024-01-01 – 2024-03-31',
  ])
  const conditions = [
    { disease: 'E11', since: '2020-05-01', state: 'confirmed' as const },
    { disease: 'C34', since: '2020-05-01', state: 'rejected' as const },
  ]
  assert.deepEqual(spansOf(file({ conditions }), 'condition'), ['2020-05-01 – open'])
})
