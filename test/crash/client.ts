import type { IncomingHttpHeaders } from 'node:http'
import { Pool } from 'undici'

export type Answer = {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** The parsed JSON, or undefined where there is none. */
  readonly body: unknown
}

export type Command = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: object
  /** The idempotency key. */
  readonly key?: string
}

/** A signed-in user of a server. Rejects where no answer arrives. */
export type Client = {
  send(command: Command): Promise<Answer>
  /** What a request has to carry to be this user's. */
  readonly headers: Readonly<Record<string, string>>
  /** The same user on another address: sessions outlive a server. */
  at(address: string): Client
  close(): void
}

const ANSWERS_WITHIN_MS = 10_000

/** Signs in. `connections` is how many requests may be under way at once. */
export async function signIn(
  address: string,
  { user, password }: { readonly user: string; readonly password: string },
  connections: number,
): Promise<Client> {
  const pool = poolOf(address, 1)
  const body = { user, password }
  const answer = await send(pool, {}, { method: 'POST', path: '/api/login', body })
  await pool.close()
  if (answer.status !== 200) throw new Error(`${user} cannot sign in: ${answer.status}`)
  const cookie = [answer.headers['set-cookie'] ?? ''].flat()[0] ?? ''
  const { csrf } = answer.body as { csrf: string }
  const headers = { cookie: cookie.split(';')[0] ?? '', 'x-kangyang-csrf': csrf }
  return clientOf(address, headers, connections)
}

function clientOf(
  address: string,
  headers: Readonly<Record<string, string>>,
  connections: number,
): Client {
  const pool = poolOf(address, connections)
  return {
    headers,
    send: (command) => send(pool, headers, command),
    at: (other) => clientOf(other, headers, connections),
    close: () => void pool.destroy(),
  }
}

const poolOf = (address: string, connections: number): Pool =>
  new Pool(address, {
    connections,
    headersTimeout: ANSWERS_WITHIN_MS,
    bodyTimeout: ANSWERS_WITHIN_MS,
  })

/** One request. A benchmark measures the client as well, so it is a lean one. */
async function send(
  pool: Pool,
  headers: Readonly<Record<string, string>>,
  { method, path, body, key }: Command,
): Promise<Answer> {
  const answer = await pool.request({
    method,
    path,
    headers: {
      ...headers,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const received = await answer.body.text()
  const isJson = String(answer.headers['content-type']).includes('json')
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: isJson && received !== '' ? JSON.parse(received) : undefined,
  }
}
