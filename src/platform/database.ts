import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import type { Role, Scope } from './actor.ts'

/** A connection on which statements run one after another. Values are always parameters, never text. */
export type Sql = {
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>
}

/** What runs in one transaction. */
export type Transaction = Sql & {
  /** Streams rows into a table: `text` is a COPY … FROM STDIN, and each piece holds lines of its text format. */
  copyIn(text: string, lines: AsyncIterable<string | Buffer>): Promise<void>
}

/** What reads one moment of the database. */
export type Snapshot = Sql & {
  /** Streams rows out of a table: `text` is a COPY … TO STDOUT. */
  copyOut(text: string): AsyncIterable<Buffer>
}

export type Connection = Sql & {
  /**
   * Runs `work` in one transaction: all of it is durable when the promise resolves, or none. `byKey` says
   * that its statements find every row by an index, so that their plans are kept and not made each time.
   */
  transaction<T>(
    work: (sql: Transaction) => Promise<T>,
    options?: { readonly byKey?: boolean },
  ): Promise<T>
}

/**
 * For whom statements run. `system` is the program itself, at work for one tenant and for no user; `door` asks
 * who somebody is, before it can be known of which tenant, and sees nothing but those who sign in.
 */
export type Who = {
  readonly tenant: string
  readonly role: Role | 'system' | 'door'
  readonly scope?: Scope | undefined
}

/**
 * What services are given. Nothing can be asked without saying for whom: the row-level policies of
 * `db/second-lock.sql` see it, and show that tenant's rows alone, within the role and its scope.
 */
export type Guarded = { as(who: Who): Connection }

export const DOOR: Who = { tenant: '', role: 'door' }

/** Everything, as the owner of the tables and the tests need it. Asked as the server, for nobody, it shows no row. */
export type Database = Connection &
  Guarded & {
    /** Runs `work` on the database as it stands at one moment. It can write nothing. */
    snapshot<T>(work: (sql: Snapshot) => Promise<T>): Promise<T>
    close(): Promise<void>
  }

/** The role that the server works as: it owns nothing, and no policy lets it pass. */
export const SERVER_ROLE = 'kangyang_server'

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

/**
 * Opens a pool on any PostgreSQL from 15 on. Connects lazily: a wrong address fails at the first query.
 * `role` is taken on before anything is asked, and is what the connection goes back to.
 */
export function openDatabase(
  url: string,
  { max = 10, role }: { readonly max?: number; readonly role?: typeof SERVER_ROLE } = {},
): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    types: types as pg.CustomTypesConfig,
    // A plan made while a table was empty, or for a small tenant, must not serve a full or a large one.
    options: `-c plan_cache_mode=force_custom_plan${role ? ` -c role=${role}` : ''}`,
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
  /** What is set lasts as long as the transaction, so a connection tells nobody for whom it worked before. */
  async function within<T>(begin: string, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await pool.connect()
    const onError = () => {}
    client.on('error', onError)
    let broken: Error | undefined
    try {
      await client.query(begin)
      const result = await work(client)
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
  }
  const transactionOn = (client: pg.PoolClient): Transaction => ({
    query: run(client),
    copyIn: (text, lines) => pipeline(Readable.from(lines), client.query(copyFrom(text))),
  })
  return {
    query: run(pool),
    transaction: (work, { byKey = false } = {}) =>
      within(byKey ? BEGIN_BY_KEY : 'begin', (client) => work(transactionOn(client))),
    snapshot: (work) =>
      within('begin isolation level repeatable read read only', (client) =>
        work({ query: run(client), copyOut: (text) => client.query(copyTo(text)) }),
      ),
    as(who) {
      const settings = settingsOf(who)
      return {
        query: (text, values) =>
          within(`begin; ${settings}`, (client) => run(client)(text, values)),
        transaction: (work, { byKey = false } = {}) =>
          within(`${byKey ? BEGIN_BY_KEY : 'begin'}; ${settings}`, (client) =>
            work(transactionOn(client)),
          ),
      }
    },
    close: () => pool.end(),
  }
}

/** Roles that work on bills and persons: unless a scope narrows them, they see every row of their tenant. */
const OFFICE: readonly Who['role'][] = [
  'system',
  'handler',
  'reviewer',
  'investigator',
  'cashier',
  'supervisor',
  'actuary',
]

/** Whether somebody sees every bill and person of the tenant. A file that an emergency opened narrows nobody. */
export const seesAll = ({ role, scope = {} }: Pick<Who, 'role' | 'scope'>): boolean =>
  OFFICE.includes(role) && narrowingOf({ ...scope, persons: undefined }) === '{}'

function narrowingOf({ regions, schemes, institutions, employer, persons }: Scope = {}): string {
  const open = persons?.map(({ person }) => person)
  return JSON.stringify({ regions, schemes, institutions, employer, persons: open })
}

/** Says for whom a transaction runs, in the round trip that begins it. */
function settingsOf({ tenant, role, scope }: Who): string {
  const settings = { tenant, role, scope: seesAll({ role, scope }) ? 'all' : narrowingOf(scope) }
  return Object.entries(settings)
    .map(([name, value]) => `set local kangyang.${name} = ${pg.escapeLiteral(value)}`)
    .join('; ')
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
