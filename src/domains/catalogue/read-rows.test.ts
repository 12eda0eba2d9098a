import assert from 'node:assert/strict'
import { test } from 'node:test'
import { COLUMNS, RowReader } from './read-rows.ts'
import { piecesAsked, piecesOf, searchText } from './search-terms.ts'
import type { RowFault } from './types.ts'

const faultsOf = (rows: readonly string[], teaching = true): string[] => {
  const faults: RowFault[] = []
  const reader = new RowReader('p', { teaching })
  for (const [i, row] of rows.entries()) reader.read({ line: i + 1, cells: row.split(',') }, faults)
  return faults.map(({ line, column, value, code }) => `${line} ${column} ${value} ${code}`)
}

const HEAD = '类别,编码,名称,甲乙丙,先行自付比例,限价,施行日期,截止日期,来源,来源地址,来源等级'
const GOOD = '药品,A1,阿司匹林,乙,10%,0.20,2024-01-01,,文件,无地址,invented'

test('a good row has no faults; names of columns may be Chinese or English', () => {
  assert.deepEqual(faultsOf([HEAD, GOOD]), [])
  const english = HEAD.split(',').map(
    (zh) => Object.values(COLUMNS).find((column) => column.zh === zh)?.en ?? '',
  )
  assert.deepEqual(faultsOf([english.join(','), GOOD]), [])
})

test('every fault of every row is told, with line, column and value', () => {
  const rows = [
    HEAD,
    '药,A1,阿司匹林,丁,0.1,-1,2024-02-30,,文件,无地址,invented',
    '药品,,阿司匹林,乙,,0.2,2024-01-01,2023-01-01,文件,无地址,invented',
    GOOD,
    GOOD,
  ]
  assert.deepEqual(faultsOf(rows), [
    '2 类别 药 bad_value',
    '2 甲乙丙 丁 bad_value',
    '2 先行自付比例 0.1 bad_value',
    '2 限价 -1 bad_value',
    '2 施行日期 2024-02-30 bad_value',
    '3 编码  missing_value',
    '3 截止日期 2023-01-01 bad_dates',
    '3 先行自付比例  missing_value',
    '5 编码 A1 duplicate',
  ])
})

test('a column nobody knows, and one that is missing', () => {
  assert.deepEqual(faultsOf(['类别,编码,名字,施行日期,来源,来源地址']), [
    '1 名字 名字 unknown_column',
    '1 来源等级  missing_column',
  ])
})

test('invented values stand in teaching places alone, and nothing else does there', () => {
  assert.deepEqual(faultsOf([HEAD, GOOD], false), ['2 来源等级 invented mixed_invention'])
  assert.deepEqual(faultsOf([HEAD, GOOD.replace('invented', 'A')]), [
    '2 来源等级 A mixed_invention',
  ])
})

test('a limit to be checked says what becomes of a line that does not meet it', () => {
  assert.deepEqual(faultsOf([`${HEAD},最大年龄`, `${GOOD},14`]), ['2 不符合时  missing_value'])
  assert.deepEqual(faultsOf([`${HEAD},最大年龄,不符合时`, `${GOOD},14,丙`]), [])
})

test('found by name, part of a name, pinyin, initials and code', () => {
  const search = searchText({ code: 'XA01-7', name: '阿司匹林肠溶片', genericName: '阿司匹林' })
  const pieces = piecesOf(search)
  const finds = (words: string) =>
    piecesAsked(words).every((piece) => pieces.includes(piece)) && search.includes(words)
  for (const words of [
    '阿',
    '司匹',
    '阿司匹林',
    'asipilin',
    'pilin',
    'aspl',
    'a',
    'as',
    'xa01',
    '01-7',
  ])
    assert(finds(words), words)
  for (const words of ['布洛芬', '阿匹', 'buluofen', 'zz']) assert(!finds(words), words)
})
