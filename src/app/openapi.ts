import { createHash } from 'node:crypto'
import fastifySwagger from '@fastify/swagger'
import fastifyApiReference from '@scalar/fastify-api-reference'
import type { FastifyInstance } from 'fastify'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { rolesWith } from '#platform/access.ts'

const DOCS = '/api/docs'

/**
 * Describes every route as OpenAPI 3.1 at /api/openapi.json, and shows it at /api/docs. Everything the
 * page needs comes from this server: it works without the internet, and tells nobody.
 */
export async function describeApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: '康养 Kangyang',
        version,
        description: [
          '按各层保障逐档结算医疗账单。Settles medical bills across every tier of protection.',
          '',
          '金额为整数分；比例为百万分之几；日期为 YYYY-MM-DD（中国）。Money is whole fen, rates are parts per million, dates are YYYY-MM-DD in China.',
          '',
          '改变内容的请求须带请求头 `x-kangyang-csrf`（来自 GET /api/session）。A request that changes something carries the header `x-kangyang-csrf`, as given by GET /api/session.',
        ].join('\n'),
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      tags: [
        { name: 'account', description: '登录与用户 Signing in, and users' },
        { name: 'rules', description: '规则 The rules in force' },
        { name: 'persons', description: '参保人与账单 Persons and bills' },
        { name: 'enrolment', description: '参保管理 Who is insured, with whom, since when' },
        { name: 'imports', description: '参保导入 Files of enrolments' },
        { name: 'employers', description: '用人单位与职工名册 Employers and rosters' },
        { name: 'institutions', description: '定点机构 Institutions' },
        { name: 'settlements', description: '试算、结算与撤销 Trials, settlements, reversals' },
        { name: 'drafts', description: '规则草稿 Drafts of rules' },
      ],
      components: {
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: 'kangyang_session' },
          csrf: { type: 'apiKey', in: 'header', name: 'x-kangyang-csrf' },
        },
      },
      security: [{ session: [], csrf: [] }],
    },
    transform: (route) => {
      const described = jsonSchemaTransform(route as never)
      const { access } = route.route.config ?? {}
      if (access === undefined) return described
      const roles =
        access === 'public' || access === 'signed-in'
          ? access
          : `${access}: ${rolesWith(access).join(', ')}`
      const reads = route.route.method === 'GET' && access !== 'public'
      const schema = {
        ...described.schema,
        description: `access: ${roles}`,
        ...(reads ? { security: [{ session: [] }] } : {}),
      }
      return { ...described, schema }
    },
    transformObject: (document) =>
      withoutUnused(jsonSchemaTransformObject(document) as OpenApi) as ReturnType<
        typeof jsonSchemaTransformObject
      >,
  })
  app.get('/api/openapi.json', { schema: { hide: true } }, async (_, reply) =>
    reply.type('application/json').send(JSON.stringify(app.swagger())),
  )
  await app.register(fastifyApiReference, {
    routePrefix: DOCS,
    logLevel: 'silent',
    configuration: {
      url: '/api/openapi.json',
      pageTitle: '康养 Kangyang API',
      withDefaultFonts: false,
      telemetry: false,
      hideClientButton: true,
      showDeveloperTools: 'never',
      agent: { disabled: true },
      mcp: { disabled: true },
    },
  })
  app.addHook('onSend', async (request, reply, payload) => {
    if (request.routeOptions.url !== `${DOCS}/` || typeof payload !== 'string') return payload
    const policy = String(reply.getHeader('content-security-policy') ?? '')
    reply.header(
      'content-security-policy',
      policy.replace("script-src 'self'", `script-src 'self' ${inlineScripts(payload).join(' ')}`),
    )
    return payload
  })
}

type OpenApi = { readonly components?: { readonly schemas?: Readonly<Record<string, unknown>> } }

/** Each shape is made once for what comes in and once for what goes out; only those in use are shown. */
function withoutUnused(document: OpenApi): OpenApi {
  const { schemas = {}, ...components } = document.components ?? {}
  const used = new Set<string>()
  const follow = (value: unknown): void => {
    for (const [, name = ''] of JSON.stringify(value).matchAll(REFERENCE)) {
      if (used.has(name)) continue
      used.add(name)
      follow(schemas[name])
    }
  }
  follow({ ...document, components })
  const kept = Object.entries(schemas).filter(([name]) => used.has(name))
  return {
    ...document,
    components: { ...components, schemas: Object.fromEntries(kept) },
  } as OpenApi
}

const REFERENCE = /"#\/components\/schemas\/(\w+)"/g

/** The scripts written into a page, each by its hash: the policy lets these run and no others. */
function inlineScripts(html: string): string[] {
  return [...html.matchAll(/<script(?![^>]*\bsrc=)[^>]*>([\s\S]*?)<\/script>/g)].map(
    ([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  )
}
