import { createHash } from 'node:crypto'
import fastifySwagger from '@fastify/swagger'
import fastifyApiReference from '@scalar/fastify-api-reference'
import type { FastifyInstance } from 'fastify'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { type Permission, reaches, rolesWith } from '#platform/access.ts'

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
        { name: 'referrals', description: '转诊 Who was referred where' },
        { name: 'imports', description: '参保导入 Files of enrolments' },
        { name: 'employers', description: '用人单位与职工名册 Employers and rosters' },
        { name: 'institutions', description: '定点机构 Institutions' },
        { name: 'settlements', description: '试算、结算与撤销 Trials, settlements, reversals' },
        { name: 'own cases', description: '自助案件 Cases that people hand in themselves' },
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
        [PERMISSION]: access,
        ...(reads ? { security: [{ session: [] }] } : {}),
      }
      return { ...described, schema }
    },
    transformObject: (document) =>
      withoutUnused(asRolesSeeIt(jsonSchemaTransformObject(document) as OpenApi)) as ReturnType<
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

type Schema = { readonly [key: string]: unknown }
type Operation = Schema & {
  readonly responses?: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> }>
  >
}
type OpenApi = {
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> }
}

/** Where an operation says by which permission of access.ts it is let in. */
const PERMISSION = 'x-kangyang-permission'

/**
 * Answers as any role may get them: a field that is kept from some who may ask is not required. A shape that
 * others share is written out where it differs.
 */
function asRolesSeeIt(document: OpenApi): OpenApi {
  const { schemas = {} } = document.components ?? {}
  const loosen = (schema: Schema, permission: Permission, path: string): Schema => {
    if (reaches(permission, path) === 'always') return schema
    const inner = (value: unknown, at = path) => loosen(value as Schema, permission, at)
    const [, name = ''] = /^#\/components\/schemas\/(\w+)$/.exec(String(schema.$ref)) ?? []
    const named = schemas[name]
    if (named) return inner(named)
    const copy: Record<string, unknown> = { ...schema }
    for (const key of ['items', 'additionalProperties'])
      if (typeof copy[key] === 'object') copy[key] = inner(copy[key])
    for (const key of ['anyOf', 'oneOf', 'allOf', 'prefixItems'])
      if (Array.isArray(copy[key])) copy[key] = copy[key].map((each) => inner(each))
    const pathOf = (field: string) => (path === '' ? field : `${path}.${field}`)
    if (typeof copy.properties === 'object' && copy.properties !== null)
      copy.properties = Object.fromEntries(
        Object.entries(copy.properties).map(([field, each]) => [field, inner(each, pathOf(field))]),
      )
    if (Array.isArray(copy.required))
      copy.required = copy.required.filter(
        (field: string) => reaches(permission, pathOf(field)) !== 'sometimes',
      )
    return copy
  }
  const answered = (operation: Operation): Operation => {
    const permission = operation[PERMISSION]
    if (permission === undefined || permission === 'public' || permission === 'signed-in')
      return operation
    const responses = mapValues(operation.responses ?? {}, (response, status) =>
      status.startsWith('2') && response.content
        ? {
            ...response,
            content: mapValues(response.content, (body) =>
              body.schema
                ? { ...body, schema: loosen(body.schema, permission as Permission, '') }
                : body,
            ),
          }
        : response,
    )
    return { ...operation, responses }
  }
  const paths = mapValues(document.paths ?? {}, (operations) => mapValues(operations, answered))
  return { ...document, paths }
}

const mapValues = <V, W>(
  record: Readonly<Record<string, V>>,
  map: (value: V, key: string) => W,
): Record<string, W> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]))

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
