import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

/** A browser to test with, or why there is none. */
export type Launch =
  | { readonly browser: Browser; readonly path: string }
  | { readonly reason: string }

const SYSTEM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/**
 * Starts the Chromium named by CHROMIUM, one of the system's, or the one that npm brings, whichever starts
 * first. The last needs shared libraries that a bare machine may lack.
 */
export async function launch(): Promise<Launch> {
  const reasons: string[] = []
  for (const path of await candidates()) {
    try {
      const browser = await chromium.launch({
        executablePath: path,
        args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
      })
      return { browser, path }
    } catch (cause) {
      reasons.push(`${path}: ${String(cause).split('\n')[0]}`)
    }
  }
  return { reason: `skipped: no browser starts (${reasons.join('; ')})` }
}

async function candidates(): Promise<string[]> {
  const named = process.env.CHROMIUM
  if (named !== undefined) return [named]
  const installed = SYSTEM.filter((path) => existsSync(path))
  const { default: packaged } = await import('@sparticuz/chromium')
  const brought = await packaged.executablePath().catch(() => undefined)
  return brought === undefined ? installed : [...installed, brought]
}
