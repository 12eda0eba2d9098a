export { differenceLegs, yearLegs } from './post.ts'
export { readContract, yearsBetween } from './read-contract.ts'
export * from './types.ts'
export { releasedFor, sideOf, type YearRefusal, yearIn, yearOf } from './year.ts'
