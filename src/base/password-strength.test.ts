import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgePassword } from './password-strength.ts'

const faultOf = async (password: string, words?: readonly string[]) =>
  (await judgePassword(password, words)).fault

test('a password has 12 to 128 characters, counted as people count them', async () => {
  assert.equal(await faultOf('tulip-42-nov'), undefined)
  assert.equal(await faultOf('tulip-42-no'), 'too_short')
  assert.equal(await faultOf('七只白鹭飞过南边的稻田'), 'too_short')
  assert.equal(await faultOf('七只白鹭飞过南边的稻田去'), undefined)
  const long = 'a quite long sentence that nobody else would think of, '.repeat(3)
  assert.equal(await faultOf(long.slice(0, 128)), undefined)
  assert.equal(await faultOf(long.slice(0, 129)), 'too_long')
})

test('no kind of character is asked for or refused', async () => {
  for (const password of ['velvet harbour sings', 'VELVET HARBOUR SINGS', '7391 5620 4471 9902'])
    assert.equal(await faultOf(password), undefined, password)
})

test('what is tried first is refused: common passwords, also dressed up', async () => {
  for (const password of ['administrator', 'password1234', 'P@ssw0rd2026', 'iloveyou1234'])
    assert.match((await faultOf(password)) ?? '', /common|context/, password)
})

test('so are rows of keys, sequences and repetitions', async () => {
  for (const password of ['abcdefghijkl', 'aaaaaaaaaaaaaa', 'qwertyuiop[]', '123456789012'])
    assert.match((await faultOf(password)) ?? '', /pattern|common/, password)
})

test('and the names of the program, the user and the organisation', async () => {
  assert.equal(await faultOf('kangyang2026'), 'context')
  assert.equal(await faultOf('li.xiaoming1', ['li.xiaoming']), 'context')
  assert.equal(await faultOf('示例市医疗保障局2026', ['示例市医疗保障局']), 'context')
  assert.equal(await faultOf('li.xiaoming and four herons', ['li.xiaoming']), undefined)
})

test('strength is said in three words', async () => {
  const strengthOf = async (password: string) => (await judgePassword(password)).strength
  assert.equal(await strengthOf('abcdefghijkl'), 'weak')
  assert.equal(await strengthOf('zhangsan1985'), 'fair')
  assert.equal(await strengthOf('seven herons over the rice'), 'strong')
})
