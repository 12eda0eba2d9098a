/** docs/add-a-city.md as a newcomer follows it: its files are written, its commands run, in its order. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'

const ROOT = join(import.meta.dirname, '..')
const DOC = readFileSync(join(ROOT, 'docs/add-a-city.md'), 'utf8')

/** A copy of the project, because the document adds to it. */
const PROJECT = mkdtempSync(join(tmpdir(), 'kangyang-city-doc-'))
after(() => rmSync(PROJECT, { recursive: true }))
for (const path of ['bin', 'src', 'schemes', 'docs', 'package.json'])
  cpSync(join(ROOT, path), join(PROJECT, path), { recursive: true })
symlinkSync(join(ROOT, 'node_modules'), join(PROJECT, 'node_modules'))

type Block = { readonly kind: string; readonly given: string; readonly text: string }

const BLOCKS: readonly Block[] = [...DOC.matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(
  ([, kind = '', given = '', text = '']) => ({ kind, given, text }),
)

for (const [i, { kind, given, text }] of BLOCKS.entries()) {
  if (kind === 'text') continue
  const expected = BLOCKS[i + 1]?.kind === 'text' ? (BLOCKS[i + 1]?.text ?? '') : ''
  if (kind === 'sh')
    test(text.trim().replaceAll('\n', '; '), () => {
      const wanted = Number(/^exit=(\d+)$/.exec(given)?.[1] ?? 0)
      const commands = text.replaceAll('npx kangyang', 'bin/kangyang')
      const { status, stdout, stderr } = spawnSync('sh', ['-e', '-c', commands], {
        cwd: PROJECT,
        encoding: 'utf8',
      })
      const said = stdout + stderr
      assert.equal(status, wanted, said)
      assertSays(said, expected)
    })
  else
    test(`the file ${given.replace('file=', '')}`, () => {
      const path = /^file=(.+)$/.exec(given)?.[1]
      assert(path, `a block of ${kind} names its file`)
      mkdirSync(join(PROJECT, dirname(path)), { recursive: true })
      writeFileSync(join(PROJECT, path), text)
    })
}

test('the document has blocks of every kind that it promises', () => {
  assert.deepEqual([...new Set(BLOCKS.map(({ kind }) => kind))].toSorted(), [
    'json',
    'markdown',
    'sh',
    'text',
    'yaml',
  ])
})

/** Each line of `expected` stands in the output, one after the other. */
function assertSays(output: string, expected: string): void {
  let from = 0
  for (const line of expected.split('\n').filter((each) => each !== '')) {
    const at = output.indexOf(line, from)
    assert(at >= 0, `"${line}" does not follow in:\n${output}`)
    from = at + line.length
  }
}
