import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { emptyDraft, withChange, withUnknown } from './scenario-draft.ts'

const RAISED = {
  file: 'teaching/shifan/resident-inpatient.tier.yaml',
  at: [
    'deductible',
    'amount',
    '2025-01-01',
    'value',
    'by class',
    '学生儿童|大学生',
    'by level',
    '三级',
  ],
  set: '1000元',
} as const

test('a change is written into the draft, and the same value once more takes its place', () => {
  const text = withChange(emptyDraft('草案', 'Draft: "a"'), RAISED)
  assert.deepEqual(parse(text), { title: { zh: '草案', en: 'Draft: "a"' }, changes: [RAISED] })
  const again = withChange(text, { ...RAISED, set: '1200元' })
  assert.deepEqual(parse(again).changes, [{ ...RAISED, set: '1200元' }])
  const other = { file: RAISED.file, at: ['caps', 0, 'amount', '2025-01-01', 'value'], set: '55%' }
  assert.deepEqual(parse(withChange(again, other)).changes, [{ ...RAISED, set: '1200元' }, other])
})

test('what stands behind the changes, and comments, stay where they are', () => {
  const text = `# ours\ntitle: { zh: 一, en: a }\nchanges:\n  - file: a.tier.yaml\n    at: [x]\n    set: 1元\nfiles: {}\n`
  const more = withChange(text, RAISED)
  assert.match(more, /^# ours\n/)
  assert.deepEqual(parse(more), {
    title: { zh: '一', en: 'a' },
    changes: [{ file: 'a.tier.yaml', at: ['x'], set: '1元' }, RAISED],
    files: {},
  })
})

test('an unknown comes and goes', () => {
  const text = withChange(emptyDraft('草案', 'Draft'), { ...RAISED, set: '$x元' })
  const unknown = { from: 0, to: 1000, step: 50 }
  const asked = withUnknown(text, unknown)
  assert.deepEqual(parse(asked).unknown, unknown)
  assert.equal(parse(asked).changes[0].set, '$x元')
  assert.equal(withUnknown(asked, undefined), text)
})
