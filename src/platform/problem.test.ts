import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faultOf, problemOf, Refused } from './problem.ts'

const description = {
  status: 409,
  what: { zh: '已有', en: 'there already' },
  remedy: { zh: '核对', en: 'check it' },
}

test('a problem is told in the language asked for, and in both', () => {
  const facts = { bill: 'b1' }
  const zh = problemOf({ code: 'taken_twice', facts }, description, 'zh')
  assert.deepEqual(zh, {
    type: 'urn:kangyang:problem:taken_twice',
    title: 'taken twice',
    status: 409,
    code: 'taken_twice',
    detail: '已有',
    remedy: '核对',
    facts,
    zh: '已有。核对。',
    en: 'There already. Check it.',
  })
  const en = problemOf({ code: 'taken_twice' }, description, 'en')
  assert.deepEqual([en.detail, en.remedy, 'facts' in en], ['there already', 'check it', false])
})

test('each wrong field has its reason and remedy', () => {
  const error = {
    field: 'bills[0]',
    reason: { zh: '负数', en: 'negative' },
    remedy: { zh: '改正', en: 'correct it' },
  }
  const fault = { code: 'bad_amount', status: 422, errors: [error] }
  const { errors, status } = problemOf(fault, description, 'en')
  assert.equal(status, 422)
  assert.deepEqual(errors, [{ field: 'bills[0]', reason: 'negative', remedy: 'correct it' }])
})

test('what is thrown becomes a code, and what nobody foresaw tells nothing', () => {
  const thrown = (facts: object) => faultOf(Object.assign(new Error('secret'), facts)).code
  assert.equal(faultOf(new Refused({ code: 'mine' })).code, 'mine')
  assert.equal(thrown({ code: 'ECONNREFUSED' }), 'unavailable')
  assert.equal(thrown({ code: '57P01' }), 'unavailable')
  assert.equal(faultOf(new Error('Connection terminated unexpectedly')).code, 'unavailable')
  assert.equal(thrown({ code: '22021' }), 'invalid_request')
  assert.equal(thrown({ code: 'FST_ERR_CTP_BODY_TOO_LARGE' }), 'body_too_large')
  assert.equal(thrown({ code: '23503' }), 'internal')
  assert.deepEqual(faultOf(new Error('secret')), { code: 'internal' })
})

test('a complaint of the validator names its field in both languages', () => {
  const validation = [
    {
      instancePath: '/files/0/path',
      keyword: 'too_big',
      message: 'Too big',
      params: { origin: 'string', maximum: 200, inclusive: true },
    },
  ]
  const [field] = faultOf({ validation, validationContext: 'body' }).errors ?? []
  assert.equal(field?.field, 'files.0.path')
  assert.equal(field?.reason.en, 'Too big')
  assert.match(field?.reason.zh ?? '', /200/)
  assert.equal(faultOf({ validation, validationContext: 'params' }).code, 'not_found')
  assert.equal(
    faultOf({ validation, validationContext: 'headers' }).code,
    'idempotency_key_missing',
  )
})
