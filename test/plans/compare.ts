import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  NotSqlError,
  QueryChain,
  type SqlStage,
  StageWriter,
} from '#domains/settlement/compile-sql.ts'
import { BILL_THIRD_PARTY, emit, type PlanStep } from '#domains/settlement/emit.ts'
import type { ResolvedInsurance } from '#domains/settlement/resolve.ts'
import { type DialectName, SQL_DIALECTS } from '#domains/settlement/sql-dialect.ts'
import { COMPONENTS, NATIVE_COMPONENTS } from '#domains/settlement/types.ts'
import { amount, plan } from './random.ts'

/** Bills of one person, in their order: each is its six native components. */
export type PersonBills = readonly (readonly number[])[]

export type Case = {
  readonly steps: readonly ResolvedInsurance[]
  readonly persons: readonly PersonBills[]
}

/** Random plans made of what SQL can carry, for a few persons with some bills each. */
export const sqlCase: fc.Arbitrary<Case> = fc.record({
  steps: plan.map(carried),
  persons: fc.array(
    fc.array(
      fc.array(fc.oneof(fc.constant(0), amount, fc.integer({ min: 0, max: 2_000_000_000 })), {
        minLength: NATIVE_COMPONENTS.length,
        maxLength: NATIVE_COMPONENTS.length,
      }),
      { minLength: 1, maxLength: 8 },
    ),
    { minLength: 2, maxLength: 4 },
  ),
})

/** Leaves out what is refused by name: accounts, third parties, counted limits, and a pool that several tiers share. */
function carried(steps: readonly PlanStep[]): ResolvedInsurance[] {
  let pooled = false
  return steps.flatMap((step) => {
    if (step.kind !== 'insurance') return []
    const { deductible, tier } = step
    const pool = pooled ? undefined : deductible?.rule.pool
    if (pool !== undefined) pooled = true
    return [
      {
        ...step,
        tier: { ...tier, counted: [] },
        deductible: deductible && { ...deductible, rule: { ...deductible.rule, pool } },
      },
    ]
  })
}

/** The query of a plan over bills that are written into it; undefined where it is refused by name. */
export function queryOf({ steps, persons }: Case, dialect: DialectName): string | undefined {
  const native = NATIVE_COMPONENTS.map((_, i) => `cost_${i}`)
  const stages = steps.map(
    (resolved): SqlStage => ({ rows: [{ resolved, counted: true }], optional: false }),
  )
  const columns = ['bill_0', 'person_0', 'seq_0', ...native]
  const perStage = steps.flatMap((_, s) => [`row_${s + 1}`, `period_${s + 1}`])
  const { table } = SQL_DIALECTS[dialect]
  const writer = new StageWriter(
    new QueryChain('placed', [...columns, ...perStage]),
    SQL_DIALECTS[dialect],
  )
  try {
    for (const stage of stages) writer.add(stage)
  } catch (error) {
    if (error instanceof NotSqlError) return undefined
    throw error
  }
  let bill = 0
  const rows = persons.flatMap((bills, person) =>
    bills.map((parts, i) => [
      bill++,
      person,
      i,
      ...parts,
      ...perStage.map((_, k) => (k % 2 === 0 ? 1 : 0)),
    ]),
  )
  const paid = writer.results.map((each) => each.paid)
  const { ctes, last } = writer.chain.write(['bill_0', ...paid, writer.patient])
  const placed = `placed AS (SELECT * FROM ${table([...columns, ...perStage], rows)})`
  return `WITH ${[placed, ...writer.tables, ...ctes].join(',\n')} SELECT ${['bill_0', ...paid, writer.patient].map((sql, i) => `${sql} AS out_${i}`).join(', ')} FROM ${last} ORDER BY bill_0 ${SQL_DIALECTS[dialect].closing}`
}

/** What the kernel makes of the same bills: for each what every tier paid and what the patient bears. */
export function kernelRows({ steps, persons }: Case): number[][] {
  const code = emit(steps)
  let bill = 0
  return persons.flatMap((bills) => {
    const totals = new Map<string, number>()
    return bills.map((parts) => {
      const numbers = new Float64Array(code.billLength)
      numbers.set(parts)
      numbers[BILL_THIRD_PARTY] = 0
      const state = Float64Array.from(code.slots, ({ slot, runsOver }) =>
        runsOver === 'stay' ? 0 : (totals.get(slot) ?? 0),
      )
      const out = new Float64Array(code.outLength)
      code.run(numbers, 0, state, 0, out, 0, new Float64Array(0))
      for (const [i, { slot, runsOver }] of code.slots.entries())
        if (runsOver !== 'stay') totals.set(slot, state[i] as number)
      const patient = COMPONENTS.reduce((sum, _, i) => sum + (out[code.left + i] as number), 0)
      return [bill++, ...code.tiers.map(({ paid }) => out[paid] as number), patient]
    })
  })
}

/** Runs plans through an engine until so many were compared; a difference fails with the smallest plan that shows it. */
export async function comparePlans(
  count: number,
  dialect: DialectName,
  run: (sql: string) => Promise<readonly (readonly number[])[]>,
  seed?: number,
): Promise<{ compared: number; refused: number; bills: number }> {
  const tally = { compared: 0, refused: 0, bills: 0 }
  await fc.assert(
    fc.asyncProperty(sqlCase, async (one) => {
      const sql = queryOf(one, dialect)
      if (sql === undefined) {
        tally.refused++
        return
      }
      const found = await run(sql)
      assert.deepEqual(found, kernelRows(one))
      tally.compared++
      tally.bills += found.length
    }),
    { numRuns: count, ...(seed === undefined ? {} : { seed }) },
  )
  return tally
}
