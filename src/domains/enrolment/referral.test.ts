import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type PlainDate, plainDate } from '#base/plain-date.ts'
import { parseVocabulary } from '#rulebook/attributes.ts'
import type { Reading } from './insure.ts'
import { type Referral, referralAfter, withReferral } from './referral.ts'
import {
  type Insured,
  REFERRAL_ACTS,
  REFERRAL_STATES,
  type ReferralAct,
  type ReferralState,
} from './types.ts'

const reading: Reading = {
  kindOf: () => 'public',
  vocabulary: parseVocabulary(
    'attributes.yaml',
    `
remote:
  of: bill
  zh: 就医地
  en: Place of care
  answers: { 市内: Home, 市外转诊: Referred, 市外未转诊: Not referred }
  whenAbsent: 市内
  unregistered: 市外未转诊
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
const day = plainDate
const march = (more: Partial<Referral> = {}): Referral => ({
  kind: '市外转诊',
  from: 'H1',
  to: 'H9',
  place: '310000',
  since: day('2025-03-01'),
  until: day('2025-03-31'),
  reason: '本院不能确诊',
  document: '转诊单 1',
  record: 'R1',
  state: 'valid',
  ...more,
})
const codeOf = (done: { ok: boolean; error?: { code: string } }) => done.error?.code

test('every act from every state: what the table names goes on, everything else is refused by name', () => {
  const states: (ReferralState | undefined)[] = [
    undefined,
    ...(Object.keys(REFERRAL_STATES) as ReferralState[]),
  ]
  const days: Record<ReferralAct, PlainDate | undefined> = {
    enter: undefined,
    extend: day('2025-04-30'),
    end: day('2025-03-15'),
    withdraw: undefined,
  }
  const went = states.flatMap((state) =>
    (Object.keys(REFERRAL_ACTS) as ReferralAct[]).flatMap((act) => {
      const done = referralAfter(march({ state }), act, days[act])
      if (done.ok) return [`${state ?? 'none'} ${act} ${done.value.state} ${done.value.until}`]
      assert.equal(done.error.code, 'illegal_referral_move')
      return []
    }),
  )
  assert.deepEqual(went, [
    'none enter valid 2025-03-31',
    'valid extend valid 2025-04-30',
    'valid end ended 2025-03-15',
    'valid withdraw withdrawn 2025-03-31',
    'ended withdraw withdrawn 2025-03-31',
  ])
})

test('an extension ends later, an early end earlier, and neither before the first day', () => {
  const code = (act: ReferralAct, until?: string) =>
    codeOf(referralAfter(march(), act, until === undefined ? undefined : day(until)))
  assert.equal(code('extend', '2025-04-01'), undefined)
  assert.equal(code('extend', '2025-03-31'), 'referral_until_wrong')
  assert.equal(code('extend'), 'referral_until_wrong')
  assert.equal(code('end', '2025-03-30'), undefined)
  assert.equal(code('end', '2025-03-31'), 'referral_until_wrong')
  assert.equal(code('end', '2025-02-28'), 'ends_before_begins')
  const entered = (more: Partial<Referral>) =>
    codeOf(referralAfter(march({ state: undefined, ...more }), 'enter'))
  assert.equal(entered({ to: 'H1' }), 'referral_to_itself')
  assert.equal(entered({ until: day('2025-02-28') }), 'ends_before_begins')
  assert.equal(entered({ until: day('2025-03-01') }), undefined)
})

test('what a referral allows stands on the file with its number, once, until it is withdrawn', () => {
  const allowed = (insured: Insured, referral: Referral) => {
    const done = withReferral(insured, referral, reading)
    assert(done.ok, JSON.stringify(done))
    return done.value
  }
  const once = allowed(nobody, march())
  const expected = {
    kind: '市外转诊',
    place: '310000',
    from: '2025-03-01',
    until: '2025-03-31',
    record: 'R1',
    institution: 'H9',
  }
  assert.deepEqual(once.registrations, [expected])
  const longer = allowed(once, march({ until: day('2025-04-30') }))
  assert.deepEqual(longer.registrations, [{ ...expected, until: '2025-04-30' }])
  assert.deepEqual(allowed(longer, march({ state: 'withdrawn' })).registrations, [])

  // Another to the same institution on one of its days is refused; to another institution, or later, it is not.
  const other = (more: Partial<Referral>) =>
    codeOf(withReferral(once, march({ record: 'R2', ...more }), reading))
  assert.equal(other({ since: day('2025-03-31') }), 'referral_overlaps')
  assert.equal(other({ to: 'H8' }), undefined)
  assert.equal(other({ since: day('2025-04-01'), until: day('2025-04-30') }), undefined)
  assert.equal(other({ kind: '市外未转诊', to: 'H8' }), 'unknown_answer')
  assert.equal(other({ place: '31', to: 'H8' }), 'unknown_place')
})
