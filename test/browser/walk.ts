import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'

const ROOT = join(import.meta.dirname, '../..')
const READY_WITHIN_MS = 90_000

/** A demonstration server of its own, on a free port, with its data in a temporary folder. */
export type Server = { readonly address: string; stop(): Promise<void> }

export async function startServer(): Promise<Server> {
  const data = mkdtempSync(join(tmpdir(), 'kangyang-browser-'))
  const child = spawn(join(ROOT, 'bin/kangyang'), ['serve', '--port', '18080', '--data', data], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const address = await addressOf(child)
  return {
    address,
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await ended
      rmSync(data, { recursive: true, force: true })
    },
  }
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = ''
    const late = setTimeout(
      () => reject(new Error(`no address within 90 s: ${printed}`)),
      READY_WITHIN_MS,
    )
    const read = (chunk: Buffer) => {
      printed += chunk.toString()
      const found = /Kangyang: (http:\S+)/.exec(printed)
      if (!found?.[1]) return
      clearTimeout(late)
      resolve(found[1])
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${printed}`)))
  })
}

/** A page that remembers everything the browser complained about. */
export type Watched = { readonly page: Page; readonly complaints: string[]; close(): Promise<void> }

export async function openPage(
  browser: Browser,
  { width, height }: { readonly width: number; readonly height: number },
): Promise<Watched> {
  const context = await browser.newContext({
    viewport: { width, height },
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()))
      complaints.push(`${message.text()} ${message.location().url}`)
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  return { page, complaints, close: () => context.close() }
}

export async function signIn(page: Page, address: string, user: string): Promise<void> {
  await page.goto(`${address}/`)
  await page
    .getByRole('button', { name: new RegExp(`(以 ${user} 登录|Sign in as ${user})$`) })
    .click()
  const heading = page.getByRole('heading', { level: 1 })
  await heading.filter({ hasNotText: /登录|Sign in/ }).waitFor()
}

/** What axe-core finds against WCAG 2.2 A and AA: one line each, none wanted. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  const { source } = createRequire(import.meta.url)('axe-core') as { source: string }
  await page.evaluate(source)
  return page.evaluate(async () => {
    type Axe = {
      run(
        root: Document,
        options: object,
      ): Promise<{
        violations: { id: string; nodes: { target: string[]; failureSummary: string }[] }[]
      }>
    }
    const { axe } = globalThis as unknown as { axe: Axe }
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
    const { violations } = await axe.run(globalThis.document, {
      runOnly: { type: 'tag', values: tags },
    })
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} at ${target.join(' ')}: ${failureSummary}`),
    )
  })
}

/** Whether the page as a whole has to be scrolled sideways. */
export function scrollsSideways(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const { documentElement } = globalThis.document
    return documentElement.scrollWidth > documentElement.clientWidth + 1
  })
}

/** No fault of access, and nothing to scroll sideways for. */
export async function looksGood(page: Page): Promise<void> {
  assert.deepEqual(await accessibilityFaults(page), [])
  assert.equal(await scrollsSideways(page), false)
}
