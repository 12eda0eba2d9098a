import type { PlainDate } from '#base/plain-date.ts'
import type { Sql } from '#platform/database.ts'
import { MOMENT } from '#platform/moment.ts'
import type { ProofState, RulesSide, State, YearFacts, YearStatement } from './types.ts'

// --- contracts -----------------------------------------------------------------------------------

export type ContractRow = {
  readonly id: string
  readonly version: number
  readonly state: State
  readonly text: string
  readonly hash: string
  readonly author: string
  readonly at: string
  readonly decidedBy: string | null
  readonly decidedAt: string | null
  readonly reason: string | null
}

const CONTRACT = `id, version, state, text, hash, author, ${MOMENT('at')} as at, decided_by as "decidedBy",
  ${MOMENT('decided_at')} as "decidedAt", reason`

/** Commands about contracts wait for one another within a tenant. */
export async function lockContracts(sql: Sql, tenant: string): Promise<void> {
  await sql.query('select pg_advisory_xact_lock(hashtextextended($1, 5))', [tenant])
}

/** Every version of one contract, or of all of them, the newest of each first. */
export async function versionsOf(sql: Sql, tenant: string, id?: string): Promise<ContractRow[]> {
  return sql.query(
    `select ${CONTRACT} from contracts where tenant_id = $1 and ($2::text is null or id = $2) order by id, version desc`,
    [tenant, id ?? null],
  )
}

export async function insertContract(
  sql: Sql,
  tenant: string,
  row: Pick<ContractRow, 'id' | 'version' | 'text' | 'hash' | 'author'> & {
    readonly insurer: string
  },
): Promise<void> {
  await sql.query(
    `insert into contracts (tenant_id, id, version, state, text, hash, author, insurer)
     values ($1, $2, $3, 'draft', $4, $5, $6, $7)`,
    [tenant, row.id, row.version, row.text, row.hash, row.author, row.insurer],
  )
}

export async function decideContract(
  sql: Sql,
  tenant: string,
  { id, version }: Pick<ContractRow, 'id' | 'version'>,
  { state, user, reason }: Decided,
): Promise<void> {
  await sql.query(
    `update contracts set state = $4, decided_by = $5, decided_at = now(), reason = $6
      where tenant_id = $1 and id = $2 and version = $3`,
    [tenant, id, version, state, user, reason ?? null],
  )
}

type Decided = {
  readonly state: 'confirmed' | 'withdrawn'
  readonly user: string
  readonly reason: string | undefined
}

// --- what happened in a year ---------------------------------------------------------------------

/**
 * How many persons some schemes covered on each of these days, together. Whoever is enrolled counts by their memberships;
 * of whom nothing but bills came, by the covers that came with them.
 */
export async function countHeads(
  sql: Sql,
  tenant: string,
  { schemes, days }: { readonly schemes: readonly string[]; readonly days: readonly PlainDate[] },
): Promise<number> {
  const [row] = await sql.query<{ heads: number }>(
    `select count(*) as heads from unnest($3::date[]) as d (day) join persons p on p.tenant_id = $1
      where p.merged_into is null and (p.died_on is null or p.died_on >= d.day)
        and case when p.enrolled then exists (
              select from memberships m where m.tenant_id = $1 and m.person_id = p.id and m.scheme = any($2)
                 and m.from_day <= d.day and (m.until_day is null or m.until_day >= d.day))
            else exists (
              select from jsonb_array_elements(p.body->'covers') c where c->>'scheme' = any($2)
                 and (c->>'from')::date <= d.day and (c->>'until' is null or (c->>'until')::date >= d.day)) end`,
    [tenant, schemes, days],
  )
  return row?.heads ?? 0
}

// --- years ---------------------------------------------------------------------------------------

export type YearRow = {
  readonly id: string
  readonly no: number
  readonly contract: string
  readonly version: number
  readonly year: number
  readonly state: State
  readonly facts: YearFacts
  readonly statement: YearStatement
  readonly author: string
  readonly at: string
  readonly decidedBy: string | null
  readonly decidedAt: string | null
  readonly reason: string | null
}

const YEAR = `id, no, contract_id as contract, contract_version as version, year, state, facts, statement, author,
  ${MOMENT('at')} as at, decided_by as "decidedBy", ${MOMENT('decided_at')} as "decidedAt", reason`

/** The years of a contract that were stated, the newest first. */
export async function yearsOf(sql: Sql, tenant: string, contract: string): Promise<YearRow[]> {
  return sql.query(
    `select ${YEAR} from contract_years where tenant_id = $1 and contract_id = $2 order by year desc, no desc`,
    [tenant, contract],
  )
}

export async function findYear(sql: Sql, tenant: string, id: string): Promise<YearRow | undefined> {
  const [row] = await sql.query<YearRow>(
    `select ${YEAR} from contract_years where tenant_id = $1 and id = $2`,
    [tenant, id],
  )
  return row
}

export async function insertYear(
  sql: Sql,
  tenant: string,
  row: Pick<YearRow, 'id' | 'contract' | 'version' | 'year' | 'facts' | 'statement' | 'author'>,
): Promise<void> {
  await sql.query(
    `insert into contract_years (tenant_id, id, contract_id, contract_version, year, facts, statement, author)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      tenant,
      row.id,
      row.contract,
      row.version,
      row.year,
      JSON.stringify(row.facts),
      JSON.stringify(row.statement),
      row.author,
    ],
  )
}

export async function decideYear(
  sql: Sql,
  tenant: string,
  id: string,
  { state, user, reason }: Decided,
): Promise<void> {
  await sql.query(
    `update contract_years set state = $3, decided_by = $4, decided_at = now(), reason = $5
      where tenant_id = $1 and id = $2`,
    [tenant, id, state, user, reason ?? null],
  )
}

// --- proofs --------------------------------------------------------------------------------------

/** Rules of one side as they are kept: with the files themselves, so that a draft that goes on changing proves nothing new. */
export type KeptRules = RulesSide & {
  readonly files?: Readonly<Record<string, string>> | undefined
}

export type ProofRow = {
  readonly id: string
  readonly no: number
  readonly contract: string
  readonly year: number
  readonly fund: string
  readonly from: PlainDate
  readonly until: PlainDate
  readonly before: KeptRules
  readonly after: KeptRules
  readonly beforeHash: string
  readonly afterHash: string
  /** The moment as the database keeps it, to the microsecond; and as clocks in China showed it. */
  readonly asOf: string
  readonly asOfHere: string
  readonly day: PlainDate
  readonly againOf: string | null
  readonly state: ProofState
  readonly personsTotal: number | null
  readonly persons: number
  readonly bills: number
  readonly refused: number
  readonly stood: number
  readonly sumBefore: number
  readonly sumAfter: number
  readonly reached: string
  readonly failure: string | null
  readonly user: string
  readonly at: string
  readonly endedAt: string | null
}

const PROOF = `id, no, contract_id as contract, year, fund, from_day as "from", until_day as "until", before_rules as before,
  after_rules as after, before_hash as "beforeHash", after_hash as "afterHash", as_of::text as "asOf", ${MOMENT('as_of')} as "asOfHere", on_day as day,
  again_of as "againOf", state, persons_total as "personsTotal", persons, bills, refused, stood, sum_before as "sumBefore",
  sum_after as "sumAfter", reached, failure, user_name as "user", ${MOMENT('at')} as at, ${MOMENT('ended_at')} as "endedAt"`

export type NewProof = Pick<
  ProofRow,
  | 'id'
  | 'contract'
  | 'year'
  | 'fund'
  | 'from'
  | 'until'
  | 'before'
  | 'after'
  | 'beforeHash'
  | 'afterHash'
  | 'day'
  | 'againOf'
  | 'user'
> & {
  /** The moment of the proof that is run again; now where there is none. */
  readonly asOf: string | undefined
}

export async function insertProof(sql: Sql, tenant: string, row: NewProof): Promise<void> {
  await sql.query(
    `insert into contract_proofs (tenant_id, id, contract_id, year, fund, from_day, until_day, before_rules, after_rules,
       before_hash, after_hash, as_of, on_day, again_of, user_name)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, coalesce($12::timestamptz, clock_timestamp()), $13, $14, $15)`,
    [
      tenant,
      row.id,
      row.contract,
      row.year,
      row.fund,
      row.from,
      row.until,
      JSON.stringify(row.before),
      JSON.stringify(row.after),
      row.beforeHash,
      row.afterHash,
      row.asOf ?? null,
      row.day,
      row.againOf,
      row.user,
    ],
  )
}

export async function proofsOf(sql: Sql, tenant: string, contract: string): Promise<ProofRow[]> {
  return sql.query(
    `select ${PROOF} from contract_proofs where tenant_id = $1 and contract_id = $2 order by no desc limit 100`,
    [tenant, contract],
  )
}

export async function findProof(
  sql: Sql,
  tenant: string,
  id: string,
): Promise<ProofRow | undefined> {
  const [row] = await sql.query<ProofRow>(
    `select ${PROOF} from contract_proofs where tenant_id = $1 and id = $2`,
    [tenant, id],
  )
  return row
}

/** A proof that is not done, held for as long as the transaction lasts; another server takes another one. */
export async function takeRunning(
  sql: Sql,
  tenant: string,
  id?: string,
): Promise<ProofRow | undefined> {
  const [row] = await sql.query<ProofRow>(
    `select ${PROOF} from contract_proofs where tenant_id = $1 and state = 'running' and ($2::uuid is null or id = $2)
      order by no limit 1 for update skip locked`,
    [tenant, id ?? null],
  )
  return row
}

export async function setPersonsTotal(
  sql: Sql,
  tenant: string,
  id: string,
  total: number,
): Promise<void> {
  await sql.query(
    'update contract_proofs set persons_total = $3 where tenant_id = $1 and id = $2',
    [tenant, id, total],
  )
}

/** What some more persons come to. */
export type Piece = {
  readonly reached: string
  readonly persons: number
  readonly bills: number
  readonly refused: number
  readonly stood: number
  readonly before: number
  readonly after: number
}

export async function addPiece(sql: Sql, tenant: string, id: string, piece: Piece): Promise<void> {
  await sql.query(
    `update contract_proofs set reached = $3, persons = persons + $4, bills = bills + $5, refused = refused + $6,
            stood = stood + $7, sum_before = sum_before + $8, sum_after = sum_after + $9
      where tenant_id = $1 and id = $2`,
    [
      tenant,
      id,
      piece.reached,
      piece.persons,
      piece.bills,
      piece.refused,
      piece.stood,
      piece.before,
      piece.after,
    ],
  )
}

export async function endProof(
  sql: Sql,
  tenant: string,
  id: string,
  state: 'done' | 'failed',
  failure?: string,
): Promise<void> {
  await sql.query(
    `update contract_proofs set state = $3, failure = $4, ended_at = now()
      where tenant_id = $1 and id = $2 and state = 'running'`,
    [tenant, id, state, failure ?? null],
  )
}
