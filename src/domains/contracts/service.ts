import { randomUUID } from 'node:crypto'
import { fen } from '#base/money.ts'
import { addMonths, type PlainDate } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import { claimsOf, post } from '#domains/ledger/service.ts'
import type { SettlementService } from '#domains/settlement/service.ts'
import type { Actor } from '#platform/actor.ts'
import { changesIn, hashOf } from '#platform/commands.ts'
import type { Guarded, Sql } from '#platform/database.ts'
import { type RuleFault, RuleFileError } from '#rulebook/rule-file.ts'
import { differenceLegs, yearLegs } from './post.ts'
import { comparedProofs, createProofService } from './proofs.service.ts'
import { readContract } from './read-contract.ts'
import * as store from './store.ts'
import type { Contract, ContractYear, State, YearFacts, YearStatement } from './types.ts'
import { type YearRefusal, yearIn, yearOf } from './year.ts'

export type ContractRefusal =
  | YearRefusal
  | { readonly code: 'idempotency_key_reused' }
  | { readonly code: 'unknown_contract' | 'unknown_contract_version' | 'unknown_statement' }
  | { readonly code: 'unknown_proof' | 'contract_not_confirmed' }
  | { readonly code: 'bad_contract'; readonly fault: RuleFault }
  | { readonly code: 'unknown_scheme'; readonly scheme: string }
  | { readonly code: 'contract_draft_open'; readonly version: number; readonly author: string }
  | { readonly code: 'contract_unchanged'; readonly version: number }
  | { readonly code: 'contract_of_another'; readonly field: string }
  | { readonly code: 'not_waiting'; readonly state: State }
  | { readonly code: 'second_person_confirms'; readonly author: string }
  | { readonly code: 'statement_open'; readonly author: string }
  | { readonly code: 'year_not_over'; readonly until: string }
  | { readonly code: 'year_before_open'; readonly year: number }
  | { readonly code: 'later_year_confirmed'; readonly year: number }
  | { readonly code: 'claims_below_zero'; readonly amount: number }
  | { readonly code: 'year_changed' }
  | { readonly code: 'proof_not_done' | 'proof_of_another_year' }
  | { readonly code: 'proof_not_whole'; readonly refused: number }

type Answered<T> = Promise<Result<T, ContractRefusal>>

/** What a person says of a year. The rest is counted. */
export type YearSaid = {
  readonly cost?: number | undefined
  readonly proof?: string | undefined
  readonly score?:
    | { readonly points: number; readonly released: number; readonly reason: string }
    | undefined
}

/** A version of a contract, read. */
export type ContractVersion = Omit<store.ContractRow, 'text'> & {
  readonly text: string
  readonly contract: Contract
}

export type ContractService = ReturnType<typeof createContractService>

/**
 * Contracts between the bureau and an insurer: kept as their text, confirmed by a second person; stated year by year from
 * what is on the books and what people say, confirmed by a second person, and posted with the confirmation.
 */
export function createContractService({
  database,
  settlement,
  today,
  personsAtOnce,
}: {
  readonly database: Guarded
  readonly settlement: Pick<SettlementService, 'rules' | 'draft' | 'replays'>
  today(): PlainDate
  /** How many persons a replay of a year has in memory at once. */
  readonly personsAtOnce?: number
}) {
  /** A year rests on everybody who is insured and on every bill, whoever states it. */
  const program: Guarded = { as: ({ tenant }) => database.as({ tenant, role: 'system' }) }

  /** Commands about contracts take turns within a tenant. */
  const change = changesIn<ContractRefusal>(program, store.lockContracts)

  // --- contracts ----------------------------------------------------------------------------------

  const read = (row: store.ContractRow): ContractVersion => ({
    ...row,
    contract: readContract(`${row.id}.contract.yaml`, row.text),
  })

  /** Every version of every contract of a tenant, the newest of each first. */
  const contracts = async (actor: Actor): Promise<ContractVersion[]> =>
    (await store.versionsOf(database.as(actor), actor.tenant)).map(read)

  /** The versions of a contract, its years as they were stated, and its proofs, the newest of each first. */
  async function contract(actor: Actor, id: string) {
    const sql = database.as(actor)
    const versions = (await store.versionsOf(sql, actor.tenant, id)).map(read)
    if (versions.length === 0) return err({ code: 'unknown_contract' } as const)
    return ok({
      versions,
      years: await store.yearsOf(sql, actor.tenant, id),
      proofs: comparedProofs(await store.proofsOf(sql, actor.tenant, id)),
    })
  }

  /** Keeps a contract, or an amendment of one, as a draft that a second person confirms. */
  async function draftContract(
    actor: Actor,
    key: string,
    text: string,
  ): Answered<{ readonly id: string; readonly version: number }> {
    let contract: Contract
    try {
      contract = readContract('contract.yaml', text)
    } catch (thrown) {
      if (thrown instanceof RuleFileError) return err({ code: 'bad_contract', fault: thrown.fault })
      throw thrown
    }
    const { id } = contract
    const { book } = await settlement.rules(actor)
    const unknown = contract.insured.schemes.find((scheme) => !book.schemes.has(scheme))
    if (unknown !== undefined) return err({ code: 'unknown_scheme', scheme: unknown })
    const hash = hashOf(text)
    return change(actor, key, ['draft contract', id, hash], async (sql) => {
      const versions = await store.versionsOf(sql, actor.tenant, id)
      const open = versions.find(({ state }) => state === 'draft')
      if (open)
        return err({ code: 'contract_draft_open', version: open.version, author: open.author })
      const confirmed = versions.find(({ state }) => state === 'confirmed')
      if (confirmed?.hash === hash)
        return err({ code: 'contract_unchanged', version: confirmed.version })
      const other = confirmed && otherThan(read(confirmed).contract, contract)
      if (other !== undefined) return err({ code: 'contract_of_another', field: other })
      const version = (versions[0]?.version ?? 0) + 1
      await store.insertContract(sql, actor.tenant, {
        id,
        version,
        text,
        hash,
        author: actor.name,
        insurer: contract.insurer.id,
      })
      return ok({ id, version })
    })
  }

  /** Confirms a draft, as somebody else than whoever wrote it, or withdraws it. */
  const decideContract = (
    actor: Actor,
    key: string,
    { id, version }: { readonly id: string; readonly version: number },
    { act, reason }: Decision,
  ): Answered<{ readonly id: string; readonly version: number; readonly state: State }> =>
    change(actor, key, [`${act} contract`, id, version, reason], async (sql) => {
      const versions = await store.versionsOf(sql, actor.tenant, id)
      if (versions.length === 0) return err({ code: 'unknown_contract' })
      const row = versions.find((each) => each.version === version)
      if (!row) return err({ code: 'unknown_contract_version' })
      const decided = decidedAs(actor, row, { act, reason })
      if (!decided.ok) return decided
      await store.decideContract(sql, actor.tenant, row, decided.value)
      return ok({ id, version, state: decided.value.state })
    })

  // --- years --------------------------------------------------------------------------------------

  /** The version of a contract that is in force: the newest that was confirmed. */
  async function inForce(sql: Sql, tenant: string, id: string): Answered<ContractVersion> {
    const versions = await store.versionsOf(sql, tenant, id)
    if (versions.length === 0) return err({ code: 'unknown_contract' })
    const row = versions.find(({ state }) => state === 'confirmed')
    return row ? ok(read(row)) : err({ code: 'contract_not_confirmed' })
  }

  /** What happened in a year: counted on the books, with what people said. */
  async function factsOf(
    sql: Sql,
    tenant: string,
    contract: Contract,
    period: ContractYear,
    said: Pick<YearFacts, 'cost' | 'policy' | 'score'>,
  ): Answered<YearFacts> {
    const { insured, fund } = contract
    const days =
      insured.counted === 'first-day'
        ? [period.from]
        : Array.from({ length: 12 }, (_, month) => addMonths(period.from, month))
    const sum = await store.countHeads(sql, tenant, { schemes: insured.schemes, days })
    const { from, until } = period
    const claims = await claimsOf(sql, tenant, { fund, from, until }, contract.claims)
    if (claims < 0) return err({ code: 'claims_below_zero', amount: claims })
    const reserveBefore = await reserveBeforeYear(sql, tenant, contract, period)
    if (!reserveBefore.ok) return reserveBefore
    return ok({
      ...said,
      heads: { sum, days: days.length },
      claims: fen(claims),
      reserveBefore: fen(reserveBefore.value),
    })
  }

  /** What the reserve held before a year: years are confirmed one after the other, because each goes on from the last. */
  async function reserveBeforeYear(
    sql: Sql,
    tenant: string,
    contract: Contract,
    { year }: ContractYear,
  ): Answered<number> {
    const [reserve] = contract.terms.reserve ?? []
    if (!reserve) return ok(0)
    const years = await store.yearsOf(sql, tenant, contract.id)
    const confirmed = years.filter(({ state }) => state === 'confirmed')
    const later = confirmed.find((each) => each.year > year)
    if (later) return err({ code: 'later_year_confirmed', year: later.year })
    if (!yearIn(contract, year - 1)) return ok(reserve.value.opening)
    const before = confirmed.find((each) => each.year === year - 1)
    if (!before) return err({ code: 'year_before_open', year: year - 1 })
    return ok(before.statement.amounts['reserve-after'])
  }

  /** What was proven of a year, as a fact of its statement. */
  async function policyOf(
    sql: Sql,
    tenant: string,
    contract: string,
    year: number,
    proof: string | undefined,
  ): Answered<YearFacts['policy']> {
    if (proof === undefined) return ok(undefined)
    const row = await store.findProof(sql, tenant, proof)
    if (!row) return err({ code: 'unknown_proof' })
    if (row.contract !== contract || row.year !== year)
      return err({ code: 'proof_of_another_year' })
    if (row.state !== 'done') return err({ code: 'proof_not_done' })
    // A bill that only one side settles moves the others as well: what is left of the difference proves nothing.
    if (row.refused > 0) return err({ code: 'proof_not_whole', refused: row.refused })
    return ok({ proof, difference: row.sumAfter - row.sumBefore, by: row.user })
  }

  /** States a year from what is on the books and what is said; nothing is kept. */
  async function state(
    sql: Sql,
    actor: Actor,
    id: string,
    year: number,
    said: YearSaid,
  ): Answered<{
    readonly version: ContractVersion
    readonly facts: YearFacts
    readonly statement: YearStatement
  }> {
    const { tenant, name: by } = actor
    const version = await inForce(sql, tenant, id)
    if (!version.ok) return version
    const { contract } = version.value
    const period = yearIn(contract, year)
    if (!period) return err({ code: 'no_such_contract_year', year })
    if (period.until >= today()) return err({ code: 'year_not_over', until: period.until })
    const policy = await policyOf(sql, tenant, id, year, said.proof)
    if (!policy.ok) return policy
    const { cost, score } = said
    const facts = await factsOf(sql, tenant, contract, period, {
      cost: cost === undefined ? undefined : { amount: fen(cost), by },
      policy: policy.value,
      score: score && { ...score, released: score.released as never, by },
    })
    if (!facts.ok) return facts
    const statement = yearOf(contract, year, facts.value)
    if (!statement.ok) return statement
    return ok({ version: version.value, facts: facts.value, statement: statement.value })
  }

  const trialYear = (actor: Actor, id: string, year: number, said: YearSaid) =>
    program.as(actor).transaction((sql) => state(sql, actor, id, year, said))

  /** Keeps the statement of a year as a draft that a second person confirms. */
  const draftYear = (
    actor: Actor,
    key: string,
    { id: contract, year }: { readonly id: string; readonly year: number },
    said: YearSaid,
  ): Answered<{ readonly id: string }> =>
    change(actor, key, ['draft contract year', contract, year, said], async (sql) => {
      const { tenant, name: author } = actor
      const stated = await state(sql, actor, contract, year, said)
      if (!stated.ok) return stated
      const open = (await store.yearsOf(sql, tenant, contract)).find(
        (each) => each.year === year && each.state === 'draft',
      )
      if (open) return err({ code: 'statement_open', author: open.author })
      const { version, facts, statement } = stated.value
      const id = randomUUID()
      await store.insertYear(sql, tenant, {
        id,
        contract,
        version: version.version,
        year,
        facts,
        statement,
        author,
      })
      return ok({ id })
    })

  /**
   * Confirms the statement of a year, as somebody else than whoever drafted it, and posts it: once, as an event of the
   * statement; where the year was confirmed before, the difference. What is on the books must be what was drafted from.
   */
  const decideYear = (
    actor: Actor,
    key: string,
    id: string,
    decision: Decision,
  ): Answered<{ readonly id: string; readonly state: State }> =>
    change(actor, key, [`${decision.act} contract year`, id, decision.reason], async (sql) => {
      const { tenant } = actor
      const row = await store.findYear(sql, tenant, id)
      if (!row) return err({ code: 'unknown_statement' })
      const decided = decidedAs(actor, row, decision)
      if (!decided.ok) return decided
      if (decision.act === 'confirm') {
        const posted = await postYear(sql, actor, row)
        if (!posted.ok) return posted
      }
      await store.decideYear(sql, tenant, id, decided.value)
      return ok({ id, state: decided.value.state })
    })

  async function postYear(sql: Sql, actor: Actor, row: store.YearRow): Answered<object> {
    const { tenant } = actor
    const version = await inForce(sql, tenant, row.contract)
    if (!version.ok) return version
    const { contract } = version.value
    const period = yearIn(contract, row.year)
    if (!period || version.value.version !== row.version) return err({ code: 'year_changed' })
    const facts = await factsOf(sql, tenant, contract, period, row.facts)
    if (!facts.ok) return facts
    const again = yearOf(contract, row.year, facts.value)
    if (!again.ok || !sameAmounts(again.value, row.statement)) return err({ code: 'year_changed' })
    const before = (await store.yearsOf(sql, tenant, row.contract)).find(
      (each) => each.year === row.year && each.state === 'confirmed',
    )
    const legs = differenceLegs(
      yearLegs(contract, again.value),
      before ? yearLegs(contract, before.statement) : [],
    )
    await post(sql, actor, [{ subject: row.id, kind: 'contract-year', legs }])
    return ok({})
  }

  /** A statement with the contract that it is of, as that was then. */
  async function statement(actor: Actor, id: string) {
    const sql = database.as(actor)
    const row = await store.findYear(sql, actor.tenant, id)
    if (!row) return err({ code: 'unknown_statement' } as const)
    const versions = await store.versionsOf(sql, actor.tenant, row.contract)
    const version = versions.find((each) => each.version === row.version)
    if (!version) return err({ code: 'unknown_contract_version' } as const)
    const proof =
      row.facts.policy && (await store.findProof(sql, actor.tenant, row.facts.policy.proof))
    return ok({ ...row, of: read(version).contract, proven: proof })
  }

  return {
    /** What a change of policy cost, proven by replays that run beside the requests. */
    proofs: createProofService({
      database,
      settlement,
      today,
      ...(personsAtOnce === undefined ? {} : { personsAtOnce }),
    }),
    contracts,
    contract,
    draftContract,
    decideContract,
    trialYear,
    draftYear,
    decideYear,
    statement,
  }
}

/** Whether a year comes to the same, line by line. */
const sameAmounts = (now: YearStatement, then: YearStatement): boolean =>
  now.lines.length === then.lines.length &&
  now.lines.every(({ code, amount }, i) => {
    const line = then.lines[i]
    return line?.code === code && line.amount === amount
  })

type Decision = { readonly act: 'confirm' | 'withdraw'; readonly reason?: string | undefined }

/** What becomes of a draft: nobody confirms their own. */
function decidedAs(
  { name: user }: Actor,
  { state, author }: { readonly state: State; readonly author: string },
  { act, reason }: Decision,
): Result<
  {
    readonly state: 'confirmed' | 'withdrawn'
    readonly user: string
    readonly reason: string | undefined
  },
  ContractRefusal
> {
  if (state !== 'draft') return err({ code: 'not_waiting', state })
  if (act === 'withdraw') return ok({ state: 'withdrawn', user, reason })
  if (author === user) return err({ code: 'second_person_confirms', author })
  return ok({ state: 'confirmed', user, reason })
}

/** What an amendment may not change: it would be another contract, and what was posted belongs to this one. */
function otherThan(was: Contract, now: Contract): string | undefined {
  const fixed = ({ line, bears, fund, financedBy, from, insurer }: Contract) => ({
    line,
    bears,
    fund,
    financedBy,
    from,
    insurer: insurer.id,
  })
  const [before, after] = [fixed(was), fixed(now)]
  return (Object.keys(before) as (keyof typeof before)[]).find((key) => before[key] !== after[key])
}
