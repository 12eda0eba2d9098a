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
  { name: 'person', user: 'handler', path: '/persons/employee', whole: true },
  { name: 'schemes', user: 'actuary', path: '/schemes' },
  { name: 'drafts', user: 'actuary', path: '/drafts' },
  { name: 'users', user: 'admin', path: '/users' },
]
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
