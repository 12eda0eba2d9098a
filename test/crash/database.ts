import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Database, openDatabase, SERVER_ROLE } from '#platform/database.ts'
import { startEmbedded } from '#platform/embedded-postgres.ts'
import { migrate } from '#platform/migrate.ts'

const MIGRATIONS = fileURLToPath(new URL('../../db/migrations', import.meta.url))

export type Place = {
  readonly url: string
  /** The number of the server's process, where it is our own: it changes when the server is started again. */
  readonly pid?: (() => number) | undefined
  remove(): Promise<void>
}

/**
 * An empty database: a new one on the server that TEST_DATABASE_URL names, else on an embedded server of
 * its own in a temporary folder.
 */
export async function emptyDatabase(): Promise<Place> {
  const given = process.env.TEST_DATABASE_URL
  if (given === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'kangyang-database-'))
    const embedded = await startEmbedded({ folder })
    return {
      url: embedded.url,
      pid: () => embedded.pid,
      async remove() {
        await embedded.stop()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  }
  const name = `kangyang_test_${randomBytes(6).toString('hex')}`
  const server = openDatabase(given, { max: 1 })
  await server.query(`create database ${name}`)
  const url = new URL(given)
  url.pathname = `/${name}`
  return {
    url: url.href,
    async remove() {
      await server.query(`drop database ${name} with (force)`)
      await server.close()
    },
  }
}

/**
 * An empty database with every table. `max` is how many connections its pool may open. A test that asks it
 * for nobody asks as the owner and sees everything; services, which ask for somebody, work as the server does.
 */
export async function migratedDatabase({ max }: { readonly max: number }): Promise<{
  readonly database: Database
  readonly url: string
  readonly pid: Place['pid']
  close(): Promise<void>
}> {
  const { url, pid, remove } = await emptyDatabase()
  const owner = openDatabase(url, { max })
  await migrate(owner, MIGRATIONS)
  const server = openDatabase(url, { max, role: SERVER_ROLE })
  return {
    database: { ...owner, as: server.as },
    url,
    pid,
    async close() {
      await server.close()
      await owner.close()
      await remove()
    },
  }
}
