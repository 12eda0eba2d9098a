import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plainDate } from '#base/plain-date.ts'
import type { Bill, Person } from '#domains/settlement/index.ts'
import { findingsOf } from './bill-findings.ts'
import type { Institution } from './types.ts'

const hospital: Institution = {
  id: 'H001',
  name: '示例医院',
  kind: 'hospital',
  levels: [
    { from: plainDate('2020-01-01'), level: '二级', document: '一' },
    { from: plainDate('2024-07-01'), level: '三级', document: '二' },
  ],
  agreements: [
    {
      kind: '住院',
      from: plainDate('2020-01-01'),
      until: plainDate('2025-06-30'),
      document: '三',
    },
  ],
}
const bill = (discharged: string, attributes: Record<string, string>) =>
  ({ discharged, attributes: { hospital: '示例医院', ...attributes } }) as unknown as Bill
const person: Person = {
  id: 'p',
  born: undefined,
  attributes: [],
  covers: [],
  certificates: [
    { kind: '门慢特', of: '糖尿病', from: plainDate('2025-01-01'), until: plainDate('2025-03-31') },
  ],
}
const codes = (one: Bill, where: Institution | undefined = hospital) =>
  findingsOf(one, person, where).map(({ code }) => code)

test('the level of a bill is compared with the one that held on the day of discharge', () => {
  assert.deepEqual(codes(bill('2024-06-30', { level: '二级' })), [])
  assert.deepEqual(codes(bill('2024-07-01', { level: '二级' })), ['level_differs'])
  assert.deepEqual(codes(bill('2024-07-01', { level: '三级' })), [])
  assert.deepEqual(codes(bill('2019-12-31', { level: '二级' })), ['level_unknown', 'no_agreement'])
})

test('an agreement that has ended is said; so is an institution that nobody keeps', () => {
  assert.deepEqual(codes(bill('2025-06-30', { level: '三级' })), [])
  assert.deepEqual(codes(bill('2025-07-01', { level: '三级' })), ['no_agreement'])
  assert.deepEqual(
    findingsOf(bill('2025-07-01', { level: '三级' }), person, undefined).map(({ code }) => code),
    ['institution_unknown'],
  )
})

test('a bill for a disease or a drug is held against the certificates of its day', () => {
  const chronic = { level: '三级', medical: '门慢特', disease: '糖尿病' }
  assert.deepEqual(codes(bill('2025-03-31', chronic)), [])
  assert.deepEqual(codes(bill('2025-04-01', chronic)), ['no_certificate'])
  const inpatient = { ...chronic, medical: '住院' }
  assert.deepEqual(codes(bill('2025-04-01', inpatient)), [], 'a stay needs none')
  assert.deepEqual(codes(bill('2025-03-01', { level: '三级', drug: '奥希替尼' })), [
    'no_certificate',
  ])
})

test('the number of an institution decides; a name that is not its name is said', () => {
  const numbered = (institution: string, name?: string): Bill => {
    const { hospital: _, ...attributes } = bill('2025-03-01', { level: '三级' }).attributes
    const named = name === undefined ? attributes : { ...attributes, hospital: name }
    return { discharged: '2025-03-01', institution, attributes: named } as unknown as Bill
  }
  assert.deepEqual(codes(numbered('H001')), [])
  assert.deepEqual(codes(numbered('H001', '示例医院')), [])
  assert.deepEqual(findingsOf(numbered('H001', '别的医院'), person, hospital), [
    { code: 'institution_differs', institution: '示例医院', stated: '别的医院' },
  ])
  assert.deepEqual(findingsOf(numbered('H009', '示例医院'), person, undefined), [
    { code: 'institution_unknown', hospital: 'H009' },
  ])
})

test('a bill that names no institution is compared with none', () => {
  const one = { discharged: '2025-03-01', attributes: { level: '三级' } } as unknown as Bill
  assert.deepEqual(findingsOf(one, person, undefined), [])
})
