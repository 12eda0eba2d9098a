/**
 * `kangyang serve` as a process: it starts on an empty folder, gives way to nothing, and stops cleanly.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const CLI = fileURLToPath(new URL('../src/app/cli.ts', import.meta.url))

describe('kangyang serve', { timeout: 180_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'kangyang-serve-'))
  const running = new Set<ChildProcess>()
  after(() => {
    for (const child of running) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  })

  function serve(...args: string[]) {
    const { DATABASE_URL: _, ...env } = process.env
    const child = spawn(process.execPath, [CLI, 'serve', ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    running.add(child)
    let out = ''
    let err = ''
    child.stderr.on('data', (chunk) => {
      err += chunk
    })
    const ended = new Promise<number | null>((resolve) =>
      child.once('close', (code) => {
        running.delete(child)
        resolve(code)
      }),
    )
    const said = (pattern: RegExp) =>
      new Promise<RegExpExecArray>((resolve, reject) => {
        const look = (chunk: Buffer | string) => {
          out += chunk
          const found = pattern.exec(out)
          if (found) resolve(found)
        }
        child.stdout.on('data', look)
        void ended.then((code) => reject(new Error(`ended with ${code}: ${out}${err}`)))
      })
    return { child, ended, said, text: () => out + err }
  }

  const ADDRESS = /Kangyang: (http:\/\/127\.0\.0\.1:\d+)\n[\s\S]*Ctrl-C/

  test('starts a demonstration, tells a second instance where it is, and stops with 0', async () => {
    const data = join(folder, 'demo')
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => taken.once('listening', resolve))
    const { port } = taken.address() as { port: number }
    const first = serve('--data', data, '--port', String(port))
    const [text, address = ''] = await first.said(ADDRESS)
    taken.close()
    assert.match(text, /kangyang-demo/)
    assert.notEqual(address, `http://127.0.0.1:${port}`)
    assert.match(first.text(), /已被占用/)
    const login = await fetch(`${address}/api/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: 'handler', password: 'kangyang-demo' }),
    })
    assert.equal(login.status, 200)

    const second = serve('--data', data)
    const [, elsewhere] = await second.said(/already running: (\S+)/)
    assert.equal(elsewhere, address)
    assert.equal(await second.ended, 0)

    const pid = Number(readFileSync(join(data, 'postgres/postmaster.pid'), 'utf8').split('\n')[0])
    first.child.kill('SIGTERM')
    assert.equal(await first.ended, 0)
    assert.equal(existsSync(join(data, 'server.json')), false)
    assert.equal(existsSync(join(data, 'postgres/postmaster.pid')), false)
    assert.equal(isAlive(pid), false)
  })

  test('without a demonstration the first start alone tells a password to change', async () => {
    const data = join(folder, 'own')
    const first = serve('--data', data, '--port', '0', '--no-demo')
    const [text, address = ''] = await first.said(ADDRESS)
    const password = /one-time password[^:]*: (\S+)/.exec(text)?.[1] ?? ''
    const login = await fetch(`${address}/api/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: 'admin', password }),
    })
    const { user } = (await login.json()) as { user: { role: string; mustChangePassword: boolean } }
    assert.deepEqual([user.role, user.mustChangePassword], ['admin', true])

    // Even a server that is killed leaves no process behind, and nothing in the way of the next one.
    const pid = Number(readFileSync(join(data, 'postgres/postmaster.pid'), 'utf8').split('\n')[0])
    first.child.kill('SIGKILL')
    await first.ended
    while (isAlive(pid)) await sleep(50)
    const next = serve('--data', data, '--port', '0', '--no-demo')
    const [again] = await next.said(ADDRESS)
    assert.doesNotMatch(again, /one-time/)
    next.child.kill('SIGINT')
    assert.equal(await next.ended, 0)
  })

  test('says what is wrong with how it was started', async () => {
    for (const args of [
      ['--port', '99999'],
      ['--public-url', 'ftp://x'],
      ['--demo', '--no-demo'],
      ['--data', join(CLI, 'no-folder')],
      ['--database-url', 'postgres://127.0.0.1:1/none'],
    ]) {
      const failed = serve(...args)
      assert.equal(await failed.ended, args[0] === '--database-url' ? 1 : 2, args.join(' '))
      assert.match(failed.text(), /\p{Script=Han}.* /u)
      assert.doesNotMatch(failed.text(), /内部错误/)
    }
  })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
