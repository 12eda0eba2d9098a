export { faultsOf, maskedNumber } from './account-number.ts'
export { PAIN_001, pain001 } from './pain001.ts'
export { readSent, readStatusFile, StatusFileFault } from './status-file.ts'
export * from './types.ts'
