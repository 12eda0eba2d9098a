import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { plainDate } from '#base/plain-date.ts'
import { checkOf, maskedIdNumber, readIdNumber } from './id-number.ts'

const TODAY = plainDate('2026-11-25')
const codeOf = (text: string) => {
  const read = readIdNumber(text, TODAY)
  return read.ok ? 'ok' : read.error.code
}

test('the example of the standard: a woman born on the last day of 1949', () => {
  const read = readIdNumber('11010519491231002X', TODAY)
  assert.deepEqual(read, {
    ok: true,
    value: { number: '11010519491231002X', born: '1949-12-31', sex: 'female' },
  })
})

test('the second example of the standard: a man born in 1880', () => {
  const read = readIdNumber('440524188001010014', TODAY)
  assert(read.ok)
  assert.deepEqual([read.value.born, read.value.sex], ['1880-01-01', 'male'])
})

test('small letters, spaces and full-width digits are read as what they mean', () => {
  assert.equal(codeOf(' 11010519491231002x '), 'ok')
  assert.equal(codeOf('１１０１０５１９４９１２３１００２Ｘ'), 'ok')
})

test('what is wrong is named: shape, birthday, check digit', () => {
  assert.equal(codeOf('110105491231002'), 'id_number_malformed')
  assert.equal(codeOf('01010519491231002X'), 'id_number_malformed')
  assert.equal(codeOf('11010519490231002X'), 'id_number_birthday')
  assert.equal(codeOf('11010520261126002X'), 'id_number_birthday')
  assert.equal(codeOf('110105194912310021'), 'id_number_check_digit')
})

test('one digit misread, or two neighbours exchanged, is always noticed', () => {
  const digits = fc
    .record({
      region: fc.integer({ min: 110000, max: 659999 }),
      day: fc.date({
        min: new Date('1930-01-01T00:00:00Z'),
        max: new Date('2025-12-31T00:00:00Z'),
        noInvalidDate: true,
      }),
      serial: fc.integer({ min: 0, max: 999 }),
    })
    .map(({ region, day, serial }) => {
      const born = day.toISOString().slice(0, 10).replaceAll('-', '')
      return `${region}${born}${String(serial).padStart(3, '0')}`
    })
  fc.assert(
    fc.property(digits, fc.nat(16), fc.integer({ min: 1, max: 9 }), (text, at, more) => {
      const check = checkOf(text)
      assert.equal(codeOf(text + check), 'ok')
      const other = String((Number(text[at]) + more) % 10)
      assert.notEqual(checkOf(text.slice(0, at) + other + text.slice(at + 1)), check)
      const [a, b] = [text[at] ?? '', text[at + 1] ?? '']
      if (a !== b && b !== '')
        assert.notEqual(checkOf(text.slice(0, at) + b + a + text.slice(at + 2)), check)
    }),
  )
})

test('lists show no more of a number than its ends', () => {
  assert.equal(maskedIdNumber('11010519491231002X'), '11**************2X')
})
