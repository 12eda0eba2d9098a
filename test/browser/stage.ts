import { after } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import { WORDS } from '../../src/web/words.ts'
import { launch } from './launch.ts'
import { openPage, startServer, type Watched } from './walk.ts'

type Size = { readonly width: number; readonly height: number }

export const DESK: Size = { width: 1440, height: 900 }
export const PHONE: Size = { width: 390, height: 844 }

/** One white dot. */
export const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg==',
  'base64',
)

/** What the walks of one file need: a browser, and a demonstration of their own until the last of them is over. */
export type Stage = {
  /** Why there is nothing to walk with, where no browser starts. */
  readonly skip: string | false
  readonly origin: string
  open(size: Size): Promise<Watched>
}

export async function openStage(): Promise<Stage> {
  const started = await launch()
  if ('reason' in started) {
    const open = () => Promise.reject(new Error(started.reason))
    return { skip: started.reason, origin: '', open }
  }
  const { browser } = started
  const server = await startServer()
  after(async () => {
    await browser.close()
    await server.stop()
  })
  return { skip: false, origin: server.address, open: (size) => openPage(browser, size) }
}

export type Language = 'zh' | 'en'

/** A word of the console, as a name: Ant Design may put a space between two Chinese characters. */
export const word = (key: keyof typeof WORDS, language: Language): RegExp =>
  new RegExp(`^${[...WORDS[key][language]].join('\\s?')}…?$`)

export const choose = async (page: Page, origin: string, person: string, bill: string) => {
  await page.goto(`${origin}/?person=${person}&bill=${bill}`)
  await page.getByRole('heading', { name: new RegExp(bill) }).waitFor()
}

/** Presses a button of the chosen bill and, where it asks, the same word in its dialog. */
export async function act(
  page: Page,
  key: 'settle' | 'reverse',
  language: Language,
  reason?: string,
): Promise<void> {
  const name = word(key, language)
  await page.locator('main').getByRole('button', { name }).click()
  const dialog = page.getByRole('dialog')
  if (reason !== undefined) await dialog.getByRole('textbox').fill(reason)
  await dialog.getByRole('button', { name }).click()
}

/** Settles the chosen bill, and answers with who pays what, in one line. */
export async function settle(page: Page, language: Language): Promise<string> {
  await act(page, 'settle', language)
  await page.getByText(/(由 handler 于|Settled by handler at)/).waitFor()
  return (await page.locator('.check').first().textContent()) ?? ''
}

/**
 * Chooses from the menu of a row, and waits for the dialog. A page that still grows above it moves or closes the menu: it is
 * opened again, as anybody would.
 */
export async function fromMenu(page: Page, opens: Locator, item: RegExp): Promise<void> {
  for (let tries = 1; ; tries++) {
    await opens.click()
    try {
      await page.getByRole('menuitem', { name: item }).click({ timeout: 5_000 })
      return await page.getByRole('dialog').waitFor({ timeout: 5_000 })
    } catch (late) {
      if (tries === 3) throw late
      await page.keyboard.press('Escape')
    }
  }
}

export async function switchLanguage(page: Page): Promise<void> {
  const direct = page.getByRole('button', { name: 'English' })
  if (!(await direct.first().isVisible()))
    await page
      .getByRole('button', { name: /菜单|menu/i })
      .first()
      .click()
  await direct.first().click()
}
