/** Work in a browser: cases, a year of a contract, scenarios. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { CASE_ACTS, type CaseAct, OUTCOMES } from '../src/domains/casework/types.ts'
import { PROOF_STATES, STATES, YEAR_LINES } from '../src/domains/contracts/types.ts'
import { WORDS } from '../src/web/words.ts'
import { choose, DESK, openStage, PHONE, PICTURE, switchLanguage, word } from './browser/stage.ts'
import { accessibilityFaults, scrollsSideways, signIn } from './browser/walk.ts'

const { open, origin, skip } = await openStage()

const CASES = [
  { language: 'zh', size: DESK, bill: '2025-07-inpatient', person: 'civil-servant' },
  { language: 'en', size: PHONE, bill: '2025-02-chronic', person: 'retiree' },
] as const

for (const { language, size, bill, person } of CASES)
  test(`a case from the counter to the last word: proposed, approved, objected to, decided anew (${language})`, {
    skip,
  }, async () => {
    const people = {
      handler: await open(size),
      reviewer: await open(size),
      reviewer2: await open(size),
      supervisor: await open(size),
    }
    for (const [user, { page }] of Object.entries(people)) {
      await signIn(page, origin, user)
      if (language === 'en') await switchLanguage(page)
    }
    // Ant Design may put a space between two Chinese characters.
    const actName = (act: CaseAct) => {
      const name = CASE_ACTS[act][language]
      return new RegExp(`^${language === 'zh' ? [...name].join('\\s?') : name}…?$`)
    }
    const looksGood = async (page: Page) => {
      assert.deepEqual(await accessibilityFaults(page), [])
      assert.equal(await scrollsSideways(page), false)
    }
    /** Presses what the act is called, gives the reason, and presses it again in the dialog. */
    const done = async (page: Page, act: CaseAct, why?: string) => {
      await page.goto(address)
      await page
        .locator('main')
        .getByRole('button', { name: actName(act) })
        .click()
      const dialog = page.getByRole('dialog')
      if (why !== undefined) await dialog.getByLabel(WORDS.caseReason[language]).fill(why)
      await dialog.getByRole('button', { name: actName(act) }).click()
      await dialog.waitFor({ state: 'hidden' })
    }

    // The handler takes the bill in; from now on nobody settles it beside its case.
    const { page: counter } = people.handler
    await choose(counter, origin, person, bill)
    await counter.getByRole('button', { name: word('caseAccept', language) }).click()
    await counter
      .getByRole('dialog')
      .getByRole('button', { name: word('caseAccept', language) })
      .click()
    await counter.waitForURL(/\/cases\//)
    await counter.getByRole('heading', { level: 1, name: /\d/ }).waitFor()
    const address = counter.url()
    await done(counter, 'ask-documents', '缺出院小结')
    await done(counter, 'receive-documents')
    await looksGood(counter)
    await choose(counter, origin, person, bill)
    await counter.getByRole('link', { name: word('caseOpen', language) }).waitFor()

    // A reviewer gets it as the next one, and proposes to refuse it.
    const { page: review } = people.reviewer
    await review.goto(`${origin}/cases`)
    await review.getByRole('button', { name: word('caseNext', language) }).click()
    await review.waitForURL(address)
    await review.getByText(WORDS.trialBanner[language]).waitFor()
    await review.waitForLoadState('networkidle')
    await looksGood(review)
    await review
      .locator('main')
      .getByRole('button', { name: actName('propose') })
      .click()
    const dialog = review.getByRole('dialog')
    const chosen = language === 'zh' ? 'cut' : 'refuse'
    await dialog.getByRole('radio', { name: OUTCOMES[chosen][language] }).check()
    if (chosen === 'cut') {
      await dialog.getByRole('textbox', { name: /^核减/ }).first().fill('1000')
      await dialog.getByRole('button', { name: word('caseTry', language) }).click()
      await dialog.getByText(/个人 .* 元/).waitFor()
    }
    await dialog.getByLabel(WORDS.caseRules[language]).fill('teaching/shifan 第三条')
    await review.keyboard.press('Enter')
    await dialog.locator('.ant-modal-title').click()
    await dialog.getByLabel(WORDS.caseReason[language]).fill('材料与病历不符')
    await review
      .locator('.ant-select-dropdown:not(.ant-select-dropdown-hidden)')
      .waitFor({ state: 'detached' })
    await looksGood(review)
    await dialog.getByRole('button', { name: actName('propose') }).click()
    await dialog.waitFor({ state: 'hidden' })

    // Who proposed does not approve; another reviewer does.
    await done(people.reviewer2.page, 'approve', '同意')
    await done(counter, 'notify')
    const [chooser] = await Promise.all([
      counter.waitForEvent('filechooser'),
      counter.getByText(WORDS.caseDocumentChoose[language]).click(),
    ])
    await chooser.setFiles({ name: '票据.png', mimeType: 'image/png', buffer: PICTURE })
    await counter.getByRole('img', { name: /票据\.png/ }).waitFor()
    await looksGood(counter)
    const notice = counter.getByRole('link', { name: WORDS.caseNotice[language] })
    const paper = await counter.request.get(`${origin}${await notice.getAttribute('href')}`)
    assert.equal((await paper.body()).subarray(0, 5).toString(), '%PDF-')
    await done(counter, 'object', '病历有遗漏')
    const { page: last } = people.supervisor
    if (language === 'zh') {
      await last.goto(address)
      await last
        .locator('main')
        .getByRole('button', { name: actName('revise') })
        .click()
      const again = last.getByRole('dialog')
      await again.getByLabel(WORDS.caseReason[language]).fill('补充病历属实')
      await again.getByRole('button', { name: actName('revise') }).click()
      await again.waitFor({ state: 'hidden' })
    } else await done(last, 'uphold', '补充材料不能证明')
    await done(counter, 'close')
    await counter.reload()
    await counter
      .getByText(OUTCOMES[language === 'zh' ? 'pay' : 'refuse'][language])
      .first()
      .waitFor()
    await looksGood(counter)
    await counter.goto(`${origin}/cases`)
    await counter.getByLabel(WORDS.caseSearch[language]).fill(bill)
    await counter.getByRole('link', { name: /\d/ }).first().waitFor()
    await looksGood(counter)
    for (const { complaints, close } of Object.values(people)) {
      assert.deepEqual(complaints, [])
      await close()
    }
  })

const YEARS = [
  { language: 'zh', size: DESK, year: 2024, cost: '250', score: '85' },
  { language: 'en', size: PHONE, year: 2025, cost: '900', score: undefined },
] as const

for (const { language, size, year, cost, score } of YEARS)
  test(`a year of a contract: a change of policy proven, stated by one, confirmed and posted by another (${language})`, {
    skip,
  }, async () => {
    const people = {
      actuary: await open(size),
      supervisor: await open(size),
    }
    for (const [user, { page }] of Object.entries(people)) {
      await signIn(page, origin, user)
      if (language === 'en') await switchLanguage(page)
    }
    const looksGood = async (page: Page) => {
      await page.waitForLoadState('networkidle')
      assert.deepEqual(await accessibilityFaults(page), [])
      assert.equal(await scrollsSideways(page), false)
    }
    const button = (page: Page, key: keyof typeof WORDS) =>
      page.locator('main').getByRole('button', { name: new RegExp(`^${WORDS[key][language]}…$`) })
    const chooseIn = async (page: Page, key: keyof typeof WORDS, option: RegExp) => {
      await page.getByRole('dialog').getByLabel(WORDS[key][language]).click()
      const chosen = page.locator('.ant-select-item-option:visible').filter({ hasText: option })
      const list = page.locator('.ant-select-dropdown:not(.ant-select-dropdown-hidden)')
      await chosen.first().click()
      // On a busy machine the list may open again under the click that closed it.
      await list
        .waitFor({ state: 'hidden', timeout: 5_000 })
        .catch(() => chosen.first().click({ timeout: 5_000 }))
      await list.waitFor({ state: 'hidden' })
    }
    const send = async (page: Page, key: keyof typeof WORDS) => {
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('button', { name: word(key, language) }).click()
      await dialog.waitFor({ state: 'hidden' })
    }

    const { page: actuary } = people.actuary
    await actuary.goto(`${origin}/contracts`)
    await actuary.getByRole('link', { name: /大病|Critical/ }).click()
    await actuary.locator('.facts').waitFor()
    await looksGood(actuary)

    // The year under the rules before rates were raised, and under those in force.
    await button(actuary, 'contractProve').click()
    await chooseIn(actuary, 'contractYear', new RegExp(`^${year}$`))
    await chooseIn(actuary, 'contractBefore', /大病报销比例调整前/)
    await chooseIn(actuary, 'contractAfter', language === 'zh' ? /第 1 版/ : /version 1$/)
    await looksGood(actuary)
    await send(actuary, 'contractProve')
    await actuary
      .locator('tr')
      .filter({ hasText: String(year) })
      .filter({ hasText: PROOF_STATES.done[language] })
      .waitFor()
    await looksGood(actuary)

    // Whoever states the year gives what the program cannot know.
    await button(actuary, 'contractDraftYear').click()
    await chooseIn(actuary, 'contractYear', new RegExp(`^${year}`))
    const dialog = actuary.getByRole('dialog')
    await dialog.getByLabel(WORDS.contractCost[language]).fill(cost)
    await chooseIn(actuary, 'contractProof', new RegExp(`^${year}`))
    if (score) {
      await dialog.getByLabel(WORDS.contractPoints[language]).fill(score)
      await dialog.getByLabel(WORDS.contractReleased[language]).fill('80%')
      await dialog.getByLabel(WORDS.contractScoreReason[language]).fill('回访完成率不足')
    }
    await looksGood(actuary)
    await send(actuary, 'contractDraftYear')
    await actuary.waitForURL(/\/contracts\/years\//)
    const address = actuary.url()
    await actuary.getByText(WORDS.contractNotOwn[language]).waitFor()
    await actuary.getByRole('img', { name: new RegExp(YEAR_LINES.premium[language]) }).waitFor()
    await looksGood(actuary)
    await actuary.getByText(WORDS.asTable[language], { exact: true }).click()
    await actuary
      .getByRole('table', { name: WORDS.contractChart[language] })
      .getByText(WORDS.contractSourceSide[language])
      .first()
      .waitFor()
    const printed = await actuary.request.get(
      `${origin}${await actuary.getByRole('link', { name: WORDS.contractPdf[language] }).getAttribute('href')}`,
    )
    assert.match(printed.headers()['content-type'] ?? '', /application\/pdf/)

    // Somebody else confirms it: it is posted, and leads back from the ledger.
    const { page: supervisor } = people.supervisor
    await supervisor.goto(address)
    await button(supervisor, 'contractYearConfirm').click()
    await looksGood(supervisor)
    await send(supervisor, 'contractYearConfirm')
    await supervisor.getByText(STATES.confirmed[language]).first().waitFor()
    await looksGood(supervisor)
    for (const { complaints, close } of Object.values(people)) {
      assert.deepEqual(complaints, [])
      await close()
    }
  })

for (const [size, language] of [
  [DESK, 'zh'],
  [PHONE, 'en'],
] as const)
  test(`an actuary tries a draft on an invented city and shares what came of it, at ${size.width} px in ${language}`, {
    skip,
  }, async () => {
    const { page, complaints, close } = await open(size)
    const looksGood = async (where: string) => {
      await page.waitForLoadState('networkidle')
      assert.deepEqual(await accessibilityFaults(page), [], where)
      assert.equal(await scrollsSideways(page), false, where)
    }
    const choose = async (label: keyof typeof WORDS, text: string | RegExp) => {
      await page.getByLabel(WORDS[label][language], { exact: true }).click()
      await page
        .locator('.ant-select-dropdown:not(.ant-select-dropdown-hidden) .ant-select-item-option')
        .filter({ hasText: text })
        .first()
        .click()
    }
    await signIn(page, origin, 'actuary')
    if (language === 'en') {
      await switchLanguage(page)
      await page.keyboard.press('Escape')
    }
    // A year of this office is there to begin with, with what came of it.
    await page.goto(`${origin}/scenarios`)
    await page.getByRole('link', { name: /本地 2025 年/ }).click()
    await page.getByRole('heading', { name: word('scenarioReport', language) }).waitFor({
      timeout: 120_000,
    })
    await page.getByRole('heading', { name: word('scenarioCatastrophic', language) }).waitFor()
    await page
      .getByText(/供试用/)
      .last()
      .waitFor()
    await looksGood('a year of this office')
    await page.goto(`${origin}/scenarios`)
    await page.getByRole('button', { name: word('scenarioNew', language) }).click()
    await page.waitForURL(/\/scenarios\/[0-9a-f-]{36}$/)
    const name = `${language} ${size.width}`
    await page.getByLabel(WORDS.scenarioName[language], { exact: true }).fill(name)
    await page.getByLabel(WORDS.scenarioPersons[language], { exact: true }).fill('1500')
    await page.getByLabel(WORDS.scenarioElasticity[language]).fill('0.2')
    await page.getByLabel(WORDS.scenarioCapacity[language]).fill('12000')
    await page.getByLabel(WORDS.scenarioShare[language]).check()
    await choose('parameterScheme', language === 'zh' ? '示例市居民医保' : 'Shifan resident scheme')
    await choose('parameterTier', language === 'zh' ? '居民住院统筹' : 'Resident inpatient')
    await choose('parameter', language === 'zh' ? /2025-01-01.*900元/ : /2025-01-01.*900 yuan/)
    await page.getByLabel(WORDS.parameterNew[language], { exact: true }).fill('2500')
    await page.getByRole('button', { name: word('parameterAdd', language) }).click()
    const text = await page.getByLabel(WORDS.scenarioDraftText[language]).inputValue()
    assert.match(text, /at: \[deductible, amount, 2025-01-01, .*\]\n {4}set: 2500元/)
    await page.getByRole('button', { name: word('scenarioCheck', language) }).click()
    await page.locator('.ant-alert-success').waitFor()
    await page.getByRole('button', { name: word('scenarioSaveAndRun', language) }).click()
    await page.getByRole('heading', { name: word('scenarioReport', language) }).waitFor({
      timeout: 120_000,
    })
    await looksGood('a report as charts')
    // Every chart has its table.
    const tables = page.locator('main .ant-segmented').getByText(word('asTable', language))
    for (const twin of await tables.all()) await twin.click()
    await page.getByRole('row').filter({ hasText: WORDS.scenarioGiniName[language] }).waitFor()
    await looksGood('a report as tables')
    assert.match((await page.locator('main').textContent()) ?? '', /[0-9a-f]{16}/)
    const print = async (kind: 'PDF' | 'JSON') => {
      const address = await page.getByRole('link', { name: kind }).getAttribute('href')
      return page.request.get(`${origin}${address}`)
    }
    const paper = await (await print('PDF')).body()
    assert.equal(paper.subarray(0, 5).toString(), '%PDF-')
    const { format } = (await (await print('JSON')).json()) as { format: string }
    assert.equal(format, 'kangyang/whatif@2')
    // The supervisor reads what is shared, and can neither change nor run it.
    const shared = page.url()
    await page.context().clearCookies()
    await signIn(page, origin, 'supervisor')
    await page.goto(`${origin}/scenarios`)
    await page.getByRole('link', { name, exact: true }).click()
    await page.waitForURL(shared)
    await page.getByRole('heading', { name: word('scenarioReport', language) }).waitFor()
    for (const act of ['scenarioDoRun', 'scenarioSave', 'scenarioCopy', 'remove'] as const)
      assert.equal(
        await page.getByRole('button', { name: word(act, language), exact: true }).count(),
        0,
        act,
      )
    await looksGood('as a supervisor')
    assert.deepEqual(complaints, [])
    await close()
  })
