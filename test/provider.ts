import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'

/** A real OpenID provider on this machine, which signs in whoever the test says. */
export async function startProvider(callback: string) {
  let signsIn: { readonly accountId: string; readonly amr: string[] } = { accountId: '', amr: [] }
  const server = createServer()
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = { client_id: 'kangyang', client_secret: 'a secret of the two of us' }
  const provider = new Provider(issuer, {
    clients: [
      {
        ...client,
        redirect_uris: [callback],
        post_logout_redirect_uris: [new URL('/', callback).href],
      },
    ],
    pkce: { required: () => true },
    claims: { openid: ['sub', 'amr'] },
    cookies: { keys: ['only for tests'] },
    jwks: { keys: [await signingKey()] },
    findAccount: (_, accountId) => ({ accountId, claims: async () => ({ sub: accountId }) }),
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    features: { devInteractions: { enabled: false } },
    async loadExistingGrant({ oidc }) {
      const accountId = oidc.session?.accountId
      if (!accountId) return undefined
      const grant = new oidc.provider.Grant({ clientId: client.client_id, accountId })
      grant.addOIDCScope('openid')
      await grant.save()
      return grant
    },
  })
  const answer = provider.callback()
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/interaction/'))
      void provider.interactionFinished(request, response, { login: signsIn })
    else void answer(request, response)
  })

  return {
    issuer,
    ...client,
    /** Follows the way to the provider and back, as a browser would, and answers with where it ends. */
    async visit(address: string, accountId: string, amr: string[] = []): Promise<URL> {
      signsIn = { accountId, amr }
      const cookies = new Map<string, string>()
      let at = new URL(address)
      while (at.href.startsWith(issuer)) {
        const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
        const { headers, status } = await fetch(at, { redirect: 'manual', headers: { cookie } })
        for (const line of headers.getSetCookie()) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
          cookies.set(name, value)
        }
        const next = headers.get('location')
        if (next === null) throw new Error(`the provider answers ${status} at ${at.pathname}`)
        at = new URL(next, at)
      }
      return at
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((stopped) => server.close(stopped))
    },
  }
}

async function signingKey() {
  const { privateKey } = await crypto.subtle.generateKey(
    {
      name: 'RSASSA-PKCS1-v1_5',
      modulusLength: 2048,
      publicExponent: Uint8Array.of(1, 0, 1),
      hash: 'SHA-256',
    },
    true,
    ['sign', 'verify'],
  )
  // A key that says it signs would not be published as one that verifies.
  const { key_ops, ...key } = await crypto.subtle.exportKey('jwk', privateKey)
  return { ...key, use: 'sig' } as never
}
