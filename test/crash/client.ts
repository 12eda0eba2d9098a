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

/** One request. A benchmark measures the client as well, so it is a lean one: no stream is made for an answer. */
function send(
  pool: Pool,
  headers: Readonly<Record<string, string>>,
  { method, path, body, key }: Command,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let status = 0
    let received: IncomingHttpHeaders = {}
    const pieces: Buffer[] = []
    pool.dispatch(
      {
        method,
        path,
        headers: {
          ...headers,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(key === undefined ? {} : { 'idempotency-key': key }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      {
        onRequestStart() {},
        onResponseStart(_, statusCode, answered) {
          status = statusCode
          received = answered
        },
        onResponseData: (_, piece) => void pieces.push(piece),
        onResponseEnd: () => resolve(answerOf(status, received, Buffer.concat(pieces))),
        onResponseError: (_, error) => reject(error),
      },
    )
  })
}

/** What was received is read when it is asked for. */
function answerOf(status: number, headers: IncomingHttpHeaders, received: Buffer): Answer {
  const isJson = String(headers['content-type']).includes('json') && received.length > 0
  return {
    status,
    headers,
    get body() {
      return isJson ? JSON.parse(received.toString()) : undefined
    },
  }
}
