export { maySay } from './agreement.ts'
export { checkPanel, closable, openMonth } from './panel.ts'
export { movedParts, owedBy, partsOf, receivedLegs, sharedLegs } from './shares.ts'
export {
  type AccountMonth,
  accountOf,
  type InsurerLine,
  type Moved,
  percent,
  type Statement,
  statementOf,
} from './statement.ts'
export * from './types.ts'
