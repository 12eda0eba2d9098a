import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Certificate, Registration } from '#domains/settlement/index.ts'
import { parseVocabulary } from '#rulebook/attributes.ts'
import {
  recordCertificate,
  recordRegistration,
  withdrawCertificate,
  withdrawRegistration,
} from './filings.ts'
import type { Reading } from './insure.ts'
import type { Insured } from './types.ts'

const reading: Reading = {
  kindOf: () => 'public',
  vocabulary: parseVocabulary(
    'attributes.yaml',
    `
remote:
  of: bill
  zh: 就医地
  en: Place of care
  answers: { 市内: Home, 市外转诊: Referred, 异地急诊: Emergency, 市外未转诊: Not referred }
  whenAbsent: 市内
  unregistered: 市外未转诊
disease: { of: bill, zh: 病种, en: Disease, answers: { 糖尿病: Diabetes, 透析: Dialysis } }
drug: { of: bill, zh: 药品, en: Drug, answers: text }
`,
  ),
}
const nobody: Insured = {
  id: 'p',
  born: undefined,
  died: undefined,
  memberships: [],
  statuses: [],
  repairs: [],
  conditions: [],
}
const referred = (more: Partial<Record<keyof Registration, string | undefined>> = {}) =>
  ({
    kind: '市外转诊',
    place: '310000',
    from: '2025-03-01',
    until: '2025-08-31',
    ...more,
  }) as Registration
const dialysis = (more: Partial<Record<keyof Certificate, string | undefined>> = {}) =>
  ({ kind: '门慢特', of: '透析', from: '2025-01-01', ...more }) as Certificate

const codeOf = (result: ReturnType<typeof recordRegistration>) =>
  result.ok ? 'ok' : result.error.code
const done = (result: ReturnType<typeof recordRegistration>): Insured => {
  assert(result.ok)
  return result.value
}

test('a registration is recorded, corrected on the same first day, and taken back', () => {
  const once = done(recordRegistration(nobody, referred(), reading))
  const shorter = done(recordRegistration(once, referred({ until: '2025-04-30' }), reading))
  assert.deepEqual(shorter.registrations, [referred({ until: '2025-04-30' })])
  assert.deepEqual(done(withdrawRegistration(shorter, referred())).registrations, [])
})

test('every refusal of a registration, in the order in which they are asked', () => {
  const kind = (name: string) => recordRegistration(nobody, referred({ kind: name }), reading)
  assert.equal(codeOf(kind('旅游')), 'unknown_answer')
  assert.equal(codeOf(kind('市内')), 'unknown_answer', 'being at home needs none')
  assert.equal(codeOf(kind('市外未转诊')), 'unknown_answer', 'this is what there is without one')
  const at = (more: Partial<Record<keyof Registration, string>>) =>
    recordRegistration(nobody, referred(more), reading)
  assert.equal(codeOf(at({ place: 'Shifan' })), 'unknown_place')
  assert.equal(codeOf(at({ until: '2025-02-28' })), 'ends_before_begins')
  const once = done(recordRegistration(nobody, referred(), reading))
  const again = (more: Partial<Record<keyof Registration, string | undefined>>) =>
    codeOf(recordRegistration(once, referred({ until: undefined, ...more }), reading))
  assert.equal(again({ from: '2025-08-31' }), 'filing_overlaps', 'on its last day')
  assert.equal(again({ from: '2025-09-01' }), 'ok', 'on the day after')
  assert.equal(again({ from: '2025-08-31', place: '320000' }), 'ok', 'for another place')
  const gone = withdrawRegistration(once, referred({ from: '2025-03-02' }))
  assert.equal(codeOf(gone), 'unknown_filing')
})

test('a certificate is of a disease that bills know, or of any drug', () => {
  const kept = done(recordCertificate(nobody, dialysis(), reading))
  assert.deepEqual(kept.certificates, [dialysis()])
  assert.equal(
    codeOf(recordCertificate(nobody, dialysis({ of: '头痛' }), reading)),
    'unknown_answer',
  )
  const drug = dialysis({ kind: '双通道', of: '奥希替尼' })
  assert.equal(codeOf(recordCertificate(kept, drug, reading)), 'ok')
  const later = dialysis({ from: '2026-01-01' })
  assert.equal(codeOf(recordCertificate(kept, later, reading)), 'filing_overlaps')
  const ended = done(recordCertificate(kept, dialysis({ until: '2025-12-31' }), reading))
  const both = done(recordCertificate(ended, later, reading))
  assert.equal(both.certificates?.length, 2)
  assert.deepEqual(done(withdrawCertificate(both, later)).certificates, ended.certificates)
  assert.equal(codeOf(withdrawCertificate(nobody, later)), 'unknown_filing')
})
