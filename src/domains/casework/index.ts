export { type Clock, type ClockRefusal, clockOf, clockOn } from './clocks.ts'
export { INSURANCE_LAW_CLOCKS } from './insurance-law.ts'
export { type MoveRefusal, moved, stateOf } from './move.ts'
export * from './types.ts'
