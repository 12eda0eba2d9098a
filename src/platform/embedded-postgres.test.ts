import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { findEmbedded, startEmbedded } from './embedded-postgres.ts'

test('a lock file that a crash left, whose number is another program by now, does not keep the database from starting', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kangyang-embedded-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const lock = join(folder, 'postgres/postmaster.pid')
  const first = await startEmbedded({ folder })
  const left = readFileSync(lock, 'utf8')
  await first.stop()

  const other = spawn('sleep', ['60'])
  t.after(() => other.kill())
  writeFileSync(lock, left.replace(/^\d+/, String(other.pid)))
  let asked = false
  const again = await startEmbedded({
    folder,
    meanwhile: () => {
      asked = true
    },
  })
  assert.equal(asked, true)
  await again.stop()
})

test('a folder whose name is too long for a socket is reached by an address of this machine', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kangyang-embedded-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const deep = join(folder, 'a'.repeat(100))
  const embedded = await startEmbedded({ folder: deep })
  assert.equal(new URL(embedded.url).hostname, '127.0.0.1')
  assert.equal(findEmbedded(deep), embedded.url)
  await embedded.stop()
})
