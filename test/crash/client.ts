import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { text } from 'node:stream/consumers'

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
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const answer = await send(
    agent,
    address,
    {},
    {
      method: 'POST',
      path: '/api/login',
      body: { user, password },
    },
  )
  agent.destroy()
  if (answer.status !== 200) throw new Error(`${user} cannot sign in: ${answer.status}`)
  const [cookie = ''] = answer.headers['set-cookie'] ?? []
  const { csrf } = answer.body as { csrf: string }
  const headers = { cookie: cookie.split(';')[0] ?? '', 'x-kangyang-csrf': csrf }
  return clientOf(address, headers, connections)
}

function clientOf(
  address: string,
  headers: Readonly<Record<string, string>>,
  connections: number,
): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  return {
    headers,
    send: (command) => send(agent, address, headers, command),
    at: (other) => clientOf(other, headers, connections),
    close: () => agent.destroy(),
  }
}

/** One request. Written on node:http because a benchmark measures the client as well. */
function send(
  agent: Agent,
  address: string,
  headers: Readonly<Record<string, string>>,
  { method, path, body, key }: Command,
): Promise<Answer> {
  const json = body === undefined ? undefined : Buffer.from(JSON.stringify(body))
  return new Promise((done, fail) => {
    const sent = request(
      `${address}${path}`,
      {
        agent,
        method,
        timeout: ANSWERS_WITHIN_MS,
        headers: {
          ...headers,
          ...(json ? { 'content-type': 'application/json', 'content-length': json.length } : {}),
          ...(key === undefined ? {} : { 'idempotency-key': key }),
        },
      },
      (response) => {
        text(response).then((received) => {
          const isJson = response.headers['content-type']?.includes('json') ?? false
          done({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: isJson && received !== '' ? JSON.parse(received) : undefined,
          })
        }, fail)
      },
    )
    sent.on('timeout', () => sent.destroy(new Error('no answer in time')))
    sent.on('error', fail)
    sent.end(json)
  })
}
