export { countOf, type Solution, type Steps, solve, type Tried, valueAt } from './solve.ts'
export { FEWEST, hiddenRows } from './suppress.ts'
