import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readMembers } from './read-members.ts'

test('insurers as they are typed, pasted from a sheet, or exported', () => {
  const expected = {
    members: [
      { insurer: 'R01', name: '示例人寿', share: 300_000 },
      { insurer: 'R02', name: 'Example Mutual', share: 700_000 },
    ],
  }
  assert.deepEqual(readMembers('R01 示例人寿 30%\nR02 Example Mutual 70%\n'), expected)
  assert.deepEqual(readMembers('r01\t示例人寿\t30\n\nr02\tExample Mutual\t70.0000'), expected)
  assert.deepEqual(readMembers('R01，示例人寿，30％\nR02,Example Mutual,70'), expected)
})

test('a line that says no share, none at all or too fine a one is named', () => {
  assert.deepEqual(readMembers('R01 示例人寿 30%\nR02 示例财险'), { line: 2 })
  assert.deepEqual(readMembers('R01 示例人寿 0%'), { line: 1 })
  assert.deepEqual(readMembers('R01 示例人寿 33.33333%'), { line: 1 })
  assert.deepEqual(readMembers('示例人寿 30%'), { line: 1 })
})
