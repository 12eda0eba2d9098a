import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { masked } from '#base/mask.ts'
import type { PlainDate } from '#base/plain-date.ts'
import type { Result } from '#base/result.ts'
import { cutAnswer, partsFor } from '#platform/access.ts'
import type { Actor } from '#platform/actor.ts'
import { answers, CommandHeaders, DayText, Name, PROBLEMS } from '#platform/answers.ts'
import { type Description, Refused } from '#platform/problem.ts'
import { actorOf } from '#platform/request.ts'
import type { Vocabulary } from '#rulebook/attributes.ts'
import { fromNational, NationalBill, SETLINFO_FIELDS, toSetlinfo } from './national.ts'
import { presentBook, presentEntryOf } from './present-book.ts'
import type { Recomputed, ServiceRefusal, SettledBill, SettlementService } from './service.ts'
import type {
  Bill,
  Person,
  ReliefRefusal,
  ReliefStep,
  SchemeBook,
  Step,
  Title,
  Totals,
} from './types.ts'
import {
  BookShape,
  EntryShape,
  ExplainedShape,
  FindingShape,
  LookedAtShape,
  PayerName,
  ReliefShape,
  SettlementShape,
  StepShape,
  UploadShape,
} from './wire.ts'

/** What an upload holds, once read and checked. */
export type Upload = {
  readonly persons: readonly { readonly person: Person; readonly totals: Totals }[]
  readonly bills: readonly Bill[]
}

/** Everything a settlement slip shows. The name is masked already. */
export type SlipRecord = {
  readonly id: string
  readonly state: 'settled' | 'superseded' | 'reversed'
  readonly name: string
  readonly bill: Bill
  readonly settlement: SettledBill
  readonly steps: readonly Step[]
  readonly settledAt: string
  readonly settledBy: string
  readonly reversedAt: string | null
  readonly rules: { readonly version: number; readonly hash: string }
  readonly recomputed: Recomputed
  /** What the answers that the rules asked for are called. */
  readonly vocabulary: Vocabulary
}

/** Something about a bill to look at, in words. */
export type BillFindingView = { readonly code: string; readonly zh: string; readonly en: string }

/** What the routes need from the rest of the program. */
export type RouteTools = {
  readonly service: SettlementService
  today(): PlainDate
  /** The persons named in bills but not in the upload itself: they must be known already. */
  missingPersons(upload: unknown): string[]
  /** Reads an upload as strictly as an input file. Throws a `Refused` at the first thing that is wrong. */
  readUpload(
    actor: Actor,
    upload: unknown,
    book: SchemeBook,
    known: readonly Person[],
  ): Promise<Upload>
  describeRefusal(refusal: ReliefRefusal, vocabulary: Vocabulary): Description
  /** One step of a relief in words, with its sum. */
  describeReliefStep(step: ReliefStep, vocabulary: Vocabulary): Title
  /** What a person should look at in a bill: it changes no amount and refuses nothing. */
  findings(actor: Actor, bill: Bill, person: Person | undefined): Promise<BillFindingView[]>
  slip(record: SlipRecord): Promise<Buffer>
  /** Records that somebody read something. Throws where that cannot be written: then nothing is shown. */
  logRead(actor: Actor, action: string, subject: string): Promise<void>
}

/** Every request about bills, settlements and their rules. */
export const settlementRoutes: FastifyPluginAsyncZod<RouteTools> = async (app, tools) => {
  const { service } = tools
  const presented = new WeakMap<SchemeBook, ReturnType<typeof presentBook>>()

  /** The value, or the problem that stands in its place. */
  async function granted<T>(actor: Actor, result: Result<T, ServiceRefusal>): Promise<T> {
    if (result.ok) return result.value
    throw await refusedBy(actor, result.error)
  }

  async function refusedBy(actor: Actor, error: ServiceRefusal): Promise<Refused> {
    if (error.code === 'refused') {
      const { code, ...facts } = error.refusal
      const { book } = await service.rules(actor)
      const description = tools.describeRefusal(error.refusal, book.vocabulary)
      return new Refused({ code, facts, description })
    }
    if (error.code === 'bad_rules') {
      const { file, line, code, message } = error.fault
      const reason = { zh: `${message} [${code}]`, en: `${message} [${code}]` }
      const remedy = { zh: '改正草稿中的这一行', en: 'correct this line of the draft' }
      return new Refused({
        code: error.code,
        errors: [{ field: `${file}:${line}`, reason, remedy }],
      })
    }
    const { code, ...facts } = error
    return new Refused({ code, facts })
  }

  /** An upload together with those of its persons that are known already. */
  async function readUpload(actor: Actor, upload: unknown): Promise<Upload> {
    const { book } = await service.rules(actor)
    const known = await service.knownPersons(actor, tools.missingPersons(upload))
    return tools.readUpload(actor, upload, book, known)
  }

  async function trialOfUpload(actor: Actor, json: unknown) {
    const upload = await readUpload(actor, json)
    const [bill] = upload.bills
    if (!bill || upload.bills.length > 1) throw new Refused({ code: 'one_bill_wanted' })
    await tools.logRead(actor, 'trial', bill.id)
    const given = upload.persons.find(({ person }) => person.id === bill.person)
    const tried = await granted(actor, await service.trial(actor, bill, given))
    const person = given?.person ?? (await service.knownPersons(actor, [bill.person]))[0]
    return { ...tried, findings: await tools.findings(actor, bill, person) }
  }

  /** What to look at in a bill that is kept. */
  async function findingsOf(actor: Actor, billId: string): Promise<BillFindingView[]> {
    const { bill } = await granted(actor, await service.bill(actor, billId))
    const [person] = await service.knownPersons(actor, [bill.person])
    return tools.findings(actor, bill, person)
  }

  // --- rules -------------------------------------------------------------------------------------

  app.get(
    '/schemes',
    {
      config: { access: 'rules read' },
      schema: {
        summary: '现行规则：词汇、地区、方案、待遇档和每个取值的来源 The rules in force',
        tags: ['rules'],
        response: answers({ 200: BookShape }),
      },
    },
    async (request, reply) => {
      const { book, files, version, hash, publishedAt } = await service.rules(actorOf(request))
      // A version of the rules never changes, so it is put into words once.
      const shown = presented.get(book) ?? presentBook(book, files)
      presented.set(book, shown)
      return reply.send({ version, hash, publishedAt, ...shown })
    },
  )

  app.get(
    '/schemes/files',
    {
      config: { access: 'drafts write' },
      schema: {
        summary: '现行规则的文件，供起草修改 The files of the rules, to draft changes from',
        tags: ['rules'],
        response: answers({
          200: z.object({ version: z.int(), files: z.array(DraftFile) }),
        }),
      },
    },
    async (request, reply) => {
      const { files, version } = await service.rules(actorOf(request))
      return reply.send({ version, files: filesOf(files) })
    },
  )

  app.get(
    '/schemes/lint',
    {
      config: { access: 'rules read' },
      schema: {
        summary: '规则检查结果 What a policy officer should look at',
        tags: ['rules'],
        response: answers({ 200: z.object({ findings: z.array(FindingShape) }) }),
      },
    },
    async (request, reply) => reply.send({ findings: await service.lint(actorOf(request)) }),
  )

  app.get(
    '/schemes/changes',
    {
      config: { access: 'rules read' },
      schema: {
        summary: '两个日期之间变化的取值 Values that differ between two days',
        tags: ['rules'],
        querystring: z.object({
          from: DayText,
          to: DayText,
          scheme: z.string().max(200).optional(),
        }),
        response: answers({
          200: z.object({
            changes: z.array(
              z.object({
                tier: z.string(),
                title: z.object({ zh: z.string(), en: z.string() }),
                rule: z.string(),
                before: EntryShape.nullable(),
                after: EntryShape.nullable(),
              }),
            ),
          }),
        }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { from, to, scheme } = request.query
      const { book, files } = await service.rules(actor)
      const changes = await service.changes(actor, scheme, from, to)
      return reply.send({
        changes: changes.map(({ tier, title, rule, before, after }) => ({
          tier,
          title,
          rule,
          before: presentEntryOf(before, rule, book, files),
          after: presentEntryOf(after, rule, book, files),
        })),
      })
    },
  )

  // --- persons and bills -------------------------------------------------------------------------

  app.get(
    '/persons',
    {
      config: { access: 'persons list' },
      schema: {
        summary: '参保人，姓名已遮盖 Persons, with masked names',
        tags: ['persons'],
        querystring: z.object({
          q: z
            .string()
            .max(100)
            .default('')
            .meta({ description: 'How a number begins, or a whole name' }),
          scheme: z
            .string()
            .max(200)
            .optional()
            .meta({ description: 'A scheme or product that they hold, or once held' }),
          after: z
            .string()
            .max(200)
            .default('')
            .meta({ description: 'Goes on after this number: the `next` of the answer before' }),
          limit: z.coerce.number().int().min(1).max(200).default(50),
        }),
        response: answers({
          200: z.object({ persons: z.array(PersonRow), next: z.string().optional() }),
        }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { book } = await service.rules(actor)
      const rows = await service.persons(actor, { scheme: undefined, ...request.query })
      await tools.logRead(actor, 'list persons', rows.map(({ id }) => id).join(' '))
      return reply.send({
        persons: rows.map(({ person, name, bills, settled }) => ({
          ...summaryOf(person, name, book, tools.today()),
          bills,
          settled,
        })),
        ...(rows.length === request.query.limit ? { next: rows.at(-1)?.id } : {}),
      })
    },
  )

  app.get(
    '/persons/:id',
    {
      config: { access: 'persons read' },
      schema: {
        summary: '一位参保人：参保、账单、累计 One person: covers, bills, running totals',
        tags: ['persons'],
        params: z.object({ id: Name }),
        response: answers({
          200: z.object({
            person: PersonRow.extend({
              covers: z
                .array(
                  z.object({
                    scheme: z.string(),
                    from: z.string(),
                    until: z.string().optional(),
                    attributes: Attributes,
                  }),
                )
                .readonly(),
              attributes: z
                .array(z.object({ from: z.string(), attributes: Attributes }))
                .readonly(),
            }),
            bills: z.array(BillRow),
            totals: z.array(z.object({ slot: z.string(), period: z.string(), value: z.int() })),
          }),
        }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { person, name, bills, totals } = await granted(
        actor,
        await service.person(actor, request.params.id),
      )
      await tools.logRead(actor, 'read person', person.id)
      const { book } = await service.rules(actor)
      return reply.send({
        person: {
          ...summaryOf(person, name, book, tools.today()),
          bills: bills.length,
          settled: bills.filter(({ state }) => state === 'settled').length,
          covers: person.covers,
          attributes: person.attributes,
        },
        bills: bills.map(({ settlement, case: heldBy, ...bill }) => ({
          ...bill,
          ...(settlement ? { settlement } : {}),
          ...(heldBy ? { case: heldBy } : {}),
        })),
        totals,
      })
    },
  )

  app.get(
    '/bills',
    {
      config: { access: 'bills list' },
      schema: {
        summary: '本机构的账单，最近的在前 The bills of one’s own institution, newest first',
        tags: ['persons'],
        querystring: z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
        response: answers({
          200: z.object({
            bills: z.array(
              BillRow.extend({
                person: z.string(),
                name: z.string().meta({ description: 'Masked: 张*' }),
                institution: z.string(),
              }),
            ),
          }),
        }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const rows = await service.institutionBills(actor, request.query.limit)
      await tools.logRead(actor, 'list bills', rows.map(({ id }) => id).join(' '))
      return reply.send({
        bills: rows.map(({ name, settlement, case: heldBy, ...bill }) => ({
          ...bill,
          name: masked(name ?? ''),
          ...(settlement ? { settlement } : {}),
          ...(heldBy ? { case: heldBy } : {}),
        })),
      })
    },
  )

  app.get(
    '/figures',
    {
      config: { access: 'settlements figures' },
      schema: {
        summary:
          '逐月结算汇总，少于十人的月份不显示 What was settled month by month; months of fewer than ten persons are hidden',
        tags: ['settlements'],
        response: answers({
          200: z.object({
            months: z.array(
              z.object({
                month: z.string(),
                persons: z.int().nullable(),
                settlements: z.int().nullable(),
                total: z.int().nullable(),
                patient: z.int().nullable(),
              }),
            ),
          }),
        }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      await tools.logRead(actor, 'read figures', '')
      return reply.send({ months: await service.figures(actor) })
    },
  )

  app.post(
    '/bills',
    {
      config: { access: 'bills add' },
      schema: {
        summary: '上传参保人和账单，全部或全不 Adds persons and bills: all of them or none',
        tags: ['persons'],
        headers: CommandHeaders,
        body: UploadShape,
        response: answers({
          201: z.object({
            bills: z.array(z.string()).readonly(),
            persons: z.array(z.string()).readonly(),
          }),
        }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const key = request.headers['idempotency-key']
      const upload = await readUpload(actor, request.body)
      return reply.code(201).send(await granted(actor, await service.addBills(actor, key, upload)))
    },
  )

  // --- settlements -------------------------------------------------------------------------------

  app.post(
    '/settlements/trial',
    {
      config: { access: 'settlements try' },
      schema: {
        summary: '试算，不保存任何内容 Tries a bill out; nothing is kept',
        tags: ['settlements'],
        body: z.union([z.object({ bill: Name }), z.object({ input: UploadShape })]),
        response: answers({ 200: LookedAtShape }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { body } = request
      if (!('bill' in body)) return reply.send(await trialOfUpload(actor, body.input))
      await tools.logRead(actor, 'trial', body.bill)
      const tried = await granted(actor, await service.trialOf(actor, body.bill))
      return reply.send({ ...tried, findings: await findingsOf(actor, body.bill) })
    },
  )

  app.post(
    '/persons/:id/reliefs/trial',
    {
      config: { access: 'reliefs try' },
      schema: {
        summary: '试算年终救助或依申请救助，不保存 Works out a relief of a year; nothing is kept',
        tags: ['settlements'],
        params: z.object({ id: Name }),
        body: z.object({
          relief: Name,
          period: z.string().max(10).meta({ description: '2024, or 2024-07-01 of such a year' }),
        }),
        response: answers({ 200: ReliefShape }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { id: person } = request.params
      await tools.logRead(actor, 'trial relief', person)
      const worked = await service.trialRelief(actor, { person, ...request.body })
      const { steps, ...result } = await granted(actor, worked)
      const { book } = await service.rules(actor)
      return reply.send({
        ...result,
        steps: steps.map((step) => ({
          step: step.step,
          says: tools.describeReliefStep(step, book.vocabulary),
          citation: step.citation,
        })),
      })
    },
  )

  app.post(
    '/settlements',
    {
      config: { access: 'settlements settle' },
      schema: {
        summary: '结算一张账单 Settles a bill, once',
        tags: ['settlements'],
        headers: CommandHeaders,
        body: z.object({
          bill: Name,
          steps: z
            .boolean()
            .default(true)
            .describe('false leaves the steps out; GET /api/settlements/{id} has them'),
        }),
        response: answers({ 201: ExplainedShape.extend({ id: z.uuid() }) }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const key = request.headers['idempotency-key']
      const { bill, steps } = request.body
      const settled = await service.settle(actor, key, bill, { steps })
      const { replayed, ...answer } = await granted(actor, settled)
      if (replayed) reply.header('idempotent-replayed', 'true')
      return reply.code(201).send(answer)
    },
  )

  app.get(
    '/settlements/:id',
    {
      config: { access: 'settlements read' },
      schema: {
        summary: '一次结算及其步骤 A settlement and its steps',
        tags: ['settlements'],
        params: z.object({ id: z.uuid() }),
        response: answers({ 200: StoredSettlement }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const found = await service.settlement(actor, request.params.id)
      const settlement = await granted(actor, found)
      await tools.logRead(actor, 'read settlement', settlement.id)
      const findings = await findingsOf(actor, settlement.settlement.bill)
      return reply.send({ ...settlement, findings })
    },
  )

  app.post(
    '/settlements/:id/reverse',
    {
      config: { access: 'settlements reverse' },
      schema: {
        summary:
          '撤销一次结算，其后的账单重新结算 Reverses a settlement; later bills are settled again',
        tags: ['settlements'],
        headers: CommandHeaders,
        params: z.object({ id: z.uuid() }),
        body: z.object({ reason: z.string().trim().min(1).max(500) }),
        response: answers({
          201: z.object({
            id: z.uuid(),
            state: z.literal('reversed'),
            statement: z.uuid().nullable().meta({ description: 'What else it changed, and why' }),
          }),
        }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const key = request.headers['idempotency-key']
      const { id } = request.params
      const reversed = await service.reverse(actor, key, id, request.body.reason)
      const { replayed, statement } = await granted(actor, reversed)
      if (replayed) reply.header('idempotent-replayed', 'true')
      return reply.code(201).send({ id, state: 'reversed' as const, statement })
    },
  )

  app.get(
    '/settlements/:id/national',
    {
      config: { access: 'settlements print' },
      schema: {
        summary: '国家接口 setlinfo 字段 In the fields of the national interface',
        tags: ['settlements'],
        params: z.object({ id: z.uuid() }),
        response: answers({ 200: SetlinfoShape }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const found = await service.settlement(actor, request.params.id)
      const { id, settlement, steps } = await granted(actor, found)
      await tools.logRead(actor, 'read settlement', id)
      return reply.send(nationalAnswer(settlement, steps))
    },
  )

  app.get(
    '/settlements/:id/slip.pdf',
    {
      config: { access: 'settlements print' },
      schema: {
        summary: '结算单 The settlement slip',
        tags: ['settlements'],
        params: z.object({ id: z.uuid() }),
        response: {
          200: {
            description: 'PDF',
            content: { 'application/pdf': { schema: z.unknown() } },
          },
          ...PROBLEMS,
        },
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const found = await service.settlement(actor, request.params.id)
      const stored = await granted(actor, found)
      const { bill } = await granted(actor, await service.bill(actor, stored.settlement.bill))
      const { name } = await granted(actor, await service.person(actor, bill.person))
      await tools.logRead(actor, 'print slip', stored.id)
      const { vocabulary } = (await service.rules(actor)).book
      const pdf = await tools.slip({ ...stored, bill, name: masked(name ?? ''), vocabulary })
      return reply
        .type('application/pdf')
        .header('content-disposition', `inline; filename="${stored.id}.pdf"`)
        .send(pdf)
    },
  )

  app.post(
    '/national/settle-trial',
    {
      config: { access: 'settlements try' },
      schema: {
        summary:
          '以国家接口字段试算 Tries out a bill given in the fields of the national interface',
        tags: ['settlements'],
        body: NationalBill,
        response: answers({
          200: ExplainedShape.extend({ setlinfo: SetlinfoShape }),
        }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { settlement, steps } = await trialOfUpload(actor, fromNational(request.body))
      return reply.send({ setlinfo: nationalAnswer(settlement, steps), settlement, steps })
    },
  )

  app.get(
    '/commands/:key',
    {
      config: { access: 'signed-in' },
      schema: {
        summary: '一个请求的下落 What became of a request whose answer was lost',
        tags: ['settlements'],
        params: z.object({ key: z.string().min(1).max(255) }),
        response: answers({
          200: z.object({ state: z.literal('done'), status: z.int(), body: z.unknown() }),
        }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const found = await service.command(actor, request.params.key)
      const { status, ...command } = await granted(actor, found)
      return reply.send({ state: 'done', status, body: await answerAgain(actor, command) })
    },
  )

  /** What a command answered, as it answered it. Only who may read settlements is shown one. */
  async function answerAgain(
    actor: Actor,
    { body: kept, steps: asked }: { readonly body: unknown; readonly steps: boolean },
  ): Promise<unknown> {
    const {
      settlement: id,
      reversed,
      statement = null,
    } = kept as { settlement?: string; reversed?: boolean; statement?: string | null }
    if (id === undefined) return kept
    if (reversed) return { id, state: 'reversed', statement }
    if (partsFor('settlements read', actor.role) === undefined) return { id }
    const { settlement, steps } = await granted(actor, await service.settlement(actor, id))
    await tools.logRead(actor, 'read settlement', id)
    const answer = { id, settlement, steps: asked ? steps : [] }
    return cutAnswer('settlements read', actor.role, answer)
  }

  // --- drafts ------------------------------------------------------------------------------------

  app.get(
    '/drafts',
    {
      config: { access: 'drafts write' },
      schema: {
        summary: '规则草稿 Drafts of rules',
        tags: ['drafts'],
        response: answers({
          200: z.object({ drafts: z.array(DraftRow.extend({ files: z.array(z.string()) })) }),
        }),
      },
    },
    async (request, reply) => {
      const drafts = await service.drafts(actorOf(request))
      return reply.send({
        drafts: drafts.map((draft) => ({ ...draft, files: Object.keys(draft.files) })),
      })
    },
  )

  app.post(
    '/drafts',
    {
      config: { access: 'drafts write' },
      schema: {
        summary: '保存草稿：替换或新增文件 Keeps files that replace or add to the published ones',
        tags: ['drafts'],
        body: z.object(DraftText),
        response: answers({ 201: z.object({ id: z.uuid() }) }),
      },
    },
    async (request, reply) => {
      const { name, files } = request.body
      return reply.code(201).send(await service.addDraft(actorOf(request), name, byPath(files)))
    },
  )

  app.get(
    '/drafts/:id',
    {
      config: { access: 'drafts write' },
      schema: {
        summary: '一份草稿 One draft',
        tags: ['drafts'],
        params: z.object({ id: z.uuid() }),
        response: answers({ 200: DraftRow.extend({ files: z.array(DraftFile) }) }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const draft = await granted(actor, await service.draft(actor, request.params.id))
      return reply.send({ ...draft, files: filesOf(draft.files) })
    },
  )

  app.put(
    '/drafts/:id',
    {
      config: { access: 'drafts write' },
      schema: {
        summary: '修改自己的草稿 Changes an open draft of one’s own',
        tags: ['drafts'],
        params: z.object({ id: z.uuid() }),
        body: z.object({ ...DraftText, revision: Revision }),
        response: answers({ 200: z.object({ id: z.uuid(), revision: z.int() }) }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { id } = request.params
      const { revision, name, files } = request.body
      const changed = { name, files: byPath(files) }
      return reply.send(
        await granted(actor, await service.changeDraft(actor, id, revision, changed)),
      )
    },
  )

  app.post(
    '/drafts/:id/check',
    {
      config: { access: 'drafts write' },
      schema: {
        summary: '检查草稿 Reads and checks a draft',
        tags: ['drafts'],
        params: z.object({ id: z.uuid() }),
        response: answers({
          200: z.object({
            ok: z.boolean(),
            fault: z
              .object({
                file: z.string(),
                line: z.int(),
                code: z.string(),
                message: z.string(),
              })
              .optional(),
            findings: z.array(FindingShape),
          }),
        }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const checked = await service.checkDraft(actor, request.params.id)
      if (!checked.ok && checked.error.code === 'bad_rules')
        return reply.send({ ok: false, fault: checked.error.fault, findings: [] })
      const { findings } = await granted(actor, checked)
      return reply.send({ ok: true, findings })
    },
  )

  app.post(
    '/drafts/:id/compare',
    {
      config: { access: 'drafts write' },
      schema: {
        summary: '同一批账单，新旧规则对照 The same bills under both rules',
        tags: ['drafts'],
        params: z.object({ id: z.uuid() }),
        body: z.object({ bills: z.union([z.literal('samples'), z.array(Name).min(1).max(200)]) }),
        response: answers({
          200: z.object({
            rows: z.array(
              z.object({ bill: z.string(), total: z.int(), before: Side, after: Side }),
            ),
          }),
        }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { bills } = request.body
      const compared = await service.compareDraft(actor, request.params.id, bills)
      const { rows } = await granted(actor, compared)
      await tools.logRead(actor, 'compare draft', rows.map(({ bill }) => bill).join(' '))
      const { book } = await service.rules(actor)
      const side = (outcome: (typeof rows)[number]['before']) => {
        if (outcome.refusal === undefined) return outcome
        const { what } = tools.describeRefusal(outcome.refusal, book.vocabulary)
        return { refusal: { code: outcome.refusal.code, ...what } }
      }
      return reply.send({
        rows: rows.map(({ bill, total, before, after }) => ({
          bill,
          total,
          before: side(before),
          after: side(after),
        })),
      })
    },
  )

  app.post(
    '/drafts/:id/publish',
    {
      config: { access: 'drafts publish' },
      schema: {
        summary: '发布草稿，须由起草人以外的人 Publishes a draft; never by its author',
        tags: ['drafts'],
        headers: CommandHeaders,
        params: z.object({ id: z.uuid() }),
        body: z.object({ revision: Revision }),
        response: answers({ 201: z.object({ version: z.int() }) }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const key = request.headers['idempotency-key']
      const { revision } = request.body
      const published = await service.publishDraft(actor, key, request.params.id, revision)
      return reply.code(201).send(await granted(actor, published))
    },
  )
}

// --- shapes --------------------------------------------------------------------------------------

const Attributes = z.record(z.string(), z.union([z.string(), z.number()]).optional())
const PersonRow = z.object({
  id: z.string(),
  name: z.string().meta({ description: 'Masked: 张*' }),
  born: z.string().optional(),
  scheme: z.string().optional(),
  class: z.string().optional(),
  category: z.string().optional(),
  bills: z.int(),
  settled: z.int(),
})

const BillRow = z.object({
  id: z.string(),
  admitted: z.string(),
  discharged: z.string(),
  settled: z.string(),
  total: z.int(),
  medical: z.string().nullable(),
  level: z.string().nullable(),
  state: z.enum(['open', 'settled', 'reversed']),
  settlement: z.uuid().optional(),
  case: z.uuid().optional().meta({ description: 'The case that decides about it' }),
})

const StoredSettlement = z
  .object({
    id: z.uuid(),
    state: z.enum(['settled', 'superseded', 'reversed']),
    settledAt: z.string(),
    settledBy: z.string(),
    reversedAt: z.string().nullable(),
    reversedBy: z.string().nullable(),
    reason: z.string().nullable(),
    rules: z.object({ version: z.int(), hash: z.string() }),
    recomputed: z
      .object({
        engine: z.object({ kept: z.int().nullable(), now: z.int() }).meta({
          description: 'The version of the arithmetic, then and today; null where none was kept',
        }),
        differences: z
          .array(z.object({ of: z.string(), kept: z.number(), now: z.number() }))
          .readonly(),
        refusal: z.string().optional().meta({ description: 'It would not be settled today' }),
      })
      .meta({
        description:
          'The same bill computed again today from its own rules. The amounts of the settlement are those that were kept; where some differ, the steps explain today’s',
      }),
    settlement: SettlementShape,
    steps: z.array(StepShape).readonly(),
    findings: LookedAtShape.shape.findings,
  })
  .meta({ id: 'StoredSettlement' })

const SetlinfoShape = z
  .object({
    ...Object.fromEntries(
      Object.entries(SETLINFO_FIELDS).map(([field, description]) => [
        field,
        z.string().meta({ description }),
      ]),
    ),
    withoutField: z
      .array(z.object({ payer: PayerName, amount: z.string() }))
      .readonly()
      .optional()
      .meta({
        description: 'Payers that the interface has no field for; the patient’s cash holds them',
      }),
  })
  .meta({ id: 'Setlinfo', description: 'Yuan with two decimals, as text' })

const DraftFile = z.object({
  path: z
    .string()
    .max(200)
    .regex(/^(?![/.])(?!.*(\.\.|\/\/))[\w./-]+\.yaml$/, {
      error: 'a path such as teaching/shifan/resident-inpatient.tier.yaml',
    }),
  text: z.string().max(1_000_000),
})

const DraftText = {
  name: z.string().trim().min(1).max(200),
  files: z.array(DraftFile).min(1).max(200),
}
const Revision = z.int().min(1).max(2_147_483_647).meta({
  description: 'The revision that was read: where another was saved since, nothing is done',
})

const DraftRow = z.object({
  id: z.uuid(),
  name: z.string(),
  baseVersion: z.int(),
  author: z.string(),
  state: z.enum(['open', 'published']),
  revision: z.int(),
  createdAt: z.string(),
  changedAt: z.string(),
})

const Side = z.union([
  z.object({ refusal: z.object({ code: z.string(), zh: z.string(), en: z.string() }) }),
  z.object({ payers: z.partialRecord(PayerName, z.int()), patient: z.int() }),
])

// --- presenting ----------------------------------------------------------------------------------

function summaryOf(person: Person, name: string | null, book: SchemeBook, today: PlainDate) {
  const cover = coverToShow(person, book, today)
  const category = person.attributes.findLast(({ attributes }) => attributes.category)?.attributes
    .category
  const className = cover?.attributes.class
  return {
    id: person.id,
    name: masked(name ?? ''),
    ...(person.born ? { born: person.born } : {}),
    ...(cover ? { scheme: cover.scheme } : {}),
    ...(className === undefined ? {} : { class: String(className) }),
    ...(category === undefined ? {} : { category: String(category) }),
  }
}

/** The public scheme a person belongs to today, or else belonged to last. */
function coverToShow(person: Person, book: SchemeBook, today: PlainDate) {
  const own = person.covers
    .filter(({ scheme }) => book.schemes.get(scheme)?.kind === 'public')
    .toSorted((a, b) => (a.from < b.from ? -1 : 1))
  return own.findLast(({ from, until }) => from <= today && (until ?? today) >= today) ?? own.at(-1)
}

function nationalAnswer(settlement: SettledBill, steps: readonly Step[]) {
  const { setlinfo, withoutField } = toSetlinfo(settlement, steps)
  return { ...setlinfo, ...(withoutField.length > 0 ? { withoutField } : {}) }
}

const filesOf = (files: Readonly<Record<string, string>>) =>
  Object.entries(files).map(([path, text]) => ({ path, text }))

const byPath = (files: readonly z.output<typeof DraftFile>[]): Record<string, string> =>
  Object.fromEntries(files.map(({ path, text }) => [path, text]))
