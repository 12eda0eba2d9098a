/**
 * Cases from outside the office, in a browser: an insured person hands in a bill in large type, adds a paper, answers what is
 * asked and sees the decision; who bears a cut is asked; referrals on a person's file and at a hospital.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { BEARERS, CASE_ACTS, OUTCOMES, OWN_STATES } from '../src/domains/casework/types.ts'
import { REFERRAL_STATES } from '../src/domains/enrolment/types.ts'
import { WORDS } from '../src/web/words.ts'
import { DESK, openStage, PHONE, PICTURE, switchLanguage, word } from './browser/stage.ts'
import { looksGood, signIn } from './browser/walk.ts'

const { skip, origin, open } = await openStage()

/** A word, as a name: Ant Design may put a space between two Chinese characters. */
const named = (text: string): RegExp => new RegExp(`^${[...text].join('\\s?')}…?$`)

/** Buttons and links of a page for whoever is old: at least 60 high, in letters of at least 18. */
async function isLarge(page: Page): Promise<void> {
  const small = await page.locator('.large').evaluate((root) =>
    [...root.querySelectorAll('button, a, select, input')].flatMap((each) => {
      const { height, width } = each.getBoundingClientRect()
      const size = Number.parseFloat(getComputedStyle(each).fontSize)
      return width > 0 && (height < 60 || size < 18)
        ? [`${each.textContent} ${height} ${size}`]
        : []
    }),
  )
  assert.deepEqual(small, [])
}

/** Presses a button, and the one of the same name in the dialog that it opens. */
async function press(page: Page, name: RegExp, why?: string): Promise<void> {
  await page.locator('main').getByRole('button', { name }).first().click()
  const dialog = page.getByRole('dialog')
  if (why !== undefined) await dialog.getByRole('textbox').fill(why)
  await dialog.getByRole('button', { name }).click()
  await dialog.waitFor({ state: 'hidden' })
}

for (const [language, office, bill] of [
  ['zh', 'en', 0],
  ['en', 'zh', 0],
] as const)
  test(`a person hands in a bill, adds a paper, answers and sees what was decided (${language})`, {
    skip,
  }, async () => {
    const own = await open(PHONE)
    await signIn(own.page, origin, 'insured')
    if (language === 'en') await switchLanguage(own.page)
    await own.page.goto(`${origin}/own-cases`)
    await own.page.getByRole('heading', { name: WORDS.ownBills[language] }).waitFor()
    await looksGood(own.page)
    await isLarge(own.page)
    await own.page
      .getByRole('button', { name: new RegExp(`^${WORDS.ownCaseSend[language]} `) })
      .nth(bill)
      .click()
    await own.page.getByRole('heading', { name: OWN_STATES.accepted[language] }).waitFor()
    const at = own.page.url().split('/').at(-1)
    await own.page
      .getByLabel(WORDS.ownPaperChoose[language])
      .setInputFiles({ name: 'bill.png', mimeType: 'image/png', buffer: PICTURE })
    await own.page.getByRole('link', { name: /bill\.png/ }).waitFor()
    await looksGood(own.page)
    await isLarge(own.page)

    const handler = await open(DESK)
    await signIn(handler.page, origin, 'handler')
    if (office === 'en') await switchLanguage(handler.page)
    await handler.page.goto(`${origin}/cases/${at}`)
    await handler.page.getByText(WORDS.caseRiskFactor[office]).first().waitFor()
    await looksGood(handler.page)
    await press(handler.page, named(CASE_ACTS['ask-documents'][office]), '出院小结')

    await own.page.reload()
    await own.page.getByRole('status').filter({ hasText: '出院小结' }).waitFor()
    await looksGood(own.page)
    await press(own.page, word('ownCaseAllThere', language))
    await own.page.getByRole('heading', { name: OWN_STATES['in-hand'][language] }).waitFor()

    const reviewer = await open(DESK)
    await signIn(reviewer.page, origin, 'reviewer')
    if (office === 'en') await switchLanguage(reviewer.page)
    await reviewer.page.goto(`${origin}/cases`)
    await reviewer.page.getByText(WORDS.caseRisk[office]).first().waitFor()
    await looksGood(reviewer.page)
    await reviewer.page.goto(`${origin}/cases/${at}`)
    // Who bears a cut is asked where one is chosen.
    const propose = named(CASE_ACTS.propose[office])
    await reviewer.page.locator('main').getByRole('button', { name: propose }).click()
    const dialog = reviewer.page.getByRole('dialog')
    await dialog.getByText(OUTCOMES.cut[office], { exact: true }).click()
    await dialog.getByText(BEARERS.hospital[office], { exact: true }).click()
    await dialog.getByText(WORDS.caseBearerHospital[office]).waitFor()
    await looksGood(reviewer.page)
    await dialog.getByRole('button', { name: word('cancel', office) }).click()
    await dialog.waitFor({ state: 'hidden' })
    await press(reviewer.page, propose)
    const second = await open(DESK)
    await signIn(second.page, origin, 'reviewer2')
    if (office === 'en') await switchLanguage(second.page)
    await second.page.goto(`${origin}/cases/${at}`)
    await press(second.page, named(CASE_ACTS.approve[office]))
    await own.page.reload()
    await own.page.getByRole('heading', { name: OWN_STATES['in-hand'][language] }).waitFor()
    await handler.page.reload()
    await press(handler.page, named(CASE_ACTS.notify[office]))
    await own.page.reload()
    await own.page.getByRole('heading', { name: OWN_STATES.decided[language] }).waitFor()
    const notice = own.page.getByRole('link', { name: WORDS.caseNotice[language] })
    const paper = await own.page.request.get(`${origin}${await notice.getAttribute('href')}`)
    assert.equal((await paper.body()).subarray(0, 5).toString(), '%PDF-')
    await looksGood(own.page)
    await press(own.page, word('ownCaseObject', language), '少付了')
    await own.page.getByRole('heading', { name: OWN_STATES.objected[language] }).waitFor()
    for (const { complaints, close } of [own, handler, reviewer, second]) {
      assert.deepEqual(complaints, [])
      await close()
    }
  })

test('a referral on a person’s file is extended, and the hospital that gave it sees it', {
  skip,
}, async () => {
  for (const [size, language, user, path] of [
    [DESK, 'zh', 'handler', '/persons/returned?tab=health'],
    [PHONE, 'en', 'hospital-desk', '/referrals'],
  ] as const) {
    const { page, complaints, close } = await open(size)
    await signIn(page, origin, user)
    if (language === 'en') await switchLanguage(page)
    await page.goto(`${origin}${path}`)
    await page.getByText(REFERRAL_STATES.valid[language]).first().waitFor()
    await looksGood(page)
    if (language === 'zh') {
      await page.getByRole('button', { name: `${WORDS.doSomething.zh} R1` }).click()
      await page.getByRole('menuitem', { name: word('referralExtend', 'zh') }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel(WORDS.lastDay.zh).fill('2025-09-30')
      await dialog.getByLabel(WORDS.changeReason.zh).fill('继续治疗')
      await dialog.getByRole('button', { name: word('referralExtend', 'zh') }).click()
      await dialog.waitFor({ state: 'hidden' })
      await page.getByText('2025-06-01 — 2025-09-30').waitFor()
    } else {
      await page.getByText('2025-06-01 — 2025-09-30').waitFor()
      await page.getByRole('button', { name: word('addReferral', 'en') }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel(WORDS.idNumber.en).fill('11010519491231002X')
      await looksGood(page)
      await page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'hidden' })
      await page.goto(`${origin}/own-cases`)
      await page.getByRole('heading', { level: 1, name: WORDS.ownCasesOfHospital.en }).waitFor()
    }
    await looksGood(page)
    assert.deepEqual(complaints, [])
    await close()
  }
})
