/** Every page in a browser, at a desk and on a phone: free of faults, and none of them scrolls sideways. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DESK, openStage, PHONE } from './browser/stage.ts'
import { accessibilityFaults, scrollsSideways, signIn } from './browser/walk.ts'

const { open, origin, skip } = await openStage()

test('every page is free of faults at a desk and on a phone', { skip }, async () => {
  for (const size of [DESK, PHONE]) {
    const { page, complaints, close } = await open(size)
    await page.goto(origin)
    await page.getByRole('heading', { level: 1 }).waitFor()
    assert.deepEqual(await accessibilityFaults(page), [], 'login')
    const pages = {
      handler: [
        '/',
        '/persons',
        '/persons/employee',
        '/persons/twice-filed?tab=bills',
        '/persons/twice-filed?tab=family',
        '/persons/twice-filed?tab=history',
        '/sites/S101',
        '/imports',
        '/employers',
        '/institutions',
        '/cases',
        '/contracts',
        '/contracts/shifan-critical-illness',
        '/payments',
        '/month-ends',
        '/coinsurance',
        '/regions',
        '/regions/990100/990200',
        '/ledger',
        '/schemes',
        '/about',
        '/account',
      ],
      supervisor: ['/emergency', '/account', '/scenarios'],
      actuary: ['/reserves', '/schemes', '/drafts', '/drafts/new', '/coinsurance', '/scenarios'],
      admin: [
        '/coinsurance',
        '/schemes',
        '/drafts',
        '/users',
        '/access-log',
        '/account-uses',
        '/about',
      ],
    }
    for (const [user, paths] of Object.entries(pages)) {
      await page.context().clearCookies()
      await signIn(page, origin, user)
      for (const path of paths) {
        await page.goto(`${origin}${path}`)
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
