import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { RuleFileError } from '#rulebook/rule-file.ts'
import { loadCatalogue } from './catalogue-files.ts'
import { readInput } from './input.ts'
import { InputError } from './input-fault.ts'
import { createItems } from './items.ts'
import { loadSchemes } from './schemes-folder.ts'

const folder = mkdtempSync(join(tmpdir(), 'kangyang-catalogue-'))
after(() => rmSync(folder, { recursive: true }))

const book = loadSchemes('schemes')
const HEAD = '类别,编码,名称,甲乙丙,先行自付比例,限价,施行日期,来源,来源地址,来源等级'
const fileOf = (name: string, ...rows: string[]): string => {
  const path = join(folder, name)
  writeFileSync(path, [HEAD, ...rows].join('\n'))
  return path
}

test('the sample of codes alone: the stents of 31 December and of 1 January, by hand', async () => {
  const items = createItems(await loadCatalogue('schemes', undefined, book), book)
  const text = readFileSync('samples/codes-only.json', 'utf8')
  const { bills } = readInput('codes-only.json', text, book.vocabulary, items)
  const parts = bills.map(({ lines }) => {
    const stents = lines.find(({ item }) => item?.code === 'SFH0003')
    const { overLimit, upfront, inScope } = stents?.parts ?? {}
    return [overLimit, upfront, inScope]
  })
  // 1,700 − 2 × 800 = 100; 10% of 1,600 = 160. A day later 1,700 − 2 × 780 = 140; 5% of 1,560 = 78.
  assert.deepEqual(parts, [
    [10_000, 16_000, 144_000],
    [14_000, 7_800, 148_200],
  ])
})

test('--catalogue PLACE=FILE stands in for the files of that place alone', async () => {
  const path = fileOf('new.csv', '诊疗项目,SFZ0012,,乙,50%,,2024-01-01,文件,无,invented')
  const catalogue = await loadCatalogue('schemes', `teaching/shifan=${path}`, book)
  assert.deepEqual(
    catalogue.find('teaching/shifan', 'SFZ0012').map(({ upfrontShare }) => upfrontShare),
    [500_000],
  )
  assert.equal(catalogue.find('teaching/shifan', 'SFZ0013').length, 0)
  assert.equal(catalogue.find('teaching', 'SFZ0013').length, 1)
})

test('a wrong catalogue file stops everything, and says where', async () => {
  const faultOf = async (named: string) => {
    const error = await loadCatalogue('schemes', named, book).catch((thrown) => thrown)
    assert(error instanceof RuleFileError, String(error))
    return `${error.fault.line} ${error.fault.code}`
  }
  const bad = fileOf('bad.csv', '药品,A1,名,甲,,12元,2024-01-01,文件,无,invented')
  assert.equal(await faultOf(`teaching/shifan=${bad}`), '2 bad_value')
  assert.equal(await faultOf(`no/where=${bad}`), '1 unknown_place')
  assert.equal(await faultOf(`zhejiang/ningbo=${bad}`), '2 bad_value')
  assert.equal(await faultOf(join(folder, 'nothing')), '1 missing_file')
})

test('a code alone without a place of care that has schemes, or without a quantity under a limit price', async () => {
  const items = createItems(await loadCatalogue('schemes', undefined, book), book)
  const codeOf = (line: object, more: object = {}): string => {
    const text = JSON.stringify({
      amounts: 'yuan',
      persons: [{ id: 'p', covers: [{ scheme: 'teaching/shifan/employee', from: '2024-01-01' }] }],
      bills: [
        {
          id: 'b',
          person: 'p',
          admitted: '2025-01-01',
          discharged: '2025-01-02',
          settled: '2025-01-02',
          lines: [{ id: '1', amount: '10.00', ...line }],
          ...more,
        },
      ],
    })
    try {
      readInput('bills.json', text, book.vocabulary, items)
      return 'read'
    } catch (error) {
      assert(error instanceof InputError)
      return `${error.fault.code} ${error.place.path}`
    }
  }
  assert.equal(codeOf({ code: 'SFZ0011', quantity: '1' }), 'read')
  assert.equal(codeOf({ code: 'SFZ0011' }), 'missing_field bills[0].lines[0].quantity')
  assert.equal(codeOf({}), 'class_missing bills[0].lines[0].class')
  const elsewhere = { placeOfCare: '999999' }
  assert.equal(
    codeOf({ code: 'SFZ0011', quantity: '1' }, elsewhere),
    'no_place_of_care bills[0].lines[0].code',
  )
  assert.equal(codeOf({ code: 'SFZ0011', class: '甲' }, elsewhere), 'read')
})
