export { type ProductFigures, productFigures } from './figures.store.ts'
