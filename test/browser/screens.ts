/**
 * Takes the pictures of docs/screens from a demonstration server of its own: `npm run screens`.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { launch } from './launch.ts'
import { openPage, signIn, startServer } from './walk.ts'

const FOLDER = join(import.meta.dirname, '../../docs/screens')

type Screen = {
  readonly name: string
  readonly user: string
  readonly path: string
  readonly whole?: boolean
  readonly prepare?: (page: Page) => Promise<void>
}

const SETTLED = '/?person=employee&bill=2024-05-inpatient'
const SCREENS: readonly Screen[] = [
  { name: 'settled-bill', user: 'handler', path: SETTLED, whole: true },
  {
    name: 'why',
    user: 'handler',
    path: SETTLED,
    prepare: async (page) => {
      await page.getByRole('table').first().getByRole('button').first().click()
      await page.getByRole('dialog').waitFor()
      await page.waitForTimeout(500)
    },
  },
  { name: 'person', user: 'handler', path: '/persons/returned', whole: true },
  { name: 'person-bills', user: 'handler', path: '/persons/employee?tab=bills', whole: true },
  { name: 'merge', user: 'handler', path: '/persons/newborn?tab=family', prepare: compareFiles },
  { name: 'persons', user: 'handler', path: '/persons' },
  { name: 'site', user: 'handler', path: '/sites/S101', whole: true },
  { name: 'catalogue', user: 'handler', path: '/catalogue' },
  {
    name: 'catalogue-item',
    user: 'handler',
    path: '/catalogue?place=teaching%2Fshifan&code=SFY0005',
  },
  { name: 'import', user: 'handler', path: '/imports', whole: true, prepare: checkFile },
  { name: 'institutions', user: 'handler', path: '/institutions', whole: true },
  { name: 'cases', user: 'handler', path: '/cases', whole: true },
  { name: 'payments', user: 'cashier', path: '/payments', whole: true },
  { name: 'month-ends', user: 'handler', path: '/month-ends', whole: true },
  {
    name: 'month-end',
    user: 'handler',
    path: '/month-ends',
    whole: true,
    prepare: async (page) => {
      await page
        .getByRole('link', { name: /第一人民医院/ })
        .first()
        .click()
      await page.getByText('应拨金额怎样得来').waitFor()
      await page.waitForTimeout(1_000)
    },
  },
  {
    name: 'reserves',
    user: 'actuary',
    path: '/reserves?fund=enterpriseSupplement%40teaching%2Fshifan%2Fproducts',
    whole: true,
  },
  { name: 'coinsurance', user: 'cashier', path: '/coinsurance', whole: true },
  { name: 'regions', user: 'cashier', path: '/regions', whole: true },
  { name: 'contracts', user: 'actuary', path: '/contracts', whole: true },
  { name: 'ledger', user: 'handler', path: '/ledger', whole: true },
  { name: 'schemes', user: 'actuary', path: '/schemes' },
  { name: 'drafts', user: 'actuary', path: '/drafts' },
  { name: 'users', user: 'admin', path: '/users', whole: true },
  { name: 'emergency', user: 'supervisor', path: '/emergency', whole: true },
  { name: 'account', user: 'handler', path: '/account', whole: true },
  { name: 'access-log', user: 'admin', path: '/access-log', whole: true, prepare: askLog },
]

/** What happened today, as far as these pictures made it happen. */
async function askLog(page: Page): Promise<void> {
  await page.getByRole('button', { name: '查询' }).click()
  await page.getByRole('row').nth(1).waitFor()
}

/** One row that can be imported and one whose number has a wrong last digit; both people are invented. */
async function checkFile(page: Page): Promise<void> {
  const head = '证件号码,姓名,方案,起始日,终止日,登记日,参保人群\n'
  const rest = 'teaching/shifan/resident,2026-01-01,2026-12-31,2025-11-20,成年居民\n'
  const rows = ['11010519491231002X', '110105194912310021'].map((id) => `${id},示例甲,${rest}`)
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByText('选择参保文件，或拖到这里').click(),
  ])
  await chooser.setFiles({
    name: '居民参保.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(head + rows.join('')),
  })
  await page.getByText('身份证号的校验码不符').waitFor()
}

/** Two files side by side; nothing is merged. */
async function compareFiles(page: Page): Promise<void> {
  await page.getByRole('button', { name: '与另一份档案合并…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('另一份档案的编号').fill('mother')
  await page.keyboard.press('Enter')
  await dialog.getByText('不同').first().waitFor()
  await page.waitForTimeout(500)
}

const SIZES = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } }

const started = await launch()
if ('reason' in started) throw new Error(started.reason)
mkdirSync(FOLDER, { recursive: true })
const server = await startServer()
try {
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const { name, user, path, whole = false, prepare } of SCREENS) {
      const { page, close } = await openPage(started.browser, viewport)
      await signIn(page, server.address, user)
      await page.goto(`${server.address}${path}`)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.waitForLoadState('networkidle')
      await page.waitForTimeout(500)
      await prepare?.(page)
      await page.screenshot({ path: join(FOLDER, `${name}-${size}.png`), fullPage: whole })
      console.log(`docs/screens/${name}-${size}.png`)
      await close()
    }
  }
} finally {
  await started.browser.close()
  await server.stop()
}
