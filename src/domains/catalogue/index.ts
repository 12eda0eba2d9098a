export { createCatalogue } from './catalogue.ts'
export { applyLimits, type LimitOutcome } from './limits.ts'
export { citationsOf, contradiction, lookUp, placesAbove } from './lookup.ts'
export { COLUMNS, type Column, RowReader } from './read-rows.ts'
export { type ResolvedLine, resolveLine } from './resolve-line.ts'
export {
  fullPinyin,
  initials,
  normalWords,
  piecesAsked,
  piecesOf,
  searchText,
} from './search-terms.ts'
export * from './types.ts'
