import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { masked } from '#base/mask.ts'
import type { Result } from '#base/result.ts'
import { CERTIFICATE_KINDS } from '#domains/settlement/index.ts'
import type { Actor } from '#platform/actor.ts'
import { answers, CommandHeaders, DayText, Name } from '#platform/answers.ts'
import { Refused } from '#platform/problem.ts'
import { actorOf } from '#platform/request.ts'
import { ACCOUNT_ACTS } from './account.ts'
import type { EnrolmentService, ServiceRefusal } from './service.ts'
import { PREMIUM_PAYERS } from './types.ts'

export type RouteTools = {
  readonly service: EnrolmentService
  /** Records that somebody read something. Throws where that cannot be written: then nothing is shown. */
  logRead(actor: Actor, action: string, subject: string): Promise<void>
}

/** Every request about persons and who covers them. */
export const enrolmentRoutes: FastifyPluginAsyncZod<RouteTools> = async (app, tools) => {
  const { service } = tools

  app.post(
    '/enrolment/persons',
    {
      config: { access: 'files write' },
      schema: {
        summary: '登记参保人 Adds a person',
        tags: ['enrolment'],
        headers: CommandHeaders,
        body: z.strictObject({
          id: Name.optional().meta({ description: 'A number of your own; one is made without it' }),
          name: z.string().trim().min(1).max(100),
          idNumber: IdNumberText.optional(),
          born: DayText.optional(),
          sex: SexName.optional(),
        }),
        response: answers({ 201: ChangedShape }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const done = await service.register(actorOf(request), key, request.body)
      return reply.code(201).send(granted(done))
    },
  )

  app.post(
    '/enrolment/persons/find',
    {
      config: { access: 'files find' },
      schema: {
        summary:
          '按身份证号查找，号码不进入地址 Finds a person by id-card number, kept out of the address',
        tags: ['enrolment'],
        body: z.strictObject({ idNumber: IdNumberText }),
        response: answers({ 200: z.object({ person: z.string() }) }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const found = await service.findByIdNumber(actor, request.body.idNumber)
      // Whoever tries numbers that belong to nobody leaves a line as well, without the number.
      const subject = found.ok ? found.value.person : found.error.code
      await tools.logRead(actor, 'find person', subject)
      return reply.send(granted(found))
    },
  )

  app.get(
    '/enrolment/persons/:id',
    {
      config: { access: 'files read' },
      schema: {
        summary: '参保档案：身份、参保、家庭、保费、变更、查阅 The file of one person',
        tags: ['enrolment'],
        params: z.object({ id: Name }),
        response: answers({ 200: FileShape }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const file = granted(await service.file(actor, request.params.id))
      return reply.send({ ...file, name: masked(file.name ?? '') })
    },
  )

  app.post(
    '/enrolment/persons/:id/reveal',
    {
      config: { access: 'files reveal' },
      schema: {
        summary:
          '显示姓名和证件号码的全文，并记录 Shows name and id-card number in full, and records it',
        tags: ['enrolment'],
        params: z.object({ id: Name }),
        response: answers({
          200: z.object({ id: z.string(), name: z.string(), idNumber: z.string().nullable() }),
        }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const found = granted(await service.reveal(actor, request.params.id))
      return reply.send({ ...found, name: found.name ?? '' })
    },
  )

  app.get(
    '/enrolment/persons/:id/eligibility',
    {
      config: { access: 'eligibility read' },
      schema: {
        summary: '某日由哪些方案保障 Who covers a person on a day',
        tags: ['enrolment'],
        params: z.object({ id: Name }),
        querystring: z.object({ on: DayText }),
        response: answers({
          200: EligibilityShape,
        }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { id } = request.params
      return reply.send(granted(await service.eligibility(actor, id, request.query.on)))
    },
  )

  app.post(
    '/enrolment/eligibility',
    {
      config: { access: 'eligibility counter' },
      schema: {
        summary:
          '柜台按身份证号查询某日的参保 Who covers the person at the counter on a day, by id-card number',
        tags: ['enrolment'],
        body: z.strictObject({ idNumber: IdNumberText, on: DayText }),
        response: answers({ 200: EligibilityShape }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { idNumber, on } = request.body
      return reply.send(granted(await service.eligibilityAtCounter(actor, idNumber, on)))
    },
  )

  app.post(
    '/enrolment/persons/:id/id-number',
    {
      config: { access: 'files write' },
      schema: {
        summary: '补登身份证号 Gives a person without one their id-card number',
        tags: ['enrolment'],
        headers: CommandHeaders,
        params: z.object({ id: Name }),
        body: z.strictObject({ idNumber: IdNumberText }),
        response: answers({ 201: ChangedShape }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const { idNumber } = request.body
      const done = await service.identify(actorOf(request), key, request.params.id, idNumber)
      return reply.code(201).send(granted(done))
    },
  )

  app.post(
    '/enrolment/persons/:id/changes',
    {
      config: { access: 'files write' },
      schema: {
        summary:
          '参保变更：参保、停保、变更人群、撤回、身份状态、补缴、既往症、备案、待遇资格、死亡 Changes who covers a person',
        tags: ['enrolment'],
        headers: CommandHeaders,
        params: z.object({ id: Name }),
        body: z.strictObject({ change: ChangeBody, reason: Reason.optional() }),
        response: answers({ 201: ChangedShape }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const { change, reason } = request.body
      const { id } = request.params
      const done = await service.change(actorOf(request), key, id, changeOf(change), reason)
      return reply.code(201).send(granted(done))
    },
  )

  app.post(
    '/enrolment/persons/:id/premiums',
    {
      config: { access: 'files write' },
      schema: {
        summary: '保费应收、到账、退费 A premium becomes due, comes in, or goes back',
        tags: ['enrolment'],
        headers: CommandHeaders,
        params: z.object({ id: Name }),
        body: z.strictObject({
          scheme: Name,
          from: DayText,
          payer: z.enum(PREMIUM_PAYERS),
          posting: z.enum(['due', 'collected', 'refunded']),
          amount: Fen,
          reason: Reason.optional(),
        }),
        response: answers({ 201: ChangedShape }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const { reason, ...posting } = request.body
      const { id } = request.params
      const done = await service.premium(actorOf(request), key, id, posting, reason)
      return reply.code(201).send(granted(done))
    },
  )

  app.post(
    '/enrolment/persons/:id/account',
    {
      config: { access: 'files write' },
      schema: {
        summary:
          '个人账户：划入、使用、退回、转移、共济、死亡继承或结清 Something happens to a personal account',
        tags: ['enrolment'],
        headers: CommandHeaders,
        params: z.object({ id: Name }),
        body: z.strictObject({
          act: z.enum(ACCOUNT_ACTS),
          amount: Fen.min(1),
          on: DayText,
          purpose: Name.optional().meta({ description: 'What it is used for' }),
          counterpart: Name.optional().meta({ description: 'With whom it is shared; the heir' }),
          reference: Name.meta({ description: 'The document behind it' }),
        }),
        response: answers({ 201: z.object({ person: z.string(), balance: z.int() }) }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const { purpose, counterpart, ...asked } = request.body
      const { id } = request.params
      const whole = { ...asked, purpose, counterpart }
      const done = await service.account(actorOf(request), key, id, whole)
      return reply.code(201).send(granted(done))
    },
  )

  app.post(
    '/enrolment/merges',
    {
      config: { access: 'files write' },
      schema: {
        summary: '合并同一人的两份档案，可撤销 Makes one file of two files of one person',
        tags: ['enrolment'],
        headers: CommandHeaders,
        body: z.strictObject({ from: Name, into: Name, reason: Reason }),
        response: answers({ 201: z.object({ merge: z.uuid(), statement: z.uuid().nullable() }) }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const done = await service.merge(actorOf(request), key, request.body)
      return reply.code(201).send(granted(done))
    },
  )

  app.post(
    '/enrolment/merges/:id/undo',
    {
      config: { access: 'files write' },
      schema: {
        summary: '撤销合并 Two files again, as they were',
        tags: ['enrolment'],
        headers: CommandHeaders,
        params: z.object({ id: z.uuid() }),
        body: z.strictObject({ reason: Reason }),
        response: answers({ 201: z.object({ merge: z.uuid() }) }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const { id } = request.params
      const done = await service.undoMerge(actorOf(request), key, id, request.body.reason)
      return reply.code(201).send(granted(done))
    },
  )

  app.get(
    '/enrolment/account-uses',
    {
      config: { access: 'rules read' },
      schema: {
        summary: '个人账户用途的规则 What accounts may be used for',
        tags: ['enrolment'],
        response: answers({ 200: z.object({ uses: z.array(AccountUseShape) }) }),
      },
    },
    async (request, reply) => reply.send({ uses: await service.accountUses(actorOf(request)) }),
  )

  app.post(
    '/enrolment/account-uses',
    {
      config: { access: 'accounts rule' },
      schema: {
        summary:
          '个人账户可以用于什么：取值须有日期和出处 What accounts may be used for, dated and cited',
        tags: ['enrolment'],
        headers: CommandHeaders,
        body: z.strictObject({
          purpose: Name,
          from: DayText,
          permitted: z.boolean(),
          source: Name,
          article: Name.optional(),
        }),
        response: answers({ 201: z.object({ purpose: z.string() }) }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const { article = null, ...use } = request.body
      const done = await service.accountUse(actorOf(request), key, { ...use, article })
      return reply.code(201).send(granted(done))
    },
  )

  app.post(
    '/enrolment/persons/:id/family',
    {
      config: { access: 'files write' },
      schema: {
        summary: '家庭共济：此人的账户供家庭成员使用 Shares this person’s account with a relative',
        tags: ['enrolment'],
        headers: CommandHeaders,
        params: z.object({ id: Name }),
        body: z.strictObject({
          member: Name,
          relation: z.enum(['spouse', 'parent', 'child', 'other']),
          from: DayText,
          until: DayText.optional(),
        }),
        response: answers({ 201: ChangedShape }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const { until, ...link } = request.body
      const owner = request.params.id
      const asked = { owner, ...link, until: until ?? null }
      const done = await service.family(actorOf(request), key, asked)
      return reply.code(201).send(granted(done))
    },
  )
}

/** The value, or the problem that stands in its place. */
export function granted<T>(result: Result<T, ServiceRefusal>): T {
  if (result.ok) return result.value
  const { code, ...facts } = result.error
  throw new Refused({ code, facts })
}

// --- shapes --------------------------------------------------------------------------------------

const Fen = z
  .int()
  .min(0)
  .max(1_000_000_000_000)
  .meta({ description: 'Whole fen: 100 is one yuan' })
const IdNumberText = z
  .string()
  .min(1)
  .max(30)
  .meta({ description: 'Its check digit is verified; birthday and sex are read from it' })
const SexName = z.enum(['male', 'female'])
const Reason = z.string().trim().min(1).max(500)
const Answers = z.record(z.string(), z.union([z.string(), z.number()]).optional())
const StatedAnswers = z.record(z.string().max(50), z.union([z.string().max(200), z.int()]))

const ChangeBody = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('enrol'),
    scheme: Name,
    from: DayText,
    until: DayText.optional(),
    enrolledOn: DayText,
    answers: StatedAnswers.default({}),
    employer: Name.optional(),
    newborn: z
      .boolean()
      .optional()
      .meta({ description: 'Signed up as a newborn: the scheme says from when the cover pays' }),
    premiums: z
      .array(z.strictObject({ payer: z.enum(PREMIUM_PAYERS), due: Fen }))
      .max(PREMIUM_PAYERS.length)
      .default([]),
  }),
  z.strictObject({
    kind: z.literal('end'),
    scheme: Name,
    from: DayText,
    until: DayText.optional().meta({ description: 'Left out, the last day is lifted' }),
  }),
  z.strictObject({
    kind: z.literal('change-class'),
    scheme: Name,
    from: DayText,
    on: DayText,
    answers: StatedAnswers,
  }),
  z.strictObject({ kind: z.literal('withdraw'), scheme: Name, from: DayText }),
  z.strictObject({
    kind: z.literal('status'),
    attribute: z.string().max(50),
    value: Name,
    from: DayText,
    until: DayText.optional(),
  }),
  z.strictObject({
    kind: z.literal('repair'),
    scheme: Name,
    from: DayText,
    until: DayText,
    paidOn: DayText,
  }),
  z.strictObject({
    kind: z.literal('withdraw-status'),
    attribute: z.string().max(50),
    from: DayText,
  }),
  z.strictObject({ kind: z.literal('withdraw-repair'), scheme: Name, from: DayText }),
  z.strictObject({
    kind: z.literal('registration'),
    registration: z.strictObject({
      kind: Name,
      place: z
        .string()
        .max(6)
        .optional()
        .meta({ description: 'Six digits; everywhere without it' }),
      from: DayText,
      until: DayText.optional(),
    }),
    document: Name,
    source: Name.meta({ description: 'Where it came from: the counter, a hospital, the app' }),
  }),
  z.strictObject({
    kind: z.literal('withdraw-registration'),
    registration: z.strictObject({ kind: Name, place: z.string().optional(), from: DayText }),
  }),
  z.strictObject({
    kind: z.literal('certificate'),
    certificate: z.strictObject({
      kind: z.enum(CERTIFICATE_KINDS),
      of: Name.meta({ description: 'The disease or drug, as bills name it' }),
      from: DayText,
      until: DayText.optional(),
    }),
    document: Name,
    source: Name,
  }),
  z.strictObject({
    kind: z.literal('withdraw-certificate'),
    certificate: z.strictObject({ kind: z.enum(CERTIFICATE_KINDS), of: Name, from: DayText }),
  }),
  z.strictObject({ kind: z.literal('declare'), disease: Name, since: DayText }),
  z.strictObject({ kind: z.literal('search-history') }),
  z.strictObject({ kind: z.literal('decide'), disease: Name, confirmed: z.boolean() }),
  z.strictObject({ kind: z.literal('death'), on: DayText }),
  z.strictObject({ kind: z.literal('site'), site: Name, from: DayText, until: DayText }),
])

function changeOf(body: z.output<typeof ChangeBody>): Parameters<EnrolmentService['change']>[3] {
  switch (body.kind) {
    case 'enrol': {
      const { kind, premiums, until, employer, ...membership } = body
      return { kind, premiums, membership: { ...membership, until, employer } }
    }
    case 'end':
      return { ...body, until: body.until }
    case 'status': {
      const { kind, until, ...status } = body
      return { kind, status: { ...status, until } }
    }
    case 'repair': {
      const { kind, ...repair } = body
      return { kind, repair }
    }
    default:
      return body
  }
}

const EligibilityShape = z.object({
  person: z.string(),
  on: z.string(),
  covers: z.array(
    z.object({
      scheme: z.string(),
      kind: z.string().nullable(),
      from: z.string(),
      until: z.string().optional(),
      attributes: Answers,
    }),
  ),
  attributes: Answers,
})

const ChangedShape = z.object({
  person: z.string(),
  replay: z.array(z.string()).readonly().meta({
    description: 'Settled bills that come to other amounts now: they were settled again',
  }),
  statement: z.uuid().nullable().meta({ description: 'GET /api/replays/{id} says what and why' }),
})

const AccountUseShape = z.object({
  purpose: z.string(),
  from: z.string(),
  permitted: z.boolean(),
  source: z.string(),
  article: z.string().nullable(),
})

/** What every registration and certificate has; those that came with bills lack the last two. */
const FILED = {
  from: z.string(),
  until: z.string().nullable(),
  document: z.string().nullable(),
  source: z.string().nullable(),
}

const FileShape = z
  .object({
    id: z.string(),
    name: z.string().meta({ description: 'Masked: 张*' }),
    enrolled: z.boolean().meta({ description: 'False for a person who only came with bills' }),
    sex: SexName.nullable(),
    born: z.string().nullable(),
    died: z.string().nullable(),
    mergedInto: z.string().nullable(),
    idNumber: z.string().nullable().meta({ description: 'Masked: 11**************2X' }),
    memberships: z.array(
      z.object({
        scheme: z.string(),
        kind: z.string().nullable(),
        from: z.string(),
        until: z.string().nullable(),
        enrolledOn: z.string(),
        answers: Answers,
        employer: z.string().nullable(),
        newborn: z.boolean(),
      }),
    ),
    statuses: z.array(
      z.object({
        attribute: z.string(),
        value: z.string(),
        from: z.string(),
        until: z.string().nullable(),
      }),
    ),
    repairs: z
      .array(
        z.object({ scheme: z.string(), from: z.string(), until: z.string(), paidOn: z.string() }),
      )
      .readonly(),
    conditions: z
      .array(
        z.object({
          disease: z.string(),
          since: z.string(),
          state: z.enum(['declared', 'found', 'confirmed', 'rejected']),
        }),
      )
      .readonly(),
    waits: z
      .array(
        z.object({
          scheme: z.string(),
          from: z.string(),
          tier: z.string(),
          title: z.object({ zh: z.string(), en: z.string() }),
          until: z.string().meta({ description: 'The first day on which the tier pays' }),
        }),
      )
      .meta({ description: '等待期 By the rules of each cover’s first day' }),
    registrations: z.array(z.object({ kind: z.string(), place: z.string().nullable(), ...FILED })),
    certificates: z.array(z.object({ kind: z.string(), of: z.string(), ...FILED })),
    family: z.array(
      z.object({
        owner: z.string(),
        member: z.string(),
        relation: z.string(),
        from: z.string(),
        until: z.string().nullable(),
      }),
    ),
    roster: z.array(
      z.object({
        employer: z.string(),
        employerName: z.string(),
        from: z.string(),
        until: z.string().nullable(),
      }),
    ),
    sites: z.array(
      z.object({
        site: z.string(),
        name: z.string(),
        employer: z.string(),
        from: z.string(),
        until: z.string(),
      }),
    ),
    merges: z.array(
      z.object({
        id: z.string(),
        from: z.string(),
        into: z.string(),
        at: z.string(),
        user: z.string(),
        reason: z.string(),
        undoneBy: z.string().nullable(),
      }),
    ),
    premiums: z.array(
      z.object({
        scheme: z.string(),
        from: z.string(),
        payer: z.string(),
        due: z.int(),
        collected: z.int(),
        refunded: z.int(),
      }),
    ),
    changes: z.array(
      z.object({
        at: z.string(),
        user: z.string(),
        change: z.string(),
        facts: z.record(z.string(), z.unknown()),
        reason: z.string().nullable(),
      }),
    ),
    accounts: z.object({
      personal: z.int().nullable(),
      family: z.int().nullable(),
      entries: z.array(
        z.object({
          account: z.enum(['personal', 'family']),
          kind: z.string(),
          amount: z.int(),
          balance: z.int(),
          on: z.string(),
          purpose: z.string().nullish(),
          counterpart: z.string().nullish(),
          reference: z.string(),
          user: z.string(),
        }),
      ),
    }),
    looked: z.array(
      z.object({
        at: z.string(),
        user: z.string(),
        action: z.string(),
        purpose: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'EnrolmentFile', description: '参保档案 What enrolment keeps of one person' })
