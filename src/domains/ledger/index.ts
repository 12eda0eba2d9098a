export {
  accountLeg,
  balanceAccount,
  balanceLeg,
  balancesOf,
  columnsOf,
  decided,
  legsIn,
  legsOf,
  payeeOf,
  redirect,
  reversed,
} from './post.ts'
export * from './types.ts'
