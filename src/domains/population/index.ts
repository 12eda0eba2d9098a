export { CareMaker } from './care.ts'
export { BLOCK, PeopleMaker } from './people.ts'
export { readRates } from './rates.ts'
export * from './types.ts'
