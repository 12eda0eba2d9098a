import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

const tables = readdirSync('src/app').filter((file) => /-messages\.ts$/.test(file))

test('a code has its words in one table: the first that knows it answers', () => {
  const places = new Map<string, string[]>()
  for (const file of tables) {
    const table = /\nconst CODES[^=]*= \{\n(.*?)\n\}/s.exec(readFileSync(`src/app/${file}`, 'utf8'))
    for (const [, code = ''] of (table?.[1] ?? '').matchAll(/^ {2}(\w+): \(/gm))
      places.set(code, [...(places.get(code) ?? []), file])
  }
  assert(places.size > 40, 'the tables are read')
  assert.deepEqual(
    [...places].filter(([, files]) => files.length > 1),
    [],
  )
})
