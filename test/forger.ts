import { generateKeyPairSync, sign } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const base64 = (text: string): string => Buffer.from(text).toString('base64url')

/** What is wrong with the ID token that a forger hands out. */
export type Forgery = {
  readonly algorithm?: 'none'
  readonly otherKey?: boolean
  readonly claims?: Readonly<Record<string, unknown>>
}

/** An issuer that answers as a provider does, and puts into its ID tokens what the test says. */
export async function startForger(clientId: string) {
  const own = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 })
  let forgery: Forgery = {}
  let nonce = ''
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', issuer).pathname
    const answers: Record<string, () => object> = {
      '/.well-known/openid-configuration': () => ({
        issuer,
        authorization_endpoint: `${issuer}/auth`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/keys`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
      }),
      '/keys': () => ({
        keys: [{ ...own.publicKey.export({ format: 'jwk' }), kid: 'k', use: 'sig', alg: 'RS256' }],
      }),
      '/token': () => ({ access_token: 'a', token_type: 'Bearer', id_token: token() }),
    }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(answers[path]?.() ?? {}))
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  function token(): string {
    const now = Math.floor(Date.now() / 1000)
    const claims = { iss: issuer, sub: 'forged', aud: clientId, iat: now, exp: now + 60, nonce }
    const algorithm = forgery.algorithm ?? 'RS256'
    const text = [
      { alg: algorithm, kid: 'k' },
      { ...claims, ...forgery.claims },
    ]
      .map((part) => base64(JSON.stringify(part)))
      .join('.')
    const key = forgery.otherKey ? other.privateKey : own.privateKey
    const signature =
      algorithm === 'none' ? Buffer.alloc(0) : sign('sha256', Buffer.from(text), key)
    return `${text}.${signature.toString('base64url')}`
  }

  return {
    issuer: new URL(issuer),
    /** The answer to the way `next` there, with a forged token behind its code. */
    answerTo(next: string, forged: Forgery): string {
      const asked = new URL(next).searchParams
      forgery = forged
      nonce = asked.get('nonce') ?? ''
      return new URLSearchParams({ code: 'c', state: asked.get('state') ?? '' }).toString()
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((stopped) => server.close(stopped))
    },
  }
}
