export {
  type Amounts,
  type BillRows,
  billOf,
  ColumnSettler,
  capBit,
  type FundTotal,
  type Persons,
  type PlanEntry,
  type Profile,
  personOf,
  planNumber,
  type ResultSink,
  UNBORN,
  weightOf,
} from './columns.ts'
export { type Compiled, type CompileRequest, compileSql, type SqlTable } from './compile.ts'
export type { NotSql } from './compile-sql.ts'
export { BILL_NOT_COUNTED, BILL_THIRD_PARTY, type Emitted, type Kernel } from './emit.ts'
export { Explainer } from './explain.ts'
export { type Kept, keptOf, settlementOf } from './kept.ts'
export { LINE_WIDTH, LineAllocator } from './lines.ts'
export { type LintFinding, lintBook, type Readmes } from './lint.ts'
export { type Plan, Planner } from './plan.ts'
export { accountsIn } from './postings.ts'
export { type ReliefPeriod, reliefPeriod, settleRelief } from './relief.ts'
export { type CountedBill, type Movement, replay } from './replay.ts'
export { attributesAsked } from './rules-within.ts'
export { readSchemes, type SchemeText } from './scheme.ts'
export * as formats from './scheme-format.ts'
export { createSettler, ENGINE, type Settler } from './settle.ts'
export { type RawLine, splitLine } from './split-line.ts'
export { DIALECTS, type DialectName } from './sql-dialect.ts'
export { parseTotalKey, totalKey } from './total-key.ts'
export * from './types.ts'
export { type Wait, waitsOf } from './waits.ts'
export { type PersonYear, yearOf } from './year.ts'
