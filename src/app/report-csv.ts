import { type Fen, formatYuan } from '#base/money.ts'
import { type Bill, PAYERS, type Payer } from '#domains/settlement/index.ts'
import { BYTE_ORDER_MARK, csvRow } from '#platform/sheet-out.ts'
import type { Vocabulary } from '#rulebook/attributes.ts'
import { describeRefusal } from './messages.ts'
import type { Language } from './options.ts'
import type { Outcome, SettledBill } from './settle-input.ts'

/**
 * The settlements as CSV: one row a bill, the national interface's field names, and columns of our own
 * where it has no field. Money is decimal text in yuan. Starts with the byte-order mark that spreadsheet
 * programs need for Chinese, and keeps texts from being read as formulas.
 */
export function* reportCsv(
  outcomes: readonly Outcome[],
  vocabulary: Vocabulary,
  lang: Language,
): Generator<string> {
  yield BYTE_ORDER_MARK + csvRow(COLUMNS)
  for (const outcome of outcomes) {
    const cells: Record<string, string> = {
      ...identity(outcome.bill),
      ...charges(outcome.bill),
      settled_without: outcome.without.join(' '),
      ...(outcome.settled
        ? settledCells(outcome.settlement, lang)
        : refusedCells(outcome, vocabulary, lang)),
    }
    yield csvRow(COLUMNS.map((name) => cells[name] ?? ''))
  }
}

const OWN_FIELDS: Readonly<
  Record<'liableThirdParty' | 'groupCommercial' | 'individualCommercial', string>
> = {
  liableThirdParty: 'liable_third_party_pay',
  groupCommercial: 'group_commercial_pay',
  individualCommercial: 'individual_commercial_pay',
}

const COLUMNS: readonly string[] = [
  'bill',
  'person',
  'admitted',
  'discharged',
  'settled',
  'status',
  'scheme',
  'scheme_title',
  'teaching',
  'medfee_sumamt',
  'fulamt_ownpay_amt',
  'overlmt_selfpay',
  'preselfpay_amt',
  'inscp_scp_amt',
  'special_drug_amt',
  'separate_item_amt',
  'hifp_pay',
  'cvlserv_pay',
  'hifob_pay',
  'hifmi_pay',
  'maf_pay',
  'hifes_pay',
  'oth_pay',
  'fund_pay_sumamt',
  'hosp_part_amt',
  ...Object.values(OWN_FIELDS),
  'acct_pay',
  'acct_mulaid_pay',
  'psn_part_amt',
  'psn_cash_pay',
  'benefits_beside_bill',
  'recoverable',
  'badges',
  'refusal_code',
  'refusal_message',
  'refusal_remedy',
  'settled_without',
]

function identity({ id, person, admitted, discharged, settled }: Bill): Record<string, string> {
  return { bill: id, person, admitted, discharged, settled }
}

function charges({ total, parts }: Bill): Record<string, string> {
  return {
    medfee_sumamt: formatYuan(total),
    fulamt_ownpay_amt: formatYuan(parts.outOfScope),
    overlmt_selfpay: formatYuan(parts.overLimit),
    preselfpay_amt: formatYuan(parts.upfront),
    inscp_scp_amt: formatYuan(parts.inScope + parts.separateItem),
    special_drug_amt: formatYuan(parts.specialDrug),
    separate_item_amt: formatYuan(parts.separateItem),
  }
}

/** The payers that `fund_pay_sumamt` adds up. */
const FUNDS: readonly Payer[] = [
  'basicPool',
  'civilServant',
  'employeeLargeAmount',
  'residentCriticalIllness',
  'medicalAid',
  'enterpriseSupplement',
  'citySupplementary',
]

function settledCells(settlement: SettledBill, lang: Language): Record<string, string> {
  const { payers, patient } = settlement
  const paid = (payer: Payer): number => payers[payer] ?? 0
  const accounts = paid('personalAccount') + paid('familyAccount')
  const cells: Record<string, string> = {
    status: 'settled',
    scheme: settlement.scheme,
    scheme_title: settlement.title[lang],
    teaching: settlement.teaching ? 'true' : 'false',
    fund_pay_sumamt: formatYuan(sum(FUNDS.map(paid))),
    psn_part_amt: formatYuan(patient + accounts),
    psn_cash_pay: formatYuan(patient),
    benefits_beside_bill: formatYuan(sum(settlement.benefits.map(({ amount }) => amount))),
    recoverable: formatYuan(sum(settlement.recoveries.map(({ amount }) => amount))),
    badges: settlement.badges.join(' '),
  }
  for (const [payer, { field }] of Object.entries(PAYERS) as [Payer, { field?: string }][])
    cells[field ?? OWN_FIELDS[payer as keyof typeof OWN_FIELDS]] = formatYuan(paid(payer))
  return cells
}

function refusedCells(
  { refusal }: Outcome & { settled: false },
  vocabulary: Vocabulary,
  lang: Language,
): Record<string, string> {
  const { zh, en, remedyZh, remedyEn } = describeRefusal(refusal, vocabulary)
  return {
    status: 'refused',
    refusal_code: refusal.code,
    refusal_message: lang === 'zh' ? zh : en,
    refusal_remedy: lang === 'zh' ? remedyZh : remedyEn,
  }
}

const sum = (amounts: readonly (number | Fen)[]): number => amounts.reduce((a, b) => a + b, 0)
