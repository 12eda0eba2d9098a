import { z } from 'zod'

/** A text in both languages. */
export type Text = { readonly zh: string; readonly en: string }

/** One field that is wrong, why, and what to do about it. */
export type FieldFault = { readonly field: string; readonly reason: Text; readonly remedy: Text }

/** Why a request is not carried out: a code, and the facts that its words need. */
export type Fault = {
  readonly code: string
  readonly status?: number | undefined
  readonly facts?: object | undefined
  readonly errors?: readonly FieldFault[] | undefined
  /** The words for it, where whoever refuses knows them better than a table of codes could. */
  readonly description?: Description | undefined
}

/** What a code means to a person. */
export type Description = {
  readonly status?: number
  readonly what: Text
  readonly remedy: Text
  readonly errors?: readonly FieldFault[]
}

/** Thrown by a route to answer with a problem. */
export class Refused extends Error {
  readonly fault: Fault
  constructor(fault: Fault) {
    super(fault.code)
    this.name = 'Refused'
    this.fault = fault
  }
}

export const Problem = z
  .object({
    type: z.string().meta({ description: 'urn:kangyang:problem: and the code' }),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string().meta({ description: 'In the language of Accept-Language, zh by default' }),
    remedy: z.string().meta({ description: 'What to do next, in the same language' }),
    errors: z
      .array(z.object({ field: z.string(), reason: z.string(), remedy: z.string() }))
      .optional(),
    facts: z.record(z.string(), z.unknown()).optional(),
    zh: z.string(),
    en: z.string(),
  })
  .meta({ id: 'Problem', description: 'Why a request was not carried out (RFC 9457)' })

export type Problem = z.infer<typeof Problem>

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8'

/** The body of the answer to a request that is not carried out. Says nothing of what the program is made of. */
export function problemOf(fault: Fault, description: Description, language: 'zh' | 'en'): Problem {
  const { what, remedy } = description
  const errors = fault.errors ?? description.errors
  const status = fault.status ?? description.status ?? 422
  return {
    type: `urn:kangyang:problem:${fault.code}`,
    title: fault.code.replaceAll('_', ' '),
    status,
    code: fault.code,
    detail: what[language],
    remedy: remedy[language],
    ...(errors
      ? {
          errors: errors.map(({ field, reason, remedy }) => ({
            field,
            reason: reason[language],
            remedy: remedy[language],
          })),
        }
      : {}),
    ...(fault.facts && Object.keys(fault.facts).length > 0 ? { facts: { ...fault.facts } } : {}),
    zh: `${what.zh}。${remedy.zh}。`,
    en: `${sentence(what.en)} ${sentence(remedy.en)}`,
  }
}

const sentence = (words: string): string => `${words.slice(0, 1).toUpperCase()}${words.slice(1)}.`

// --- what the framework and the database throw ---------------------------------------------------

/** The fault behind anything thrown; `internal` for what nobody foresaw. */
export function faultOf(error: unknown): Fault {
  if (error instanceof Refused) return error.fault
  const { code = '', message = '', validation, validationContext, statusCode } = error as Thrown
  if (validation) {
    // A number that no record can have names nothing.
    if (validationContext === 'params') return { code: 'not_found' }
    if (validationContext === 'headers') return { code: 'idempotency_key_missing' }
    return { code: 'invalid_request', errors: validation.map(fieldFault(validationContext)) }
  }
  const known = FRAMEWORK[code]
  if (known) return { code: known }
  if (UNREACHABLE.test(code) || LOST.test(message)) return { code: 'unavailable' }
  if (UNSTORABLE.has(code)) return { code: 'invalid_request' }
  // A row that the second lock keeps from somebody is not there for them.
  if (code === '42501' && /row-level security/.test(message)) return { code: 'not_found' }
  if (statusCode === 400) return { code: 'malformed_json' }
  return { code: 'internal' }
}

type Thrown = {
  readonly code?: string
  readonly message?: string
  readonly statusCode?: number
  readonly validation?: readonly Validation[]
  readonly validationContext?: string
}

type Validation = {
  readonly instancePath: string
  readonly keyword: string
  readonly message?: string
  readonly params: object
}

const FRAMEWORK: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed_json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed_json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed_json',
  FST_ERR_BAD_URL: 'not_found',
}

/** No connection, a connection lost, a server that starts or stops, too many connections. */
const UNREACHABLE = /^(ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|ETIMEDOUT|08\w{3}|57P0[123]|53300)$/

/** The driver has no code for a connection that breaks or does not come about in time. */
const LOST =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/

/**
 * What PostgreSQL cannot hold: a zero character, half a character, a word where a number stands, a day in
 * the year 0.
 */
const UNSTORABLE = new Set(['22021', '22P02', '22P05', '22007', '22008'])

const { localeError: inChinese } = z.locales.zhCN()

const fieldFault =
  (context: string | undefined) =>
  ({ instancePath, keyword, message = '', params }: Validation): FieldFault => {
    const field = instancePath.replace(/^\//, '').replaceAll('/', '.')
    const said = inChinese({
      code: keyword,
      path: [],
      input: undefined,
      message,
      ...params,
    } as never)
    const zh = typeof said === 'string' ? said : (said?.message ?? message)
    return {
      field: field || (context ?? ''),
      reason: { zh, en: message },
      remedy: {
        zh: '改正这一项；每项的格式见 /api/docs',
        en: 'correct it; /api/docs describes every field',
      },
    }
  }
