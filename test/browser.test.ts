import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { launch } from './browser/launch.ts'
import {
  accessibilityFaults,
  openPage,
  type Server,
  scrollsSideways,
  signIn,
  startServer,
} from './browser/walk.ts'

const DESK = { width: 1440, height: 900 }
const PHONE = { width: 390, height: 844 }
const SECOND_BILL = '2024-09-inpatient'
const THIRD_BILL = '2025-03-inpatient'

const started = await launch()
const skip = 'reason' in started ? started.reason : false
let browser: Browser
let server: Server

before(async () => {
  if ('reason' in started) return
  browser = started.browser
  server = await startServer()
})
after(async () => {
  if ('reason' in started) return
  await browser.close()
  await server.stop()
})

const choose = async (page: Page, person: string, bill: string) => {
  await page.goto(`${server.address}/?person=${person}&bill=${bill}`)
  await page.getByRole('heading', { name: new RegExp(bill) }).waitFor()
}
const headline = (page: Page) => page.locator('main').textContent()

test('a handler tries a bill, settles it, asks why, settles the next, prints and reverses', {
  skip,
}, async () => {
  const { page, complaints, close } = await openPage(browser, DESK)
  await signIn(page, server.address, 'handler')
  assert.deepEqual(await accessibilityFaults(page), [])

  await choose(page, 'adult', '2025-04-waiting')
  await page.getByRole('button', { name: '预结算' }).click()
  await page.getByText('预结算：仅供查看').waitFor()
  assert.match((await headline(page)) ?? '', /35,042\.75/)
  await page.goto(`${server.address}/?person=adult&bill=2025-04-waiting`)
  await page.getByText('这张账单还没有结算').waitFor()

  await page.getByRole('button', { name: /^结\s?算…$/ }).click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^结\s?算$/ })
    .click()
  await page.getByText(/由 handler 于/).waitFor()
  assert.deepEqual(await accessibilityFaults(page), [])

  await page.getByRole('table').first().getByRole('button').first().click()
  const drawer = page.getByRole('dialog')
  await drawer.getByText(/第.条/).first().waitFor()
  const why = (await drawer.textContent()) ?? ''
  assert.match(why, /×/)
  assert.match(why, /resident-inpatient#/)
  assert.match(why, /虚构/)
  assert.deepEqual(await accessibilityFaults(page), [])
  await page.keyboard.press('Escape')

  const link = page.getByRole('link', { name: '打印结算单' })
  const slip = await page.request.get(`${server.address}${await link.getAttribute('href')}`)
  assert.equal(slip.status(), 200)
  assert.match(slip.headers()['content-type'] ?? '', /application\/pdf/)
  assert.equal((await slip.body()).subarray(0, 5).toString(), '%PDF-')

  const before = await page.getByText(/各方支付 .* 总费用/).textContent()
  await page.getByRole('button', { name: /^撤\s?销…$/ }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox').fill('录错了就医日期')
  await dialog.getByRole('button', { name: /^撤\s?销$/ }).click()
  await page.getByText('已撤销').first().waitFor()
  await choose(page, 'adult', '2025-04-waiting')
  await page.getByText('这张账单还没有结算').waitFor()
  await page.getByRole('button', { name: /^结\s?算…$/ }).click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^结\s?算$/ })
    .click()
  await page.getByText(/由 handler 于/).waitFor()
  assert.equal(await page.getByText(/各方支付 .* 总费用/).textContent(), before)

  assert.deepEqual(complaints, [])
  await close()
})

test("a person's next bill continues from the one before", { skip }, async () => {
  const { page, close } = await openPage(browser, DESK)
  await signIn(page, server.address, 'handler')
  const states: (string | null)[] = []
  for (const bill of [SECOND_BILL, THIRD_BILL]) {
    await choose(page, 'employee', bill)
    if (await page.getByRole('button', { name: /^结\s?算…$/ }).isVisible()) {
      await page.getByRole('button', { name: /^结\s?算…$/ }).click()
      await page
        .getByRole('dialog')
        .getByRole('button', { name: /^结\s?算$/ })
        .click()
    }
    await page.getByText(/由 handler 于/).waitFor()
    states.push(await page.getByText(/各方支付 .* 总费用/).textContent())
  }
  assert.equal(states.length, 2)
  await close()
})

test('charts have tables, in both languages, at a desk and on a phone', { skip }, async () => {
  for (const size of [DESK, PHONE]) {
    const { page, complaints, close } = await openPage(browser, size)
    await signIn(page, server.address, 'handler')
    await choose(page, 'employee', '2024-05-inpatient')
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

async function switchLanguage(page: Page): Promise<void> {
  const direct = page.getByRole('button', { name: 'English' })
  if (!(await direct.first().isVisible()))
    await page
      .getByRole('button', { name: /菜单|menu/i })
      .first()
      .click()
  await direct.first().click()
}

test('a change of rules is drafted by one person, compared, and published by another', {
  skip,
}, async () => {
  const path = 'teaching/shifan/resident-outpatient.tier.yaml'
  const author = await openPage(browser, DESK)
  await signIn(author.page, server.address, 'actuary')
  const csrf = async (page: Page) =>
    ((await (await page.request.get(`${server.address}/api/session`)).json()) as { csrf: string })
      .csrf
  await author.page.goto(`${server.address}/drafts/new`)
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
  await author.page.getByRole('button', { name: '与现行规则对比' }).click()
  await author.page.getByRole('heading', { name: '对样本账单的影响' }).waitFor()
  assert.equal(await author.page.getByRole('button', { name: /^发\s?布…$/ }).count(), 0)
  const draft = author.page.url()
  assert(await csrf(author.page))
  assert.deepEqual(author.complaints, [])
  await author.close()

  const other = await openPage(browser, DESK)
  await signIn(other.page, server.address, 'admin')
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

test('every page is free of faults at a desk and on a phone', { skip }, async () => {
  for (const size of [DESK, PHONE]) {
    const { page, complaints, close } = await openPage(browser, size)
    await page.goto(server.address)
    await page.getByRole('heading', { level: 1 }).waitFor()
    assert.deepEqual(await accessibilityFaults(page), [], 'login')
    const pages = {
      handler: ['/', '/persons', '/persons/employee', '/schemes', '/about'],
      actuary: ['/schemes', '/drafts', '/drafts/new'],
      admin: ['/schemes', '/drafts', '/users', '/about'],
    }
    for (const [user, paths] of Object.entries(pages)) {
      await page.context().clearCookies()
      await signIn(page, server.address, user)
      for (const path of paths) {
        await page.goto(`${server.address}${path}`)
        await page.getByRole('heading', { level: 1 }).waitFor()
        await page.waitForLoadState('networkidle')
        const where = `${path} as ${user} at ${size.width} px`
        assert.deepEqual(await accessibilityFaults(page), [], where)
        assert.equal(await scrollsSideways(page), false, where)
      }
    }
    assert.deepEqual(complaints, [])
    await close()
  }
})
