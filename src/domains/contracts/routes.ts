import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { formatRate, parseRate } from '#base/money.ts'
import type { Result } from '#base/result.ts'
import type { Actor } from '#platform/actor.ts'
import { answers, CommandHeaders, Name, namesOf, PROBLEMS } from '#platform/answers.ts'
import { Refused } from '#platform/problem.ts'
import { actorOf } from '#platform/request.ts'
import type { Proof, ProofRefusal } from './proofs.service.ts'
import { yearsBetween } from './read-contract.ts'
import type { ContractRefusal, ContractService, ContractVersion, YearSaid } from './service.ts'
import {
  BEARERS,
  CLAIMS_BY,
  type Clause,
  COUNTED,
  LINES,
  PROOF_STATES,
  STATES,
  TERMS,
  type TermName,
  type TermValues,
  YEAR_LINES,
  type YearStatement,
} from './types.ts'

export type ContractTools = {
  readonly contracts: ContractService
  /** A stated year on paper. */
  printYear(record: YearRecord): Promise<Buffer>
  logRead(actor: Actor, action: string, subject: string): Promise<void>
}

/** A statement as the service answers it. */
export type YearRecord = Extract<
  Awaited<ReturnType<ContractService['statement']>>,
  { readonly ok: true }
>['value']

const MOST_TEXT = 200_000

/** Every request about contracts with insurers, their years, and what a change of policy cost. */
export const contractRoutes: FastifyPluginAsyncZod<ContractTools> = async (app, tools) => {
  const { contracts, printYear, logRead } = tools
  const { proofs } = contracts

  const granted = <T>(done: Result<T, ContractRefusal | ProofRefusal>): T => {
    if (done.ok) return done.value
    const { code, ...facts } = done.error
    throw new Refused({ code, facts })
  }

  // --- contracts ---------------------------------------------------------------------------------

  app.get(
    '/contracts',
    {
      config: { access: 'contracts read' },
      schema: {
        summary: '承办合同 Contracts with insurers: the newest version of each',
        tags: ['contracts'],
        response: answers({ 200: z.object({ contracts: z.array(ContractShape).readonly() }) }),
      },
    },
    async (request, reply) => {
      const versions = await contracts.contracts(actorOf(request))
      const newest = versions.filter(
        ({ id }, i) => versions.findIndex((each) => each.id === id) === i,
      )
      return reply.send({ contracts: newest.map(shownOf) })
    },
  )

  app.post(
    '/contracts',
    {
      config: { access: 'contracts write' },
      schema: {
        summary:
          '上传合同或补充协议（YAML），待另一人确认 Keeps a contract or an amendment, in YAML, for a second person to confirm',
        tags: ['contracts'],
        headers: CommandHeaders,
        body: z.strictObject({ text: z.string().min(1).max(MOST_TEXT) }),
        response: answers({ 201: z.object({ id: z.string(), version: z.int() }) }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const done = await contracts.draftContract(actorOf(request), key, request.body.text)
      return reply.code(201).send(granted(done))
    },
  )

  app.get(
    '/contracts/:contract',
    {
      config: { access: 'contracts read' },
      schema: {
        summary:
          '一份合同：版本、条款与来源、各年度、政策影响证明 A contract: its versions, terms with their clauses, years and proofs',
        tags: ['contracts'],
        params: ByContract,
        response: answers({
          200: z.object({
            versions: z.array(VersionShape).readonly(),
            periods: z.array(PeriodShape).readonly(),
            years: z.array(YearShape).readonly(),
            proofs: z.array(ProofShape).readonly(),
          }),
        }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { contract: id } = request.params
      await logRead(actor, 'read contract', id)
      const found = granted(await contracts.contract(actor, id))
      const current = found.versions.find(({ state }) => state === 'confirmed') ?? found.versions[0]
      return reply.send({
        versions: found.versions.map((version) => ({
          ...shownOf(version),
          text: version.text,
          terms: termsOf(version),
        })),
        periods: current ? yearsBetween(current.contract.from, current.contract.until) : [],
        years: found.years.map(({ statement, facts: _, ...row }) => ({
          ...row,
          toInsurer: statement.amounts['to-insurer'],
        })),
        proofs: found.proofs.map(proofOf),
      })
    },
  )

  app.post(
    '/contracts/:contract/versions/:version/decide',
    {
      config: { access: 'contracts confirm' },
      schema: {
        summary:
          '确认或作废合同草稿 Confirms a draft, as somebody else than its author, or withdraws it',
        tags: ['contracts'],
        headers: CommandHeaders,
        params: ByContract.extend({ version: z.coerce.number().int().min(1).max(100_000) }),
        body: DecisionAsked,
        response: answers({
          200: z.object({ id: z.string(), version: z.int(), state: z.enum(namesOf(STATES)) }),
        }),
      },
    },
    async (request, reply) => {
      const { contract: id, version } = request.params
      const key = request.headers['idempotency-key']
      const done = await contracts.decideContract(
        actorOf(request),
        key,
        { id, version },
        request.body,
      )
      return reply.send(granted(done))
    },
  )

  // --- years -------------------------------------------------------------------------------------

  app.post(
    '/contracts/:contract/years/:year/trial',
    {
      config: { access: 'contracts try' },
      schema: {
        summary: '年度结算试算；不保存 What a year would come to; nothing is kept',
        tags: ['contracts'],
        params: ByYear,
        body: Said,
        response: answers({
          200: z.object({ lines: z.array(LineShape).readonly(), heads: z.int(), days: z.int() }),
        }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { contract: id, year } = request.params
      await logRead(actor, 'trial contract year', `${id} ${year}`)
      const { statement, facts } = granted(
        await contracts.trialYear(actor, id, year, saidOf(request.body)),
      )
      const { sum: heads, days } = facts.heads
      return reply.send({ lines: linesOf(statement), heads, days })
    },
  )

  app.post(
    '/contracts/:contract/years',
    {
      config: { access: 'contracts write' },
      schema: {
        summary: '起草年度结算，待另一人确认 Drafts the statement of a year for a second person',
        tags: ['contracts'],
        headers: CommandHeaders,
        params: ByContract,
        body: Said.extend({ year: z.int().min(1990).max(2200) }),
        response: answers({ 201: z.object({ id: z.uuid() }) }),
      },
    },
    async (request, reply) => {
      const { contract: id } = request.params
      const { year, ...said } = request.body
      const key = request.headers['idempotency-key']
      const done = await contracts.draftYear(actorOf(request), key, { id, year }, saidOf(said))
      return reply.code(201).send(granted(done))
    },
  )

  app.get(
    '/contract-years/:statement',
    {
      config: { access: 'contracts read' },
      schema: {
        summary:
          '一份年度结算：逐行算式、条款、经办人 A stated year: each line with its sum and clause',
        tags: ['contracts'],
        params: ByStatement,
        response: answers({
          200: YearShape.extend({
            title: TitleShape,
            insurer: TitleShape,
            bears: z.enum(namesOf(BEARERS)),
            counted: z.enum(namesOf(COUNTED)),
            claimsBy: z.enum(namesOf(CLAIMS_BY)),
            from: z.string(),
            until: z.string(),
            heads: z.int(),
            days: z.int(),
            score: z
              .object({
                points: z.number(),
                released: z.string(),
                reason: z.string(),
                by: z.string(),
              })
              .optional(),
            lines: z.array(LineShape).readonly(),
            proof: ProofShape.optional(),
          }),
        }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { statement: id } = request.params
      await logRead(actor, 'read contract year', id)
      const record = granted(await contracts.statement(actor, id))
      const { of, facts, statement, proven, ...row } = record
      return reply.send({
        ...row,
        toInsurer: statement.amounts['to-insurer'],
        title: of.title,
        insurer: { zh: of.insurer.zh, en: of.insurer.en },
        bears: of.bears,
        counted: of.insured.counted,
        claimsBy: of.claims,
        from: statement.year.from,
        until: statement.year.until,
        heads: facts.heads.sum,
        days: facts.heads.days,
        ...(facts.score
          ? { score: { ...facts.score, released: formatRate(facts.score.released) } }
          : {}),
        lines: linesOf(statement),
        ...(proven ? { proof: proofOf({ ...proven, same: undefined }) } : {}),
      })
    },
  )

  app.get(
    '/contract-years/:statement/pdf',
    {
      config: { access: 'contracts read' },
      schema: {
        summary: '年度结算单（PDF） A stated year as PDF',
        tags: ['contracts'],
        params: ByStatement,
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
      const { statement: id } = request.params
      await logRead(actor, 'print contract year', id)
      const record = granted(await contracts.statement(actor, id))
      return reply
        .type('application/pdf')
        .header('content-disposition', `inline; filename="contract-year-${record.year}.pdf"`)
        .send(await printYear(record))
    },
  )

  app.post(
    '/contract-years/:statement/decide',
    {
      config: { access: 'contracts confirm' },
      schema: {
        summary:
          '确认年度结算并入账，或作废 Confirms a stated year and posts it, as somebody else than its author, or withdraws it',
        tags: ['contracts'],
        headers: CommandHeaders,
        params: ByStatement,
        body: DecisionAsked,
        response: answers({ 200: z.object({ id: z.uuid(), state: z.enum(namesOf(STATES)) }) }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const { statement: id } = request.params
      const done = await contracts.decideYear(actorOf(request), key, id, request.body)
      return reply.send(granted(done))
    },
  )

  // --- proofs ------------------------------------------------------------------------------------

  app.post(
    '/contracts/:contract/proofs',
    {
      config: { access: 'contracts write' },
      schema: {
        summary:
          '以新旧规则重放一年，证明政策影响 Replays a year under the old and the new rules, to prove what a change of policy cost',
        tags: ['contracts'],
        headers: CommandHeaders,
        params: ByContract,
        body: z.strictObject({
          year: z.int().min(1990).max(2200),
          before: RulesAsked,
          after: RulesAsked,
        }),
        response: answers({ 201: z.object({ id: z.uuid() }) }),
      },
    },
    async (request, reply) => {
      const { contract } = request.params
      const { year, ...rules } = request.body
      const key = request.headers['idempotency-key']
      const done = await proofs.open(actorOf(request), key, { contract, year }, rules)
      return reply.code(201).send(granted(done))
    },
  )

  app.get(
    '/contract-proofs/:proof',
    {
      config: { access: 'contracts read' },
      schema: {
        summary:
          '一次重放：进度、规则、人数、两边金额 A replay of a year: how far it has come, and both sums',
        tags: ['contracts'],
        params: ByProof,
        response: answers({ 200: ProofShape }),
      },
    },
    async (request, reply) => {
      const proof = await proofs.proof(actorOf(request), request.params.proof)
      return reply.send(proofOf(granted(proof)))
    },
  )

  app.post(
    '/contract-proofs/:proof/again',
    {
      config: { access: 'contracts write' },
      schema: {
        summary:
          '按同一时刻的账重放一次，以便核对 Replays it again from the facts of the same moment',
        tags: ['contracts'],
        headers: CommandHeaders,
        params: ByProof,
        response: answers({ 201: z.object({ id: z.uuid() }) }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const done = await proofs.again(actorOf(request), key, request.params.proof)
      return reply.code(201).send(granted(done))
    },
  )
}

// --- shapes --------------------------------------------------------------------------------------

const ByContract = z.object({ contract: Name })
const ByYear = ByContract.extend({ year: z.coerce.number().int().min(1990).max(2200) })
const ByStatement = z.object({ statement: z.uuid() })
const ByProof = z.object({ proof: z.uuid() })

const Reason = z.string().trim().max(2_000)
const DecisionAsked = z.union([
  z.strictObject({ act: z.literal('confirm') }),
  z.strictObject({ act: z.literal('withdraw'), reason: Reason.min(1) }),
])

const Percent = z
  .string()
  .transform((text, context) => {
    const rate = parseRate(text)
    if (rate !== undefined) return rate
    context.addIssue({ code: 'custom', message: 'a percentage from 0% to 100%' })
    return z.NEVER
  })
  .meta({ description: 'A percentage with its sign: 80%' })

const Said = z.strictObject({
  cost: z.int().min(0).max(1_000_000_000_000).optional().meta({
    description:
      'What the insurer asks for its handling, in fen; where the contract pays what it cost',
  }),
  proof: z.uuid().optional().meta({ description: 'The replay that proves a loss by policy' }),
  score: z
    .strictObject({ points: z.number().min(0).max(100), released: Percent, reason: Reason })
    .optional()
    .meta({ description: 'The score, and which share of the hold-back a person releases for it' }),
})

const saidOf = ({ cost, proof, score }: z.output<typeof Said>): YearSaid => ({ cost, proof, score })

const RulesAsked = z.union([
  z.strictObject({ version: z.int().min(1).max(1_000_000) }),
  z.strictObject({ draft: z.uuid() }),
])

const TitleShape = z.object({ zh: z.string(), en: z.string() })

const ContractShape = z
  .object({
    id: z.string(),
    version: z.int(),
    state: z.enum(namesOf(STATES)),
    author: z.string(),
    at: z.string(),
    decidedBy: z.string().nullable(),
    decidedAt: z.string().nullable(),
    reason: z.string().nullable(),
    title: TitleShape,
    line: z.enum(namesOf(LINES)),
    bears: z.enum(namesOf(BEARERS)),
    bureau: TitleShape,
    insurer: TitleShape,
    fund: z.string(),
    financedBy: z.string(),
    from: z.string(),
    until: z.string(),
    claims: z.enum(namesOf(CLAIMS_BY)),
    counted: z.enum(namesOf(COUNTED)),
    schemes: z.array(z.string()).readonly(),
  })
  .meta({ id: 'Contract', description: '承办合同, one version' })

const ClauseShape = z.object({
  term: z.enum(namesOf(TERMS)),
  from: z.string(),
  article: z.string(),
  title: z.string(),
  address: z.string(),
  grade: z.string(),
  note: z.string().optional(),
})

const VersionShape = ContractShape.extend({
  text: z.string(),
  terms: z
    .array(
      ClauseShape.extend({
        value: z.unknown().meta({ description: 'Amounts in fen, shares in parts per million' }),
      }),
    )
    .readonly(),
})

const PeriodShape = z.object({ year: z.int(), from: z.string(), until: z.string() })

const YearShape = z.object({
  id: z.uuid(),
  no: z.int(),
  contract: z.string(),
  version: z.int(),
  year: z.int(),
  state: z.enum(namesOf(STATES)),
  author: z.string(),
  at: z.string(),
  decidedBy: z.string().nullable(),
  decidedAt: z.string().nullable(),
  reason: z.string().nullable(),
  toInsurer: z.int().meta({ description: 'In fen; below zero, the insurer owes it' }),
})

const LineShape = z
  .object({
    code: z.enum(namesOf(YEAR_LINES)),
    of: z.enum(['source', 'use', 'note']),
    amount: z.int(),
    formula: z.string(),
    clause: ClauseShape.optional(),
    by: z.string().optional(),
  })
  .meta({
    id: 'ContractYearLine',
    description: '年度结算的一行, in fen, with the sum to redo by hand',
  })

const RulesShape = z.object({
  version: z.int(),
  draft: z.object({ id: z.string(), name: z.string() }).optional(),
  hash: z.string(),
})

const ProofShape = z
  .object({
    id: z.uuid(),
    no: z.int(),
    contract: z.string(),
    year: z.int(),
    fund: z.string(),
    from: z.string(),
    until: z.string(),
    before: RulesShape,
    after: RulesShape,
    asOf: z.string(),
    againOf: z.uuid().nullable(),
    state: z.enum(namesOf(PROOF_STATES)),
    personsTotal: z.int().nullable(),
    persons: z.int(),
    bills: z.int(),
    refused: z.int(),
    stood: z.int(),
    sumBefore: z.int(),
    sumAfter: z.int(),
    difference: z.int(),
    same: z.boolean().optional(),
    failure: z.string().nullable(),
    user: z.string(),
    at: z.string(),
    endedAt: z.string().nullable(),
  })
  .meta({ id: 'ContractProof', description: '政策影响证明: a year replayed under two rule books' })

function shownOf({ contract, text: _, hash: _hash, ...row }: ContractVersion) {
  const { insurer, insured, terms: _terms, rounding: _rounding, ...shown } = contract
  return {
    ...row,
    ...shown,
    insurer: { zh: insurer.zh, en: insurer.en },
    counted: insured.counted,
    schemes: insured.schemes,
  }
}

/** Every term of a contract, with its clause, in the order in which terms are listed. */
function termsOf({ contract }: ContractVersion) {
  return (Object.keys(TERMS) as TermName[]).flatMap((name) =>
    (contract.terms[name] ?? []).map(({ clause, value }) => ({
      ...clauseOf(clause),
      value: value as TermValues[TermName],
    })),
  )
}

const clauseOf = ({ note, ...clause }: Clause) => ({
  ...clause,
  ...(note === undefined ? {} : { note }),
})

const linesOf = ({ lines }: YearStatement) =>
  lines.map(({ clause, by, ...line }) => ({
    ...line,
    of: YEAR_LINES[line.code].of,
    ...(clause ? { clause: clauseOf(clause) } : {}),
    ...(by === undefined ? {} : { by }),
  }))

function proofOf({ before, after, beforeHash, afterHash, same, ...row }: Proof) {
  const { reached: _, day: _day, asOf: _asOf, asOfHere: asOf, ...shown } = row
  const side = (rules: Proof['before'], hash: string) => ({
    version: rules.version,
    ...(rules.draft ? { draft: rules.draft } : {}),
    hash,
  })
  return {
    ...shown,
    asOf,
    before: side(before, beforeHash),
    after: side(after, afterHash),
    difference: row.sumAfter - row.sumBefore,
    ...(same === undefined ? {} : { same }),
  }
}
