export { faultsOf, monthOf, yearOf } from './month.ts'
export * from './types.ts'
