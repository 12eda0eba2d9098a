export { readSchemes, type SchemeText } from './scheme.ts'
export * from './types.ts'
