import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readDraftOn } from './whatif-parameters.ts'

const FILES = {
  'attributes.yaml': 'level: { of: bill, zh: 医院级别, en: Level, answers: { 三级: Level 3 } }\n',
}
const faultOf = (draft: string) => {
  const read = readDraftOn(draft, FILES)
  assert(!read.ok)
  return read.error
}

test('a fault of a draft is told in both languages, with what stands where it was looked for', () => {
  const draft = `title: { zh: 草案, en: Draft }
changes:
  - { file: attributes.yaml, at: [level, answer], set: 1 }
`
  assert.deepEqual(faultOf(draft), {
    line: 3,
    zh: 'changes.0.at：attributes.yaml 里没有 [level, answer]；那里有：of、zh、en、answers',
    en: 'changes.0.at: attributes.yaml has nothing at [level, answer]; there: of, zh, en, answers',
  })
})

test('what YAML or the shape of a draft refuses has its kind in Chinese, and the original beside it', () => {
  const missing = faultOf('title: { zh: 草案 }\n')
  assert.match(missing.zh, /^title\.en：缺少必填项（missing; .*）$/)
  assert.match(missing.en, /^title\.en: missing;/)
  assert.match(faultOf('title: [').zh, /^不是有效的 YAML；/)
  assert.match(faultOf('title: { zh: 草案, en: Draft }\nchange: []\n').zh, /^change：没有这个键/)
})
