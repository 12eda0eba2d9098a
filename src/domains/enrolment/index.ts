export { type BillFinding, findingsOf } from './bill-findings.ts'
export { checkOf, readIdNumber } from './id-number.ts'
export { adopt, continuityOf, insure, type Reading } from './insure.ts'
export * from './types.ts'
