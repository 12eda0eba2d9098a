export { amountOf } from './month.ts'
export * from './types.ts'
