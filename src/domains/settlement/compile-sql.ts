import { WHOLE } from '#base/money.ts'
import type { ResolvedInsurance } from './resolve.ts'
import type { SqlDialect } from './sql-dialect.ts'
import { COMPONENTS, type Component, NATIVE_COMPONENTS, type Payer } from './types.ts'

/**
 * The most that a person's bills may come to, in fen, in the period of a tier: 90 thousand million yuan. Below it every
 * product of an amount and a rate in ppm is a 64-bit integer. It stands where a limit is none.
 */
export const SQL_LIMIT = 9_000_000_000_000

/** A tier's rules for some bills, and whether their stays take a place among the admissions of the period. */
export type SqlRow = { readonly resolved: ResolvedInsurance; readonly counted: boolean }

/**
 * Tiers of which at most one takes part in any bill. A bill names its row by number from 1; 0 is none.
 */
export type SqlStage = { readonly rows: readonly SqlRow[]; readonly optional: boolean }

/** Why a plan is not SQL. */
export type NotSql =
  | 'account'
  | 'counted'
  | 'rate_unknown'
  | 'waiting'
  | 'policy_year'
  | 'readmission'
  | 'charged_again'
  | 'once_a_period'
  | 'benefit'
  | 'number'
  | 'shared_pool'
  | 'several_caps'
  | 'guarantee_beyond_cap'
  | 'pays_down_elsewhere'
  | 'several_limits'
  | 'too_many_answers'
  | 'order_differs'
  | 'several_products'

export class NotSqlError extends Error {
  readonly reason: NotSql
  readonly tier: string
  constructor(reason: NotSql, tier: string) {
    super(`${tier}: ${reason}`)
    this.reason = reason
    this.tier = tier
  }
}

/** A limit of a period may differ from bill to bill between so many amounts; each needs a running sum of its own. */
const MOST_LIMITS = 8

type Column = { readonly name: string; readonly sql: string; readonly level: number }

/**
 * A chain of queries, each of which works out columns from those of the one before. A column stands in the first query
 * in which all that it asks is there, and is carried no further than it is asked.
 */
export class QueryChain {
  readonly #levels = new Map<string, number>()
  readonly #columns: Column[] = []
  readonly #joins = new Map<number, { table: string; on: string }>()
  readonly #source: string
  #floor = 0
  #names = 0

  constructor(source: string, columns: readonly string[]) {
    this.#source = source
    for (const name of columns) this.#levels.set(name, 0)
  }

  /** The name of a column that is worked out so. A name or a number is taken as it is. */
  let(sql: string): string {
    if (/^\w+$/.test(sql)) return sql
    const name = `v${++this.#names}`
    const level =
      Math.max(this.#floor, ...identifiers(sql).map((id) => this.#levels.get(id) ?? 0)) + 1
    this.#levels.set(name, level)
    this.#columns.push({ name, sql, level })
    return name
  }

  /** Joins a small table whose columns are known by these names from here on. */
  join(table: string, columns: readonly string[], on: string): void {
    const level = Math.max(this.#floor, ...this.#columns.map((each) => each.level)) + 1
    this.#joins.set(level, { table, on })
    for (const name of columns) {
      this.#levels.set(name, level)
      this.#columns.push({ name, sql: `p.${name}`, level })
    }
    this.#floor = level
  }

  /** The queries as common table expressions, the last of which has the columns that `wanted` asks. */
  write(wanted: readonly string[]): { readonly ctes: readonly string[]; readonly last: string } {
    const last = Math.max(0, ...this.#columns.map((each) => each.level))
    const until = new Map<string, number>()
    const ask = (sql: string, level: number) => {
      for (const id of identifiers(sql))
        if (this.#levels.has(id)) until.set(id, Math.max(until.get(id) ?? 0, level))
    }
    for (const { sql, level } of this.#columns) ask(sql, level)
    for (const [level, { on }] of this.#joins) ask(on, level)
    for (const sql of wanted) ask(sql, last + 1)
    const ctes: string[] = []
    for (let level = 1; level <= last; level++) {
      const carried = [...this.#levels].flatMap(([name, made]) =>
        made < level && (until.get(name) ?? 0) > level ? [`q.${name} AS ${name}`] : [],
      )
      const made = this.#columns.flatMap((each) =>
        each.level === level && (until.get(each.name) ?? 0) > level
          ? [`${each.sql} AS ${each.name}`]
          : [],
      )
      const from = level === 1 ? this.#source : `q${level - 1}`
      const join = this.#joins.get(level)
      const joined = join ? ` JOIN ${join.table} p ON ${join.on}` : ''
      ctes.push(`q${level} AS (SELECT ${[...carried, ...made].join(', ')} FROM ${from} q${joined})`)
    }
    return { ctes, last: last === 0 ? this.#source : `q${last}` }
  }
}

/** Columns have names in small letters; which words are columns, the chain knows. */
const identifiers = (sql: string): string[] => sql.match(/\b[a-z]\w*\b/g) ?? []

/** What a stage works out for each bill: what its tier paid, and which tier it was. */
export type StageResult = {
  readonly paid: string
  /** Which tier of the stage, by its place among them; -1 is none. */
  readonly tier: string
  readonly tiers: readonly string[]
}

/**
 * Writes the stages of a plan over bills that stand in a table with the columns `person_0`, `seq_0` (the order in which
 * bills are settled), `cost_0` … (native components), and for each stage `row_N` and `period_N`. The arithmetic is that
 * of `emit.ts`: the same sums, rounded at the same places, over running totals that window functions add up.
 */
export class StageWriter {
  readonly chain: QueryChain
  readonly #dialect: SqlDialect
  readonly #tables: string[] = []
  readonly #native: readonly string[]
  #unpaid: string[]
  readonly #results: StageResult[] = []
  readonly #before: string[][] = []
  readonly #pools = new Map<string, number>()
  readonly #order = 'ORDER BY seq_0'

  constructor(chain: QueryChain, dialect: SqlDialect) {
    this.chain = chain
    this.#dialect = dialect
    this.#native = NATIVE_COMPONENTS.map((_, i) => `cost_${i}`)
    this.#unpaid = COMPONENTS.map((_, i) => this.#native[i] ?? '0')
  }

  get results(): readonly StageResult[] {
    return this.#results
  }

  /** What no tier paid. */
  get patient(): string {
    return plus(this.#unpaid)
  }

  /** Tables of parameters, as common table expressions. */
  get tables(): readonly string[] {
    return this.#tables
  }

  add(stage: SqlStage): void {
    const s = this.#results.length + 1
    const { chain } = this
    const let_ = (sql: string) => chain.let(sql)
    const tiers = [...new Set(stage.rows.map(({ resolved }) => resolved.tier))]
    refuseUnwritable(stage)
    const params = new Params(`p_${s}`, stage)
    /** By which tier it is: the same for all, or a choice. `none` is what holds where no tier takes part. */
    const number = params.of('tier', (row) => tiers.indexOf(row.resolved.tier), -1)
    const byTier = (sql: (tier: ResolvedInsurance['tier']) => string, none?: string): string => {
      const texts = tiers.map(sql)
      const all = none !== undefined && stage.optional ? [...texts, none] : texts
      if (new Set(all).size <= 1) return all[0] ?? '0'
      const cases = texts.map((text, i) => `WHEN ${i} THEN ${text}`).join(' ')
      return `CASE ${number} ${cases} ELSE ${none ?? texts[0]} END`
    }
    const slot = (name: string, owner: (row: SqlRow) => string | undefined) =>
      params.of(name, (row) => {
        const text = owner(row)
        if (text === undefined) return 0
        const key = `${name}:${text}`
        const owned = this.#pools.get(key) ?? s
        if (owned !== s) throw new NotSqlError('shared_pool', row.resolved.tier.id)
        this.#pools.set(key, s)
        return numberOf(slots, key)
      })
    const slots = new Map<string, number>()
    const window = (sum: string, key: string, frame: 'before' | 'to') =>
      sum === '0'
        ? '0'
        : `COALESCE(SUM(${sum}) OVER (PARTITION BY person_0${isNumber(key) ? '' : `, ${key}`}, period_${s} ${this.#order} ROWS BETWEEN UNBOUNDED PRECEDING AND ${frame === 'before' ? '1 PRECEDING' : 'CURRENT ROW'}), 0)`

    const p = numbersOf(params, stage.rows)
    const slotOf = {
      axis: slot('axis', ({ resolved }) => resolved.tier.id),
      met: slot('met', ({ resolved: { tier, deductible } }) =>
        deductible ? `${deductible.rule.pool ?? tier.id}/${periodOf(tier)}` : undefined,
      ),
      eligible: slot('eligible', ({ resolved: { tier } }) =>
        tier.eligibleCap?.per === 'period'
          ? `${tier.eligibleCap.pool ?? tier.id}/${periodOf(tier)}`
          : undefined,
      ),
      paid: slot('paid', ({ resolved }) => {
        const caps = resolved.caps.filter((cap) => cap.rule.per === 'period')
        const owners = new Set(caps.map((cap) => cap.rule.pool ?? resolved.tier.id))
        if (owners.size > 1) throw new NotSqlError('several_caps', resolved.tier.id)
        return caps[0]
          ? `${caps[0].rule.pool ?? resolved.tier.id}/${periodOf(resolved.tier)}`
          : undefined
      }),
    }
    const caps = p.caps
    params.close()
    this.#tables.push(
      `${params.name} AS (SELECT * FROM ${this.#dialect.table(params.columns, params.rows)})`,
    )
    chain.join(params.name, params.columns.slice(1), `p.${params.columns[0]} = q.row_${s}`)

    const before = [...this.#unpaid]
    const c = [...before]
    const move = (amount: string, from: Component, to: Component) => {
      const [i, k] = [COMPONENTS.indexOf(from), COMPONENTS.indexOf(to)]
      c[i] = let_(minus(c[i] as string, amount))
      c[k] = let_(plus([c[k] as string, amount]))
    }
    const mul = (amount: string, rate: string) => this.#share(amount, rate, '500000')

    // The base: what is unpaid of the components that it looks at, each weighted.
    const unpaidOf = (i: number) =>
      byTier((tier) => {
        const earlier = this.#results.findIndex(({ tiers: ids }) =>
          ids.includes(tier.baseBefore ?? ''),
        )
        const found = this.#results[earlier]
        if (!found) return before[i] as string
        const at = found.tiers.indexOf(tier.baseBefore ?? '')
        const then = this.#before[earlier]?.[i] as string
        if (then === before[i] || found.tier === String(at)) return then
        return `CASE ${found.tier} WHEN ${at} THEN ${then} ELSE ${before[i]} END`
      })
    const base = let_(plus(COMPONENTS.map((_, i) => mul(unpaidOf(i), p.weights[i] as string))))
    let b = let_(mul(base, p.baseWeight))
    if (p.transferUpfront !== '0') {
      const u = let_(mul(b, p.transferUpfront))
      move(u, 'inScope', 'transferUpfront')
      b = let_(minus(b, u))
    }
    if (p.eligibleCap !== none) {
      const counts = p.eligiblePeriod
      const used = this.#runUp(let_(times(b, counts)), p.eligibleCap, p.eligibleLimits, (sum) =>
        window(sum, slotOf.eligible, 'before'),
      )
      const left = let_(floorZero(minus(p.eligibleCap, times(used, counts))))
      const v = let_(floorZero(minus(b, left)))
      move(times(v, p.splits), 'inScope', 'aboveCap')
      b = let_(minus(b, v))
    }

    // The deductible.
    let d = '0'
    if (p.hasDeductible !== '0') {
      const ordinal =
        p.ladder.length > 1
          ? let_(`CASE ${p.counted} WHEN 1 THEN ${window(p.counted, slotOf.axis, 'to')} ELSE 1 END`)
          : '1'
      const stayCost = plus(this.#native)
      const basis = byTier((tier) => (p.basisOf.get(tier.id) === 'stayBase' ? b : stayCost))
      const product = let_(mul(basis, p.stayFactor))
      const amount = let_(greatest(p.stayLeast, least(p.stayMost, product)))
      const steps = p.ladder.map(({ fixed, stayFixed, stayRate }) => {
        const ofStay =
          p.stayFactor === '0' && p.stayLeast === '0' && stayFixed === '0'
            ? '0'
            : greatest(plus([stayFixed, mul(amount, stayRate)]), least(amount, p.stayFloor))
        return plus([fixed, ofStay])
      })
      const limit = let_(
        steps.length === 1
          ? (steps[0] as string)
          : `CASE ${steps
              .slice(0, -1)
              .map((step, i) => `WHEN ${ordinal} <= ${i + 1} THEN ${step}`)
              .join(' ')} ELSE ${steps.at(-1)} END`,
      )
      const offsetsOf = new Map(
        stage.rows.flatMap(({ resolved: { tier, deductible } }) =>
          deductible ? [[tier.id, deductible.rule.offsetBy] as const] : [],
        ),
      )
      const others = let_(
        byTier(({ id }) => {
          const payers = offsetsOf.get(id) ?? []
          return plus(
            this.#results.map((earlier) =>
              paidBy(earlier, (other) => payers.includes(this.#payers.get(other) as Payer)),
            ),
          )
        }, '0'),
      )
      const offered = plus([others, b])
      const perPeriod = p.perPeriod
      const input = let_(
        times(
          perPeriod === '1'
            ? offered
            : perPeriod === '0'
              ? least(offered, limit)
              : `CASE ${perPeriod} WHEN 1 THEN ${offered} ELSE ${least(offered, limit)} END`,
          p.hasDeductible,
        ),
      )
      const met = this.#runUp(input, p.metLimit, p.metLimits, (sum) =>
        window(sum, slotOf.met, 'before'),
      )
      const left = let_(floorZero(minus(p.metLimit, met)))
      const owed = let_(times(least(limit, left), p.hasDeductible))
      const f = others === '0' ? '0' : let_(least(others, owed))
      d = let_(least(b, minus(owed, f)))
      move(times(d, p.splits), 'inScope', 'deductible')
    }

    // F(after) − F(before) along the axis.
    const step = let_(minus(plus([b, times(d, p.gross)]), d))
    const start =
      p.overPeriod === '0'
        ? '0'
        : let_(times(window(times(step, p.overPeriod), slotOf.axis, 'before'), p.overPeriod))
    const x = let_(plus([start, times(d, p.gross)]))
    const z = let_(minus(plus([x, b]), d))
    const F = (at: string) =>
      at === '0'
        ? '0'
        : this.#divide(
            plus([
              ...p.bands.map(({ above, upTo, rate }) =>
                times(minus(least(at, upTo), least(at, above)), rate),
              ),
              p.bump,
            ]),
          )
    const factored = (due: string) => this.#share(due, p.factor, p.bump)
    const h = let_(factored(let_(F(z))))
    const g = let_(factored(let_(F(x))))
    let y = let_(minus(h, g))

    const payable = () =>
      byTier(
        (tier) => plus(tier.paysDown.map((name) => c[COMPONENTS.indexOf(name)] as string)),
        '0',
      )
    const guarantee = (flag: string) => {
      if (flag === '0') return
      const open = let_(payable())
      const ordinary = let_(least(y, open))
      const of = byTier(({ guaranteedRatio: rule }) =>
        plus(
          (rule?.of ?? []).map((name) => this.#native[NATIVE_COMPONENTS.indexOf(name)] as string),
        ),
      )
      const less = byTier(({ guaranteedRatio: rule }) => (rule?.lessDeductible ? d : '0'))
      const counted = byTier(({ guaranteedRatio: rule }) =>
        plus(
          this.#results.map((earlier) =>
            paidBy(earlier, (id) => rule?.countedTiers.includes(id) ?? false),
          ),
        ),
      )
      const share = let_(this.#share(floorZero(minus(of, less)), p.ratio, p.bump))
      const raised = let_(least(open, floorZero(greatest(ordinary, minus(share, counted)))))
      y = flag === '1' ? raised : let_(`CASE ${flag} WHEN 1 THEN ${raised} ELSE ${y} END`)
    }
    guarantee(p.guaranteeBefore)
    if (caps.length > 0) {
      const once = caps.map(({ limit, period }) =>
        period === '1'
          ? none
          : period === '0'
            ? limit
            : `CASE ${period} WHEN 1 THEN ${none} ELSE ${limit} END`,
      )
      const within =
        p.splits === '1'
          ? [y]
          : p.splits === '0'
            ? [y, let_(payable())]
            : [y, `CASE ${p.splits} WHEN 1 THEN ${none} ELSE ${paren(let_(payable()))} END`]
      const input = let_(
        times(
          [...within, ...once].reduce((a, next) => least(a, next)),
          p.capped,
        ),
      )
      const used = this.#runUp(input, p.periodCap, p.capLimits, (sum) =>
        window(sum, slotOf.paid, 'before'),
      )
      let n = '0'
      for (const { limit, period, cost } of caps) {
        const left = let_(floorZero(minus(limit, times(used, period))))
        const cut = let_(floorZero(minus(y, left)))
        if (p.splits !== '0') {
          const end = let_(minus(z, n))
          const reached = `LEAST(${plus([g, left])}, ${none})`
          const wanted =
            p.factor === String(WHOLE)
              ? reached
              : `LEAST(${this.#dueBefore(reached, p.factor, p.bump)}, ${none})`
          const point =
            cost === '0'
              ? '0'
              : let_(this.#costAt(x, end, let_(`${wanted} * ${WHOLE} - ${p.bump}`), p.bands))
          const guaranteed = p.guaranteeBefore === '0' && p.guaranteeAfter === '0'
          const ofPayment = guaranteed ? cut : least(c[0] as string, cut)
          const excess =
            cost === '1'
              ? minus(end, point)
              : cost === '0'
                ? ofPayment
                : `CASE ${cost} WHEN 1 THEN ${minus(end, point)} ELSE ${ofPayment} END`
          const q = let_(`CASE WHEN ${cut} > 0 THEN ${times(excess, p.splits)} ELSE 0 END`)
          n = let_(plus([n, q]))
          move(q, 'inScope', 'aboveCap')
        }
        y = let_(minus(y, cut))
      }
    }
    guarantee(p.guaranteeAfter)

    // What is paid comes off the components in the declared order.
    y = let_(least(y, payable()))
    const orders = new Map(
      tiers.map((tier) => [tier.id, tier.paysDown.map((name) => COMPONENTS.indexOf(name))]),
    )
    const after = c.map((unpaid, i) => {
      const text = byTier((tier) => {
        const order = orders.get(tier.id) ?? []
        const at = order.indexOf(i)
        if (at < 0) return unpaid
        const earlier = plus(order.slice(0, at).map((k) => c[k] as string))
        return minus(unpaid, least(unpaid, floorZero(minus(y, earlier))))
      }, unpaid)
      return let_(text)
    })
    this.#before.push(before)
    this.#unpaid = after
    for (const { id, payer } of tiers) this.#payers.set(id, payer)
    this.#results.push({ paid: y, tier: number, tiers: tiers.map(({ id }) => id) })
  }

  readonly #payers = new Map<string, Payer>()

  #divide(sum: string): string {
    return this.#dialect.divide(paren(sum), String(WHOLE))
  }

  #share(amount: string, rate: string, bump: string): string {
    if (amount === '0' || rate === '0') return '0'
    if (rate === String(WHOLE)) return amount
    // An amount that is a choice of small numbers would be multiplied in 32 bits.
    const wide = isNumber(rate) ? `CAST(${rate} AS BIGINT)` : rate
    return this.#divide(`${paren(amount)} * ${wide} + ${bump}`)
  }

  #dueBefore(due: string, factor: string, bump: string): string {
    return this.#dialect.divide(
      `(${greatest('0', `${paren(due)} * ${WHOLE} - ${bump}`)} + ${factor} - 1)`,
      greatest('1', factor),
    )
  }

  /** The first point of the axis up to which the bands have paid so much. */
  #costAt(start: string, end: string, wanted: string, bands: Numbers['bands']): string {
    const cases = bands.map(({ above, upTo, rate, below }) => {
      const within = `(${wanted} - ${below})`
      const reached = `${above} + ${this.#dialect.divide(`(${within} + ${rate} - 1)`, greatest('1', rate))}`
      return `WHEN ${within} <= 0 THEN ${above} WHEN ${rate} > 0 AND ${within} <= ${times(rate, minus(upTo, above))} THEN ${reached}`
    })
    return least(end, greatest(start, `CASE ${cases.join(' ')} ELSE ${end} END`))
  }

  /**
   * How far a running total has come before each bill, where each bill adds `input`, but no further than its limit. Where
   * limits differ, the total is a pile of layers that fill from below: a bill fills those below its own limit.
   */
  #runUp(
    input: string,
    limit: string,
    limits: readonly number[],
    sumBefore: (sum: string) => string,
  ): string {
    const layers = limits.filter((each) => each > 0 && each < SQL_LIMIT).toSorted((a, b) => a - b)
    const filled: string[] = []
    let below = 0
    let left = input
    for (const top of layers) {
      const offered = isNumber(limit)
        ? left
        : this.chain.let(`CASE WHEN ${limit} >= ${top} THEN ${left} ELSE 0 END`)
      const sum = this.chain.let(sumBefore(offered))
      const before = this.chain.let(least(sum, String(top - below)))
      filled.push(before)
      if (top !== layers.at(-1))
        left = this.chain.let(minus(offered, least(offered, minus(String(top - below), before))))
      below = top
    }
    return this.chain.let(plus(filled))
  }
}

/** What earlier tiers paid that are meant: a column, nothing, or a choice. */
function paidBy(earlier: StageResult, meant: (tier: string) => boolean): string {
  const found = earlier.tiers.flatMap((id, i) => (meant(id) ? [i] : []))
  if (found.length === 0) return '0'
  if (found.length === earlier.tiers.length) return earlier.paid
  return `CASE WHEN ${found.map((i) => `${earlier.tier} = ${i}`).join(' OR ')} THEN ${earlier.paid} ELSE 0 END`
}

const periodOf = ({ period }: ResolvedInsurance['tier']): string => JSON.stringify(period ?? '')

/** Refuses what no window function adds up. */
function refuseUnwritable({ rows }: SqlStage): void {
  for (const { resolved } of rows) {
    const { tier, caps, bands } = resolved
    const refuse = (reason: NotSql): never => {
      throw new NotSqlError(reason, tier.id)
    }
    if (tier.counted.length > 0) refuse('counted')
    if (bands.at(-1)?.unknown) refuse('rate_unknown')
    const period = caps.some((cap) => cap.rule.per === 'period')
    if (period && resolved.guaranteedRatio && tier.guaranteedRatio?.stage === 'after-caps')
      refuse('guarantee_beyond_cap')
    if (tier.splits && !tier.paysDown.includes('inScope')) refuse('pays_down_elsewhere')
  }
}

const none = String(SQL_LIMIT)

/** The numbers of a stage's rows: one that all rows share is written out, others are columns of a small table. */
class Params {
  readonly name: string
  readonly columns: string[]
  readonly rows: number[][]
  readonly #stage: SqlStage
  readonly #at: string

  constructor(name: string, stage: SqlStage) {
    this.name = name
    this.#at = name.replace(/\D/g, '')
    this.#stage = stage
    this.columns = [`at_${this.#at}`]
    this.rows = stage.rows.map((_, i) => [i + 1])
    if (stage.optional || stage.rows.length === 0) this.rows.push([0])
  }

  /** `ofNone` is what holds where no tier takes part; left out, it does not matter. */
  of(name: string, value: (row: SqlRow) => number, ofNone?: number): string {
    const values = this.#stage.rows.map(value)
    const optional = this.#stage.optional
    const all = optional && ofNone !== undefined ? [...values, ofNone] : values
    if (new Set(all).size <= 1) return String(all[0] ?? 0)
    const column = `${name}_${this.#at}`
    if (this.columns.includes(column)) return column
    this.columns.push(column)
    for (const [i, row] of this.rows.entries()) row.push(values[i] ?? ofNone ?? values[0] ?? 0)
    return column
  }

  flag(name: string, value: (row: SqlRow) => boolean): string {
    return this.of(name, (row) => (value(row) ? 1 : 0), 0)
  }

  /** Every row, with the same number of columns. */
  close(): void {
    if (this.columns.length === 1) this.columns.push(`one_${this.#at}`)
    for (const row of this.rows) while (row.length < this.columns.length) row.push(1)
  }
}

/** The numbers of a tier's rules, as what stands for them in the query: a number, or the name of a column. */
type Numbers = ReturnType<typeof numbersOf>

const BUMPS = { 'half-up': 500_000, down: 0, up: 999_999 } as const

function numbersOf(params: Params, rows: readonly SqlRow[]) {
  const deductibleOf = ({ resolved }: SqlRow) => resolved.deductible
  const longest = (length: (row: SqlRow) => number) => Math.max(0, ...rows.map(length))
  const steps = longest((row) => {
    const found = deductibleOf(row)
    return found ? (found.ofStay?.steps.length ?? Math.max(1, found.ladder.length)) : 0
  })
  const ladder = Array.from({ length: steps }, (_, i) => {
    const stayStep = (row: SqlRow) => {
      const of = deductibleOf(row)?.ofStay?.steps
      return of?.[Math.min(i, of.length - 1)]
    }
    return {
      fixed: params.of(`fixed_${i}`, (row) => {
        const of = deductibleOf(row)
        const found = of?.ofStay ? [] : (of?.ladder ?? [])
        return found[Math.min(i, found.length - 1)] ?? 0
      }),
      stayFixed: params.of(`stay_fixed_${i}`, (row) => {
        const step = stayStep(row)
        return step && 'fixed' in step ? step.fixed : 0
      }),
      stayRate: params.of(`stay_rate_${i}`, (row) => {
        const step = stayStep(row)
        return step && 'rate' in step ? step.rate : 0
      }),
    }
  })
  const metLimit = (row: SqlRow) => {
    const found = deductibleOf(row)
    if (!found) return SQL_LIMIT
    return found.rule.kind === 'period' ? (found.ladder[0] ?? 0) : (found.periodTotal ?? SQL_LIMIT)
  }
  const eligibleCap = ({ resolved }: SqlRow) =>
    resolved.tier.eligibleCap ? (resolved.eligibleCap?.value ?? SQL_LIMIT) : SQL_LIMIT
  const periodCap = ({ resolved }: SqlRow) =>
    Math.min(
      SQL_LIMIT,
      ...resolved.caps.flatMap((cap) => (cap.rule.per === 'period' ? [cap.limit] : [])),
    )
  const distinct = (value: (row: SqlRow) => number) => {
    const found = [...new Set(rows.map(value))]
    const of = rows[0]?.resolved.tier.id ?? ''
    if (found.length > MOST_LIMITS) throw new NotSqlError('several_limits', of)
    return found
  }
  const bandCount = longest(({ resolved }) => resolved.bands.length)
  const bands = Array.from({ length: bandCount }, (_, i) => ({
    above: params.of(`above_${i}`, ({ resolved }) => resolved.bands[i]?.above ?? SQL_LIMIT),
    upTo: params.of(`up_to_${i}`, ({ resolved }) => resolved.bands[i]?.upTo ?? SQL_LIMIT),
    rate: params.of(`rate_${i}`, ({ resolved }) => resolved.bands[i]?.rate ?? 0),
    below: params.of(`below_${i}`, ({ resolved }) =>
      resolved.bands
        .slice(0, i)
        .reduce((sum, { above, upTo, rate }) => sum + ((upTo ?? above) - above) * rate, 0),
    ),
  }))
  const staged = (stage: string) => (row: SqlRow) =>
    row.resolved.guaranteedRatio !== undefined && row.resolved.tier.guaranteedRatio?.stage === stage
  return {
    weights: COMPONENTS.map((component, i) =>
      params.of(
        `weight_${i}`,
        ({ resolved }) => resolved.base.find((each) => each.component === component)?.weight ?? 0,
        0,
      ),
    ),
    baseWeight: params.of('base_weight', ({ resolved }) => resolved.baseWeight?.value ?? WHOLE),
    splits: params.flag('splits', ({ resolved }) => resolved.tier.splits),
    transferUpfront: params.of('upfront', ({ resolved }) => resolved.transferUpfront?.value ?? 0),
    eligibleCap: params.of('eligible_cap', eligibleCap),
    eligibleLimits: distinct((row) =>
      row.resolved.tier.eligibleCap?.per === 'period' ? eligibleCap(row) : SQL_LIMIT,
    ),
    eligiblePeriod: params.flag(
      'eligible_period',
      (row) =>
        row.resolved.tier.eligibleCap?.per === 'period' && row.resolved.eligibleCap !== undefined,
    ),
    hasDeductible: params.flag('deductible', (row) => deductibleOf(row) !== undefined),
    perPeriod: params.flag('per_period', (row) => deductibleOf(row)?.rule.kind === 'period'),
    counted: params.flag(
      'counted',
      (row) => deductibleOf(row)?.rule.kind === 'admission' && row.counted,
    ),
    ladder,
    basisOf: new Map(
      rows.flatMap((row) => {
        const basis = deductibleOf(row)?.ofStay?.basis
        return basis ? [[row.resolved.tier.id, basis] as const] : []
      }),
    ),
    stayFactor: params.of('stay_factor', (row) => deductibleOf(row)?.ofStay?.factor ?? 0),
    stayLeast: params.of('stay_least', (row) => deductibleOf(row)?.ofStay?.atLeast ?? 0),
    stayMost: params.of('stay_most', (row) => deductibleOf(row)?.ofStay?.atMost ?? SQL_LIMIT),
    stayFloor: params.of('stay_floor', (row) => deductibleOf(row)?.ofStay?.floor ?? 0),
    metLimit: params.of('met_limit', metLimit),
    metLimits: distinct(metLimit),
    gross: params.flag('gross', ({ resolved }) => resolved.tier.axis === 'gross'),
    overPeriod: params.flag('over_period', ({ resolved }) => resolved.tier.over === 'period'),
    bands,
    bump: params.of('bump', ({ resolved }) => BUMPS[resolved.tier.rounding]),
    factor: params.of('factor', ({ resolved }) => resolved.dueFactor?.value ?? WHOLE),
    ratio: params.of('ratio', ({ resolved }) => resolved.guaranteedRatio?.value ?? 0),
    guaranteeBefore: params.flag('guarantee_before', staged('before-caps')),
    guaranteeAfter: params.flag('guarantee_after', staged('after-caps')),
    caps: Array.from({ length: longest(({ resolved }) => resolved.caps.length) }, (_, i) => ({
      limit: params.of(`cap_${i}`, ({ resolved }) =>
        Math.min(SQL_LIMIT, resolved.caps[i]?.limit ?? SQL_LIMIT),
      ),
      period: params.flag(
        `cap_period_${i}`,
        ({ resolved }) => resolved.caps[i]?.rule.per === 'period',
      ),
      cost: params.flag(
        `cap_cost_${i}`,
        ({ resolved }) => resolved.caps[i]?.rule.excess === 'cost',
      ),
    })),
    capped: params.flag('capped', (row) => periodCap(row) < SQL_LIMIT),
    periodCap: params.of('period_cap', periodCap),
    capLimits: distinct(periodCap),
  }
}

// --- arithmetic as text ---------------------------------------------------------------------------

const isNumber = (sql: string): boolean => /^-?\d+$/.test(sql)
const isSimple = (sql: string): boolean => /^\w+$/.test(sql) || /^[A-Za-z]+\([^()]*\)$/.test(sql)
const paren = (sql: string): string => (isSimple(sql) ? sql : `(${sql})`)

function plus(terms: readonly string[]): string {
  const known = terms.filter(isNumber).reduce((sum, term) => sum + Number(term), 0)
  const rest = terms.filter((term) => !isNumber(term)).map(paren)
  return known === 0 && rest.length > 0 ? rest.join(' + ') : [...rest, String(known)].join(' + ')
}

function minus(a: string, b: string): string {
  if (b === '0') return a
  if (a === b) return '0'
  return isNumber(a) && isNumber(b) ? String(Number(a) - Number(b)) : `${paren(a)} - ${paren(b)}`
}

function times(a: string, b: string): string {
  if (a === '0' || b === '0') return '0'
  if (b === '1') return a
  if (isNumber(a) && isNumber(b)) return String(BigInt(a) * BigInt(b))
  return a === '1' ? b : `${paren(a)} * ${paren(b)}`
}

function least(a: string, b: string): string {
  if (a === b || b === none) return a
  if (a === none) return b
  if (a === '0' || b === '0') return '0'
  return isNumber(a) && isNumber(b) ? String(Math.min(Number(a), Number(b))) : `LEAST(${a}, ${b})`
}

function greatest(a: string, b: string): string {
  if (a === b) return a
  return isNumber(a) && isNumber(b)
    ? String(Math.max(Number(a), Number(b)))
    : `GREATEST(${a}, ${b})`
}

const floorZero = (difference: string): string =>
  isSimple(difference) && !isNumber(difference) ? difference : greatest('0', difference)

function numberOf(numbers: Map<string, number>, key: string): number {
  const known = numbers.get(key) ?? numbers.size + 1
  numbers.set(key, known)
  return known
}
