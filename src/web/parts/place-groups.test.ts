import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PlaceView, SchemeView } from '#web/api.ts'
import { groupPlaces } from './place-groups.ts'

const place = (folder: string, zh: string, en: string, teaching = false): PlaceView => ({
  folder,
  title: { zh, en },
  teaching,
  sources: [],
  indexes: [],
})
const scheme = (id: string, zh: string, en: string): SchemeView => ({
  id,
  title: { zh, en },
  kind: 'public',
  teaching: false,
  place: id.slice(0, id.lastIndexOf('/')),
  tiers: [],
  benefits: [],
  reliefs: [],
})

const BOOK = {
  places: [
    place('zhejiang/jiaxian', '浙江省甲县', 'Jiaxian, Zhejiang'),
    place('jiangsu/yishi', '江苏省乙市', 'Yishi, Jiangsu'),
    place('jiangsu/jiangsu', '江苏省', 'Jiangsu'),
    place('bingshi/bingshi', '丙市', 'Bingshi'),
    place('teaching/shifan', '示例市（虚构）', 'Shifan (invented)', true),
  ],
  schemes: [
    scheme('jiangsu/yishi/resident', '乙市居民医保', 'Yishi residents'),
    scheme('jiangsu/yishi/yihuibao', '乙惠保', 'Supplementary'),
    scheme('bingshi/bingshi/resident', '丙市居民医保', 'Bingshi residents'),
    scheme('teaching/shifan/resident', '示例市居民医保', 'Shifan residents'),
  ],
}

/** The groups as a reader sees them: the province, its places, how many schemes each shows. */
const shown = (words: string) =>
  groupPlaces(BOOK, words).map(
    ({ title, places }) =>
      `${title.zh} ${title.en}: ${places.map(({ place, schemes }) => `${place.title.zh} ${schemes.length}`).join(', ')}`,
  )

test('every place is listed under its province, teaching places first, places without a scheme too', () => {
  assert.deepEqual(shown(''), [
    '示例市 Teaching: 示例市（虚构） 1',
    '丙市 Bingshi: 丙市 1',
    '江苏省 Jiangsu: 江苏省 0, 江苏省乙市 2',
    '浙江省 Zhejiang: 浙江省甲县 0',
  ])
})

test('a word finds a place by its name in either language, and by the pinyin of its folder', () => {
  const one = ['江苏省 Jiangsu: 江苏省乙市 2']
  for (const words of ['乙市', 'Yishi', ' yishi ']) assert.deepEqual(shown(words), one, words)
  assert.deepEqual(shown('江苏'), ['江苏省 Jiangsu: 江苏省 0, 江苏省乙市 2'])
})

test('a word that names a scheme leaves that scheme alone', () => {
  for (const words of ['乙惠保', 'yihuibao', 'supplementary'])
    assert.deepEqual(shown(words), ['江苏省 Jiangsu: 江苏省乙市 1'], words)
  assert.deepEqual(shown('没有'), [])
})
