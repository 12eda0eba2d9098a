import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

/** The requirements of levels 1 and 2 in version 5.0.0 of the standard: in each section, their numbers. */
const REQUIREMENTS = `
  1.1: 1-2; 1.2: 1-9; 1.3: 1-11; 1.4: 1-3; 1.5: 1-2; 2.1: 1-3; 2.2: 1-3; 2.3: 1-4; 2.4: 1-1; 3.2: 1-2; 3.3: 1-4;
  3.4: 1-6; 3.5: 1-5; 3.7: 1-2; 4.1: 1-3; 4.2: 1-1; 4.3: 1-2; 4.4: 1-4; 5.1: 1-1; 5.2: 1-3; 5.3: 1-2; 5.4: 1-3;
  6.1: 1-3; 6.2: 1-12; 6.3: 1-4; 6.4: 1-4; 6.5: 1-5; 6.6: 1-3; 6.8: 1-4; 7.1: 1-3; 7.2: 1-4; 7.3: 1-2; 7.4: 1-5;
  7.5: 1-2; 7.6: 1-2; 8.1: 1-2; 8.2: 1-3; 8.3: 1-1; 8.4: 1-1; 9.1: 1-3; 9.2: 1-4; 10.1: 1-2; 10.2: 1-2; 10.3: 1-4;
  10.4: 1-11; 10.5: 1-5; 10.6: 1-2; 10.7: 1-3; 11.1: 1-2; 11.2: 1-3; 11.3: 1-3; 11.4: 1-4; 11.5: 1-1; 11.6: 1-1;
  12.1: 1-3; 12.2: 1-2; 12.3: 1-4; 13.1: 1-1; 13.2: 1-5; 13.3: 1-2; 13.4: 1-5; 14.1: 1-2; 14.2: 1-4; 14.3: 1-3;
  15.1: 1-3; 15.2: 1-3; 15.3: 1-7; 16.1: 1-1; 16.2: 1-5; 16.3: 1-4; 16.4: 1-3; 16.5: 1-3; 17.1: 1-1; 17.2: 1-4;
  17.3: 1-2`

const page = readFileSync('docs/asvs.md', 'utf8')
const rows = page
  .split('\n')
  .flatMap((line) => /^\| ([\d.]+) \| ([12]) \| (.+) \| (.+) \|$/.exec(line)?.slice(1) ?? [])
const table = Array.from({ length: rows.length / 4 }, (_, i) => rows.slice(4 * i, 4 * i + 4))

test('every requirement of levels 1 and 2 is there once, in its order', () => {
  const wanted = REQUIREMENTS.split(';').flatMap((section) => {
    const [, name, first, last] = /([\d.]+): (\d+)-(\d+)/.exec(section) ?? []
    const count = Number(last) - Number(first) + 1
    return Array.from({ length: count }, (_, i) => `${name}.${Number(first) + i}`)
  })
  assert.deepEqual(
    table.map(([number]) => number),
    wanted,
  )
})

test('every test that is named exists, and whatever has none says why', () => {
  for (const [number, , , shown = ''] of table) {
    const named = [...shown.matchAll(/`([^`]+\.test\.ts)` “([^”]+)”/g)]
    for (const [, file = '', name = ''] of named) {
      assert(existsSync(file), `${number}: there is no ${file}`)
      const text = readFileSync(file, 'utf8')
      assert(text.includes(`test('${name}'`), `${number}: ${file} has no test "${name}"`)
    }
    const said = /Reason: .{4}|\*\*Open\*\*: .{4}|^Does not apply: .{4}/.test(shown)
    assert(named.length > 0 || said, `${number} has neither a test nor a reason`)
  }
})

test('the counts of the page are those of its table', () => {
  const open = table.filter(([, , , shown]) => shown?.includes('**Open**'))
  const none = table.filter(([, , , shown]) => shown?.startsWith('Does not apply'))
  const shown = table.filter(
    ([, , , shown]) => /` “/.test(shown ?? '') && !shown?.includes('**Open**'),
  )
  const rest = table.length - open.length - none.length - shown.length
  const said = page.replaceAll('\n', ' ')
  for (const words of [
    `Of ${table.length} requirements`,
    `${shown.length} are shown by a test`,
    `${rest} rest on a reason`,
    `${none.length} do not apply`,
    `**${open.length} are open**`,
  ])
    assert(said.includes(words), words)
})
