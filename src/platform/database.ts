import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'

/** A connection on which statements run one after another. Values are always parameters, never text. */
export type Sql = {
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>
}

/** What runs in one transaction. */
export type Transaction = Sql & {
  /** Streams rows into a table: `text` is a COPY … FROM STDIN, and each piece holds lines of its text format. */
  copyIn(text: string, lines: AsyncIterable<string>): Promise<void>
}

export type Database = Sql & {
  /**
   * Runs `work` in one transaction: all of it is durable when the promise resolves, or none. `byKey` says
   * that its statements find every row by an index, so that their plans are kept and not made each time.
   */
  transaction<T>(
    work: (sql: Transaction) => Promise<T>,
    options?: { readonly byKey?: boolean },
  ): Promise<T>
  close(): Promise<void>
}

const DATE = 1082
const INT8 = 20

/** Dates stay text, so that no time zone can move them; bigint becomes a checked whole number. */
const types = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === DATE) return (text: string) => text
    if (oid === INT8) return (text: string) => wholeNumber(text)
    return pg.types.getTypeParser(oid, format as 'text')
  },
}

/**
 * A kept plan may have been made while a table was empty. One that may not read a whole table is right for
 * any size of it. The checks of foreign keys keep their plans as well, which are most of what is saved.
 */
const BEGIN_BY_KEY = [
  'begin',
  'set local plan_cache_mode = force_generic_plan',
  'set local enable_seqscan = off',
  'set local enable_hashjoin = off',
  'set local enable_mergejoin = off',
].join('; ')

const names = new Map<string, string>()

/** The name under which a connection keeps the plan of a statement. */
function nameOf(text: string): string {
  const known = names.get(text) ?? `statement ${names.size + 1}`
  names.set(text, known)
  return known
}

function wholeNumber(text: string): number {
  const value = Number(text)
  assert(Number.isSafeInteger(value), `a bigint beyond the safe integers: ${text}`)
  return value
}

/** Opens a pool on any PostgreSQL from 15 on. Connects lazily: a wrong address fails at the first query. */
export function openDatabase(url: string, { max = 10 }: { readonly max?: number } = {}): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    types: types as pg.CustomTypesConfig,
    // A plan made while a table was empty, or for a small tenant, must not serve a full or a large one.
    options: '-c plan_cache_mode=force_custom_plan',
  })
  // A server that dies takes idle connections with it; without a listener that would end the process.
  pool.on('error', () => {})
  const run = (client: pg.Pool | pg.PoolClient): Sql['query'] => {
    return async (text, values = []) => {
      // With values a statement is planned once a connection; without, it may be a script of several.
      const name = values.length > 0 ? nameOf(text) : undefined
      return (await client.query({ ...(name ? { name } : {}), text, values: [...values] })).rows
    }
  }
  return {
    query: run(pool),
    async transaction(work, { byKey = false } = {}) {
      const client = await pool.connect()
      const onError = () => {}
      client.on('error', onError)
      let broken: Error | undefined
      try {
        await client.query(byKey ? BEGIN_BY_KEY : 'begin')
        const copyIn: Transaction['copyIn'] = (text, lines) =>
          pipeline(Readable.from(lines), client.query(copyFrom(text)))
        const result = await work({ query: run(client), copyIn })
        await client.query('commit')
        return result
      } catch (error) {
        await client.query('rollback').catch((cause: Error) => {
          broken = cause
        })
        throw error
      } finally {
        client.off('error', onError)
        client.release(broken)
      }
    },
    close: () => pool.end(),
  }
}

/** One line of COPY's text format. Undefined and null are null. */
export function copyLine(values: readonly (string | number | Buffer | null | undefined)[]): string {
  let line = ''
  for (const [i, value] of values.entries()) {
    if (i > 0) line += '\t'
    if (value === undefined || value === null) line += '\\N'
    else if (typeof value === 'number') line += value
    else if (typeof value === 'string') line += /[\\\t\n\r]/.test(value) ? escaped(value) : value
    else line += `\\\\x${value.toString('hex')}`
  }
  return `${line}\n`
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
}
const escaped = (text: string): string =>
  text.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] as string)
