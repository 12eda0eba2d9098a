export {
  accountLeg,
  balanceAccount,
  balanceLeg,
  balancesOf,
  clearedLegs,
  columnsOf,
  decided,
  fundOf,
  legsIn,
  legsOf,
  payeeOf,
  payerOf,
  redirect,
  regionAccount,
  reversed,
} from './post.ts'
export * from './types.ts'
