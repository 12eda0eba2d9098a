import * as client from 'openid-client'
import { err, ok, type Result } from '#base/result.ts'
import type { Secrets } from '#platform/secrets.ts'
import { UsageError } from './exit-codes.ts'

/** Where people sign in who have an account elsewhere: OpenID Connect, by configuration alone. */
export type ProviderSettings = {
  readonly issuer: URL
  readonly clientId: string
  readonly clientSecret: string
  /** As the button names it. */
  readonly name: string
  /** Where the provider sends people back to. */
  readonly callback: URL
}

/** Whom the provider has named; `strong` says whether it asked for a second factor. */
export type Claim = {
  readonly provider: string
  readonly subject: string
  readonly strong: boolean
}

export type IdentityProvider = {
  readonly name: string
  readonly issuer: string
  /** Where to send somebody, and what their browser keeps until they come back. */
  begin(): Promise<
    Result<
      { readonly next: string; readonly memory: string },
      { readonly code: 'provider_unreachable' }
    >
  >
  /** Whom the answer of the provider names: only an answer to a question that this browser asked. */
  finish(
    memory: string,
    query: string,
  ): Promise<Result<Claim, { readonly code: 'provider_unreachable' | 'provider_answer_refused' }>>
  /** Where the provider ends its own session, if it can. */
  logoutAddress(): Promise<string | undefined>
}

/** How long somebody has to sign in at the provider. */
const MEMORY_MS = 10 * 60_000
const TIMEOUT_SECONDS = 10

export function createIdentityProvider(
  { issuer, clientId, clientSecret, name, callback }: ProviderSettings,
  secrets: Secrets,
  now: () => number = Date.now,
): IdentityProvider {
  let found: Promise<client.Configuration> | undefined
  /** Read from the issuer when it is first needed, and again after it could not be reached. */
  const configuration = (): Promise<client.Configuration> => {
    found ??= client
      .discovery(issuer, clientId, clientSecret, undefined, {
        timeout: TIMEOUT_SECONDS,
        // Without the first the signature would be taken on trust, because the token comes from the issuer itself.
        execute: [
          client.enableNonRepudiationChecks,
          ...(isLoopback(issuer) ? [client.allowInsecureRequests] : []),
        ],
      })
      .catch((error) => {
        found = undefined
        throw error
      })
    return found
  }

  return {
    name,
    issuer: issuer.href,

    async begin() {
      const configured = await configuration().catch(() => undefined)
      if (!configured) return err({ code: 'provider_unreachable' })
      const verifier = client.randomPKCECodeVerifier()
      const [state, nonce] = [client.randomState(), client.randomNonce()]
      const next = client.buildAuthorizationUrl(configured, {
        redirect_uri: callback.href,
        scope: 'openid',
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      })
      const memory = JSON.stringify([now() + MEMORY_MS, verifier, state, nonce])
      return ok({ next: next.href, memory: secrets.seal(memory).toString('base64url') })
    },

    async finish(memory, query) {
      const refused = err({ code: 'provider_answer_refused' } as const)
      const kept = recall(memory, secrets)
      if (!kept || kept.until < now()) return refused
      const configured = await configuration().catch(() => undefined)
      if (!configured) return err({ code: 'provider_unreachable' })
      const answer = new URL(callback)
      answer.search = query
      try {
        const tokens = await client.authorizationCodeGrant(configured, answer, {
          pkceCodeVerifier: kept.verifier,
          expectedState: kept.state,
          expectedNonce: kept.nonce,
          idTokenExpected: true,
        })
        const claims = tokens.claims()
        if (!claims) return refused
        const methods = Array.isArray(claims.amr) ? claims.amr : []
        // RFC 8176: "mfa" says that several factors were asked for.
        return ok({
          provider: issuer.href,
          subject: claims.sub,
          strong: methods.includes('mfa'),
        })
      } catch {
        return refused
      }
    },

    async logoutAddress() {
      const configured = await configuration().catch(() => undefined)
      if (!configured?.serverMetadata().end_session_endpoint) return undefined
      return client.buildEndSessionUrl(configured, {
        client_id: clientId,
        post_logout_redirect_uri: new URL('/', callback).href,
      }).href
    },
  }
}

function recall(memory: string, secrets: Secrets) {
  try {
    const text = secrets.open(Buffer.from(memory, 'base64url'))
    const [until, verifier, state, nonce] = JSON.parse(text) as [number, string, string, string]
    return { until, verifier, state, nonce }
  } catch {
    return undefined
  }
}

// --- settings ------------------------------------------------------------------------------------

const ISSUER = 'KANGYANG_OIDC_ISSUER'
const CLIENT_ID = 'KANGYANG_OIDC_CLIENT_ID'
const CLIENT_SECRET = 'KANGYANG_OIDC_CLIENT_SECRET'
const NAME = 'KANGYANG_OIDC_NAME'

/** The settings of the environment; undefined where there are none. Half of them is a mistake, and said so. */
export function providerSettings(
  environment: Readonly<Record<string, string | undefined>>,
  publicOrigin: string | undefined,
): ProviderSettings | undefined {
  const given = (name: string) => environment[name]?.trim() || undefined
  const all = [ISSUER, CLIENT_ID, CLIENT_SECRET]
  if (!all.some(given)) return undefined
  const missing = all.filter((name) => !given(name))
  if (missing.length > 0)
    throw new UsageError({
      zh: `统一身份认证的设置不全，缺少环境变量 ${missing.join('、')}；补齐，或全部去掉`,
      en: `signing in by an identity provider is half configured: ${missing.join(', ')} missing from the environment; set it, or remove all of them`,
    })
  const text = given(ISSUER) ?? ''
  const issuer = URL.parse(text)
  const safe = issuer?.protocol === 'https:' || (issuer && isLoopback(issuer))
  if (!issuer || !safe || issuer.search || issuer.hash)
    throw new UsageError({
      zh: `${ISSUER} 须为 https 地址，不带 ? 和 #，而不是 "${text}"`,
      en: `${ISSUER} is an https address without ? or #, not "${text}"`,
    })
  if (publicOrigin === undefined)
    throw new UsageError({
      zh: '统一身份认证须知道浏览器使用的地址：加 --public-url，并在认证方登记 <地址>/api/provider/callback',
      en: 'signing in by an identity provider needs the address that browsers use: add --public-url, and register <address>/api/provider/callback with the provider',
    })
  return {
    issuer,
    clientId: given(CLIENT_ID) ?? '',
    clientSecret: given(CLIENT_SECRET) ?? '',
    name: given(NAME) ?? '统一身份认证 Single sign-on',
    callback: new URL('/api/provider/callback', publicOrigin),
  }
}

/** Only a provider on this very machine may be asked without TLS. */
const isLoopback = ({ protocol, hostname }: URL): boolean =>
  protocol === 'http:' && /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(hostname)
