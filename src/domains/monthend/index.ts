export { faultsOf, isMonth, monthAfter, monthOf, yearOf } from './month.ts'
export * from './types.ts'
