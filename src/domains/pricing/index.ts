export { type ClaimsOfAll, premiumAt, premiumFan } from './premium.ts'
export { countOf, type Solution, solve, type Tried, valueAt } from './solve.ts'
export {
  type Counted,
  type Crossing,
  FEWEST,
  hiddenRows,
  toldCounts,
  toldCrossing,
  tooFew,
} from './suppress.ts'
export * from './types.ts'
