/** A bill in a browser: tried, settled, explained, printed, reversed, corrected; the rules and the catalogue it rests on. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { WORDS } from '../src/web/words.ts'
import {
  act,
  choose,
  DESK,
  type Language,
  openStage,
  PHONE,
  settle,
  switchLanguage,
  word,
} from './browser/stage.ts'
import { accessibilityFaults, scrollsSideways, signIn } from './browser/walk.ts'

const { open, origin, skip } = await openStage()

/** What stands behind the first amount of the table of payers. */
async function askWhy(page: Page): Promise<string> {
  await page.getByRole('table').first().getByRole('button').first().click()
  const drawer = page.getByRole('dialog')
  await drawer.getByText(/第.条/).first().waitFor()
  const why = (await drawer.textContent()) ?? ''
  assert.deepEqual(await accessibilityFaults(page), [])
  await page.keyboard.press('Escape')
  await drawer.waitFor({ state: 'hidden' })
  return why
}

const WALKS = [
  { language: 'zh', person: 'adult', bills: ['2025-04-waiting', '2025-09-out-of-city'] },
  { language: 'en', person: 'elder', bills: ['2025-08-inpatient', '2025-10-inpatient'] },
] as const

const ordinal = (n: number, language: Language): RegExp =>
  new RegExp(
    WORDS.stepDeductibleAdmission[language].replace('{n}', String(n)).replace(/[()]/g, '\\$&'),
  )

for (const { language, person, bills } of WALKS)
  test(`a handler tries a bill, settles it and the next, asks why, prints and reverses (${language})`, {
    skip,
  }, async () => {
    const [first, second] = bills
    const { page, complaints, close } = await open(DESK)
    await signIn(page, origin, 'handler')
    if (language === 'en') await switchLanguage(page)
    assert.deepEqual(await accessibilityFaults(page), [])

    // Trying keeps nothing.
    await choose(page, origin, person, first)
    await page.getByRole('button', { name: word('trial', language) }).click()
    await page.getByText(WORDS.trialBanner[language]).waitFor()
    const tried = await page.locator('.check').first().textContent()
    await choose(page, origin, person, first)
    await page.getByText(WORDS.notSettledYet[language]).waitFor()

    // Settling gives what was tried, and every amount its rule, document and article.
    assert.equal(await settle(page, language), tried)
    assert.deepEqual(await accessibilityFaults(page), [])
    const why = await askWhy(page)
    assert.match(why, /×/)
    assert.match(why, /resident-inpatient#/)
    assert.match(why, language === 'zh' ? /虚构/ : /Invented/)
    assert.match(why, ordinal(1, language))

    // The next bill goes on from this one: it is the second admission of the year.
    await choose(page, origin, person, second)
    const settled = await settle(page, language)
    assert.match(await askWhy(page), ordinal(2, language))

    const link = page.getByRole('link', { name: WORDS.printSlip[language] })
    const slip = await page.request.get(`${origin}${await link.getAttribute('href')}`)
    assert.equal(slip.status(), 200)
    assert.match(slip.headers()['content-type'] ?? '', /application\/pdf/)
    assert.equal((await slip.body()).subarray(0, 5).toString(), '%PDF-')

    // Reversed and settled again it comes to the same.
    await act(page, 'reverse', language, '录错了就医日期')
    await page.getByText(WORDS.reversedDone[language]).waitFor()
    await choose(page, origin, person, second)
    await page.getByText(WORDS.notSettledYet[language]).waitFor()
    assert.equal(await settle(page, language), settled)

    assert.deepEqual(complaints, [])
    await close()
  })

const LATE = [
  { language: 'zh', person: 'employee', early: '2024-05-inpatient', later: '2024-09-inpatient' },
  {
    language: 'en',
    person: 'well-insured',
    early: '2025-05-special-drug',
    later: '2025-06-inpatient',
  },
] as const

for (const { language, person, early, later } of LATE)
  test(`a bill that comes late, its correction, clearing and what is taken back (${language})`, {
    skip,
  }, async () => {
    const { page, complaints, close } = await open(DESK)
    const say = (key: keyof typeof WORDS) => WORDS[key][language]
    const press = (key: keyof typeof WORDS) =>
      page
        .getByRole('button', { name: word(key, language) })
        .last()
        .click()
    await signIn(page, origin, 'handler')
    if (language === 'en') await switchLanguage(page)

    // The later bill is settled and the early one is not; when it is, the later one is settled again.
    await choose(page, origin, person, early)
    if (await page.getByRole('button', { name: word('reverse', language) }).isVisible()) {
      await act(page, 'reverse', language, '录错')
      await page.getByText(say('reversedDone')).waitFor()
    } else {
      await choose(page, origin, person, later)
      await settle(page, language)
    }
    await choose(page, origin, person, early)
    await settle(page, language)
    await page.goto(`${origin}/persons/${person}?tab=bills`)
    await page.getByText(say('causeLateBill').replace('{bill}', early)).first().waitFor()
    await page
      .getByRole('heading', { name: `${say('bill')} ${later}` })
      .first()
      .waitFor()
    assert.deepEqual(await accessibilityFaults(page), [])

    // Yesterday nobody knew of either.
    await page.getByLabel(say('momentInChina')).fill('2026-01-01T08:00')
    await press('showKnown')
    await page.getByText(say('noBillsThen')).waitFor()

    // A correction shows what it will change before it is saved.
    await choose(page, origin, person, early)
    await press('correctBill')
    const drawer = page.getByRole('dialog')
    await drawer.getByLabel(say('correctionReason')).fill('录错')
    await drawer.getByLabel(say('amountYuan')).first().fill('1234.56')
    await press('previewCorrection')
    await drawer.getByRole('heading', { name: `${say('bill')} ${early}` }).waitFor()
    assert.deepEqual(await accessibilityFaults(page), [])
    await press('saveCorrection')
    await page.getByText(say('correctedDone'), { exact: true }).waitFor()

    // The money moves; whatever changes afterwards is paid or taken back.
    await page.goto(`${origin}/clearing`)
    await page.getByLabel(say('clearFrom')).fill(`${early.slice(0, 7)}-01`)
    await page.getByLabel(say('clearUntil'), { exact: true }).fill(`${later.slice(0, 7)}-30`)
    await press('clearPreview')
    await press('clearNow')
    await page
      .getByRole('dialog')
      .getByRole('button', { name: word('clearNow', language) })
      .click()
    await page.getByText(say('clearedDone')).waitFor()
    assert.deepEqual(await accessibilityFaults(page), [])
    await choose(page, origin, person, early)
    await act(page, 'reverse', language, '他人费用')
    await page.getByText(say('reversedDone')).waitFor()
    await page.goto(`${origin}/persons/${person}?tab=bills`)
    await page.getByText(say('adjustmentOrdered')).first().waitFor()
    const waits = page.getByRole('button', { name: word('waiveRecovery', language) })
    if ((await waits.count()) > 0) {
      await waits.first().click()
      await page.getByRole('dialog').getByRole('textbox').fill('本人无过错')
      await press('waiveRecovery')
      await page.getByText(say('adjustmentWaived')).first().waitFor()
    }
    const link = page.getByRole('link', { name: say('printStatement') }).first()
    const printed = await page.request.get(`${origin}${await link.getAttribute('href')}`)
    assert.equal((await printed.body()).subarray(0, 5).toString(), '%PDF-')
    await page.setViewportSize(PHONE)
    assert.equal(await scrollsSideways(page), false)
    assert.deepEqual(await accessibilityFaults(page), [])
    assert.deepEqual(complaints, [])
    await close()
  })

test('charts have tables, in both languages, at a desk and on a phone', { skip }, async () => {
  for (const size of [DESK, PHONE]) {
    const { page, complaints, close } = await open(size)
    await signIn(page, origin, 'handler')
    await choose(page, origin, 'child', '2024-11-inpatient')
    for (const [language, table] of [
      ['zh-CN', '表'],
      ['en', 'Table'],
    ]) {
      await page.waitForFunction((lang) => document.documentElement.lang === lang, language)
      await page
        .locator('main')
        .getByText(table ?? '', { exact: true })
        .first()
        .click()
      await page.getByRole('table').first().waitFor()
      assert.equal(await scrollsSideways(page), false, `${language} at ${size.width} px`)
      assert.deepEqual(await accessibilityFaults(page), [])
      if (language === 'zh-CN') await switchLanguage(page)
    }
    assert.deepEqual(complaints, [])
    await close()
  }
})

test('a change of rules is drafted by one person, compared, and published by another', {
  skip,
}, async () => {
  const path = 'teaching/shifan/resident-outpatient.tier.yaml'
  const author = await open(DESK)
  await signIn(author.page, origin, 'actuary')
  await author.page.goto(`${origin}/drafts/new`)
  await author.page.getByLabel('草稿名称').fill('门诊比例调整')
  const [chooser] = await Promise.all([
    author.page.waitForEvent('filechooser'),
    author.page.getByRole('button', { name: 'YAML' }).click(),
  ])
  await chooser.setFiles(`schemes/${path}`)
  await author.page.getByLabel('路径').fill(path)
  await author.page.getByRole('button', { name: '保存草稿' }).click()
  await author.page.getByRole('button', { name: '与现行规则对比' }).waitFor()
  assert.deepEqual(await accessibilityFaults(author.page), [])
  // A second saving changes the same draft.
  const draft = author.page.url()
  const text = author.page.getByLabel('内容')
  await text.fill((await text.inputValue()).replaceAll('50%', '55%'))
  await author.page.getByRole('button', { name: '保存草稿' }).click()
  await author.page.getByText(/第 2 稿/).waitFor()
  assert.equal(author.page.url(), draft)
  await author.page.getByRole('button', { name: word('check', 'zh') }).click()
  await author.page.getByText('文件可以使用').waitFor()
  await author.page.getByRole('button', { name: '与现行规则对比' }).click()
  await author.page.getByRole('heading', { name: '对样本账单的影响' }).waitFor()
  assert.equal(await author.page.getByRole('button', { name: /^发\s?布…$/ }).count(), 0)
  assert.deepEqual(author.complaints, [])
  await author.close()

  const other = await open(DESK)
  await signIn(other.page, origin, 'admin')
  await other.page.goto(draft)
  await other.page.getByRole('button', { name: /^发\s?布…$/ }).click()
  await other.page
    .getByRole('dialog')
    .getByRole('button', { name: /^发\s?布$/ })
    .click()
  await other.page.getByText(/已发布为规则第 2 版/).waitFor()
  assert.deepEqual(other.complaints, [])
  await other.close()
})

test('the catalogue: found by initials, one item with its history, a file with a fault, one to publish', {
  skip,
}, async () => {
  for (const [size, language] of [
    [DESK, 'zh'],
    [PHONE, 'en'],
  ] as const) {
    const { page, complaints, close } = await open(size)
    await signIn(page, origin, 'actuary')
    if (language === 'en') {
      await switchLanguage(page)
      await page.keyboard.press('Escape')
    }
    await page.goto(`${origin}/catalogue?on=2025-03-01`)
    await page.getByLabel(WORDS.catalogueWords[language]).fill('ywxtgz')
    const item = page.getByRole('link', { name: '药物洗脱冠状动脉支架' })
    await item.waitFor()
    assert.deepEqual(await accessibilityFaults(page), [])
    assert.equal(await scrollsSideways(page), false, `search at ${size.width} px`)
    await item.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: WORDS.itemHistory[language] }).waitFor()
    await page.getByText('780.00').first().waitFor()
    assert.deepEqual(await accessibilityFaults(page), [])
    assert.equal(await scrollsSideways(page), false, `item at ${size.width} px`)

    await page.goto(`${origin}/catalogue?tab=import`)
    const send = async (text: string) => {
      const [chooser] = await Promise.all([
        page.waitForEvent('filechooser'),
        page.getByText(WORDS.chooseCatalogueFile[language]).click(),
      ])
      await chooser.setFiles({ name: 'new.csv', mimeType: 'text/csv', buffer: Buffer.from(text) })
    }
    const head = 'kind,code,name,class,upfrontShare,from,source,address,grade'
    const row = `drug,BR${size.width},网页测试药,乙,10%,2024-01-01,测试文件,无地址,invented`
    await send(`${head}\n${row.replace('10%', '0.1')}`)
    await page.getByText(WORDS.catalogueFaults[language].replace('{n}', '1')).first().waitFor()
    assert.deepEqual(await accessibilityFaults(page), [])
    await send(`${head}\n${row}`)
    await page.getByRole('button', { name: WORDS.keepAsDraft[language] }).click()
    await page.getByText(WORDS.catalogueKept[language]).waitFor()
    assert.deepEqual(await accessibilityFaults(page), [])
    assert.equal(await scrollsSideways(page), false, `import at ${size.width} px`)
    assert.deepEqual(complaints, [])
    await close()
  }
})
