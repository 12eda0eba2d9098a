import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import type { Role, Scope } from './actor.ts'
import { type Statement, sendTogether } from './round-trip.ts'

/** A connection on which statements run one after another. Values are always parameters, never text. */
export type Sql = {
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>
}

/** What runs in one transaction. */
export type Transaction = Sql & {
  /** Streams rows into a table: `text` is a COPY … FROM STDIN, and each piece holds lines of its text format. */
  copyIn(text: string, lines: AsyncIterable<string | Buffer>): Promise<void>
  /** The statement after which nothing comes: it and the commit are one round trip. */
  last: Sql['query']
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
export type Guarded = { as(who: Who): Asking }

export type Asking = Connection & {
  /**
   * Everything that `ask` asks before it first waits goes out in one round trip, as one transaction: all of it is
   * durable before any of it is answered, or none. For readings that are recorded as they are made.
   */
  together<T>(ask: (sql: Sql) => Promise<T>, options?: { readonly byKey?: boolean }): Promise<T>
}

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
const BY_KEY = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
}
const COMMIT: Statement = { text: 'commit', values: [] }

const names = new Map<string, string>()

/** The name under which a connection keeps the plan of a statement. */
function nameOf(text: string): string {
  const known = names.get(text) ?? `statement ${names.size + 1}`
  names.set(text, known)
  return known
}

/** A statement with values is planned once a connection; one without may be a script of several. */
const statementOf = (text: string, values: readonly unknown[]): Statement => ({
  ...(values.length > 0 ? { name: nameOf(text) } : {}),
  text,
  values,
})

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
  // A server that dies takes its connections with it, and without a listener that would end the process: also in the
  // moment in which the pool hands one over and no longer listens itself. Whoever asks it is told in any case.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  const run = (client: pg.Pool | pg.PoolClient): Sql['query'] => {
    return async (text, values = []) => {
      const { values: given, ...statement } = statementOf(text, values)
      return (await client.query({ ...statement, values: [...given] })).rows
    }
  }
  /** `broken` says that the connection must not be used again. */
  async function holding<T>(
    work: (client: pg.PoolClient, broken: () => void) => Promise<T>,
  ): Promise<T> {
    const client = await pool.connect()
    let isBroken = false
    try {
      return await work(client, () => {
        isBroken = true
      })
    } finally {
      client.release(isBroken)
    }
  }
  const trip = (client: pg.PoolClient, statements: readonly Statement[], spoilt: () => void) =>
    sendTogether(client, statements, { types: types as pg.CustomTypesConfig, spoilt })
  /**
   * What is set lasts as long as the transaction, so a connection tells nobody for whom it worked before. What opens
   * the transaction goes out with its first statement.
   */
  const within = <T>(
    opening: readonly Statement[],
    work: (sql: Transaction & Snapshot) => Promise<T>,
  ): Promise<T> =>
    holding(async (client, broken) => {
      let opened: Promise<unknown> | undefined
      let committed = false
      const open = () => {
        opened ??= trip(client, opening, broken)
        return opened
      }
      const query: Sql['query'] = async (text, values = []) => {
        if (opened || values.length === 0) {
          await open()
          return run(client)(text, values)
        }
        const sent = trip(client, [...opening, statementOf(text, values)], broken)
        opened = sent
        return (await sent).at(-1) as never[]
      }
      const last: Sql['query'] = async (text, values = []) => {
        await open()
        const [rows] = await trip(client, [statementOf(text, values), COMMIT], broken)
        committed = true
        return rows as never[]
      }
      try {
        const result = await work({
          query,
          last,
          async copyIn(text, lines) {
            await open()
            await pipeline(Readable.from(lines), client.query(copyFrom(text)))
          },
          async *copyOut(text) {
            await open()
            yield* client.query(copyTo(text))
          },
        })
        if (opened && !committed) await client.query(COMMIT.text)
        return result
      } catch (error) {
        if (opened) await client.query('rollback').catch(broken)
        throw error
      }
    })
  /** The same in one round trip, for statements that need not wait for one another. */
  async function together<T>(settings: Settings, ask: (sql: Sql) => Promise<T>): Promise<T> {
    const asked: (Statement & {
      resolve(rows: object[]): void
      reject(error: unknown): void
    })[] = []
    let sent = false
    const answer = ask({
      query: (text, values = []) =>
        new Promise<never[]>((resolve, reject) => {
          assert(!sent, 'a statement came after its round trip')
          asked.push({
            ...statementOf(text, values),
            resolve: (rows) => resolve(rows as never[]),
            reject,
          })
        }),
    })
    sent = true
    // Whoever called waits for it below, and not before.
    answer.catch(() => {})
    try {
      const statements = [settingStatement(settings), ...asked]
      const [, ...rows] = await holding((client, spoilt) => trip(client, statements, spoilt))
      for (const [i, { resolve }] of asked.entries()) resolve(rows[i] ?? [])
    } catch (error) {
      for (const { reject } of asked) reject(error)
    }
    return answer
  }
  return {
    query: run(pool),
    transaction: (work, { byKey = false } = {}) =>
      within([begin(), ...(byKey ? [settingStatement(BY_KEY)] : [])], work),
    snapshot: (work) => within([begin('isolation level repeatable read read only')], work),
    as(who) {
      const settings = settingsOf(who)
      return {
        query: (text, values) => together(settings, (sql) => sql.query(text, values)),
        together: (ask, { byKey = false } = {}) =>
          together(byKey ? { ...settings, ...BY_KEY } : settings, ask),
        transaction: (work, { byKey = false } = {}) =>
          within([begin(), settingStatement(byKey ? { ...settings, ...BY_KEY } : settings)], work),
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

function narrowingOf({
  regions,
  schemes,
  institutions,
  employer,
  insurer,
  persons,
}: Scope = {}): string {
  const open = persons?.map(({ person }) => person)
  return JSON.stringify({ regions, schemes, institutions, employer, insurer, persons: open })
}

type Settings = Readonly<Record<string, string>>

/** Says for whom a transaction runs, in the round trip that begins it. */
const settingsOf = ({ tenant, role, scope }: Who): Settings => ({
  'kangyang.tenant': tenant,
  'kangyang.role': role,
  'kangyang.scope': seesAll({ role, scope }) ? 'all' : narrowingOf(scope),
})

const begin = (how = ''): Statement => ({ text: `begin ${how}`, values: [] })

/** One statement that keeps its plan, whatever the values. */
function settingStatement(settings: Settings): Statement {
  const each = Object.keys(settings).map((name, i) => `set_config('${name}', $${i + 1}, true)`)
  return statementOf(`select ${each.join(', ')}`, Object.values(settings))
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
