import type { BankAccount, Holder } from './types.ts'

/** What is wrong with an account, and with which of its fields. */
export type AccountFault = {
  readonly field: 'number' | 'bankCode' | 'name' | 'answerDays' | 'holderId'
  readonly fault:
    | 'not_digits'
    | 'card_length'
    | 'card_check'
    | 'bank_code_form'
    | 'bank_code_check'
    | 'fund_form'
    | 'answer_days'
    | 'region_form'
}

/** What is wrong with an account that somebody gives; nothing where its numbers hold. */
export function faultsOf(account: BankAccount): AccountFault[] {
  const { kind, number, bankCode, holder, holderId, answerDays } = account
  const faults: AccountFault[] = []
  if (
    holder === 'fund' &&
    !/^[^@/]+@\S+$/.test(holderId) &&
    !/^(personal|family)Account$/.test(holderId)
  )
    faults.push({ field: 'holderId', fault: 'fund_form' })
  if (holder === 'region' && !/^\d{6}$/.test(holderId))
    faults.push({ field: 'holderId', fault: 'region_form' })
  if ((holder === 'fund') !== (answerDays !== undefined))
    faults.push({ field: 'answerDays', fault: 'answer_days' })
  if (!/^\d{6,32}$/.test(number)) faults.push({ field: 'number', fault: 'not_digits' })
  else if (kind === 'card') {
    if (number.length < 16 || number.length > 19)
      faults.push({ field: 'number', fault: 'card_length' })
    else if (!hasCardCheck(number)) faults.push({ field: 'number', fault: 'card_check' })
  }
  if (!/^\d{12}$/.test(bankCode)) faults.push({ field: 'bankCode', fault: 'bank_code_form' })
  else if (!hasBankCodeCheck(bankCode)) faults.push({ field: 'bankCode', fault: 'bank_code_check' })
  return faults
}

/** The last digit of a card number: ISO/IEC 7812-1, known as Luhn's. */
export function hasCardCheck(number: string): boolean {
  let sum = 0
  for (const [i, digit] of [...number].toReversed().entries()) {
    const weighted = Number(digit) * (i % 2 === 0 ? 1 : 2)
    sum += weighted > 9 ? weighted - 9 : weighted
  }
  return sum % 10 === 0
}

/** The last digit of a 联行号: ISO 7064 MOD 11,10 (GB/T 17710), as for the numbers of the payment system. */
export function hasBankCodeCheck(code: string): boolean {
  let product = 10
  for (const digit of code.slice(0, -1)) {
    const sum = (product + Number(digit)) % 10 || 10
    product = (sum * 2) % 11
  }
  return (11 - product) % 10 === Number(code.at(-1))
}

/** All but the last four digits are marks. */
export const maskedNumber = (number: string): string => `${'*'.repeat(4)}${number.slice(-4)}`

/** The account of a payee names its holder: `institution/H1` is of the institution H1. */
export function holderOf(payee: string): { readonly holder: Holder; readonly holderId: string } {
  const at = payee.indexOf('/')
  const [holder, rest] = [payee.slice(0, at) as Holder, payee.slice(at + 1)]
  // What a co-insurer is owed is kept by panel; it has one account for all of them.
  return { holder, holderId: holder === 'coinsurer' ? rest.replace(/\/.*$/, '') : rest }
}
