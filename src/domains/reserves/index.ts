export { estimate, monthsBetween, runOffs, triangleOf } from './estimate.ts'
export * from './types.ts'
