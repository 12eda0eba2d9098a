import assert from 'node:assert/strict'
import { z } from 'zod'
import { formatYuan, parseYuan } from '#base/money.ts'
import { PAYERS, type Payer, type Settlement, type Step } from './types.ts'

/**
 * Bills and settlements in the field names of the national interface (医保信息平台接口). Amounts are yuan
 * with two decimals, as text.
 *
 * Implementers disagree on the personal fields, so every choice made here is written out below.
 */

/** The fields of `setlinfo`, in the order of the interface. */
export const SETLINFO_FIELDS = {
  medfee_sumamt: '医疗费总额',
  fulamt_ownpay_amt: '全自费金额',
  overlmt_selfpay: '超限价自费费用',
  preselfpay_amt: '先行自付金额',
  inscp_scp_amt: '符合政策范围金额',
  act_pay_dedc: '实际支付起付线',
  hifp_pay: '基本医疗保险统筹基金支出',
  cvlserv_pay: '公务员医疗补助资金支出',
  hifes_pay: '企业补充医疗保险基金支出',
  hifmi_pay: '居民大病保险资金支出',
  hifob_pay: '职工大额医疗费用补助基金支出',
  maf_pay: '医疗救助基金支出',
  hosp_part_amt: '医院负担金额',
  oth_pay: '其他支出',
  fund_pay_sumamt: '基金支付总额',
  psn_part_amt: '个人负担总金额',
  acct_pay: '个人账户支出',
  acct_mulaid_pay: '个人账户共济支付金额',
  psn_cash_pay: '个人现金支出',
} as const

export type SetlinfoField = keyof typeof SETLINFO_FIELDS

export type NationalSettlement = {
  readonly setlinfo: Readonly<Record<SetlinfoField, string>>
  /** Payers that the interface has no field for: they stand inside `psn_part_amt` and `psn_cash_pay`. */
  readonly withoutField: readonly { readonly payer: Payer; readonly amount: string }[]
}

/** Paid by funds: together they are `fund_pay_sumamt`. */
const FUNDS: readonly SetlinfoField[] = [
  'hifp_pay',
  'cvlserv_pay',
  'hifes_pay',
  'hifmi_pay',
  'hifob_pay',
  'maf_pay',
  'oth_pay',
]

/**
 * A settlement in the fields of `setlinfo`. Identities that hold to the fen:
 *
 *     medfee_sumamt = inscp_scp_amt + preselfpay_amt + overlmt_selfpay + fulamt_ownpay_amt
 *     medfee_sumamt = fund_pay_sumamt + hosp_part_amt + psn_part_amt
 *     psn_part_amt  = acct_pay + acct_mulaid_pay + psn_cash_pay
 *
 * Items paid at a rate of their own are within the policy's scope, so they count as 符合政策范围金额.
 * Listed special drugs stand outside the catalogue, so they count as 全自费. 惠民保 is 其他支出. What a
 * commercial policy or a liable third party pays reaches the patient outside the interface, which sees
 * it as the patient's cash.
 */
export function toSetlinfo(
  settlement: Omit<Settlement, 'totals'>,
  steps: readonly Step[],
): NationalSettlement {
  const { components, payers, total } = settlement
  const fen = Object.fromEntries(Object.keys(SETLINFO_FIELDS).map((field) => [field, 0])) as Record<
    SetlinfoField,
    number
  >
  const withoutField: { payer: Payer; amount: string }[] = []
  for (const [payer, amount] of Object.entries(payers) as [Payer, number][]) {
    const field = PAYERS[payer].field
    if (field) fen[field] += amount
    else withoutField.push({ payer, amount: formatYuan(amount) })
  }
  fen.medfee_sumamt = total
  fen.inscp_scp_amt = components.inScope.total + components.separateItem.total
  fen.preselfpay_amt = components.upfront.total
  fen.overlmt_selfpay = components.overLimit.total
  fen.fulamt_ownpay_amt = components.outOfScope.total + components.specialDrug.total
  fen.act_pay_dedc = deductibleOfBasicFund(settlement, steps)
  fen.fund_pay_sumamt = FUNDS.reduce((sum, field) => sum + fen[field], 0)
  fen.psn_part_amt = total - fen.fund_pay_sumamt - fen.hosp_part_amt
  fen.psn_cash_pay = fen.psn_part_amt - fen.acct_pay - fen.acct_mulaid_pay
  const outside = withoutField.reduce((sum, { amount }) => sum + (parseYuan(amount) ?? 0), 0)
  assert.equal(fen.psn_cash_pay, settlement.patient + outside, 'cash is what nobody else pays')
  const setlinfo = Object.fromEntries(
    Object.entries(fen).map(([field, amount]) => [field, formatYuan(amount)]),
  ) as Record<SetlinfoField, string>
  return { setlinfo, withoutField }
}

/** What the basic fund left below its deductible on this bill, whoever paid it later. */
function deductibleOfBasicFund(
  { tiers }: Pick<Settlement, 'tiers'>,
  steps: readonly Step[],
): number {
  const basic = new Set(tiers.filter(({ payer }) => payer === 'basicPool').map(({ tier }) => tier))
  return steps.reduce(
    (sum, step) => (step.step === 'deductible' && basic.has(step.tier) ? sum + step.applied : sum),
    0,
  )
}

// --- bills ---------------------------------------------------------------------------------------

/** The interface writes amounts as numbers or as text; both are read digit by digit. */
const Yuan = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine((text) => /^\d{1,13}(\.\d{1,2}0*)?$/.test(text), {
    error: 'an amount in yuan, not negative, with at most two decimals',
  })
  .transform((text) => text.replace(/(\.\d{2})0+$/, '$1'))
  .meta({ id: 'NationalAmount', description: 'Yuan with two decimals, as text or as a number' })

/** A ratio such as 0.1, which is 10%. */
const Ratio = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine((text) => /^(0(\.\d{1,6})?|1(\.0{1,6})?)$/.test(text), {
    error: 'a ratio from 0 to 1 with at most six decimals',
  })

const Moment = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2})?)?$/, {
    error: 'a date YYYY-MM-DD, or a date and a time',
  })
  .transform((text) => text.slice(0, 10))

/** 收费项目等级: the code of the interface, or the word. */
const CLASSES = { '01': '甲', '02': '乙', '03': '丙', 甲: '甲', 乙: '乙', 丙: '丙' } as const

export const NationalBill = z
  .object({
    setlinfo: z.looseObject({
      setl_id: z.string().min(1).max(100).optional(),
      mdtrt_id: z.string().min(1).max(100).optional(),
      psn_no: z.string().min(1).max(100),
      setl_begn_date: Moment.meta({ description: '结算开始日期: the day of admission' }),
      setl_end_date: Moment.meta({ description: '结算结束日期: the day of discharge' }),
      setl_time: Moment.optional(),
      medfee_sumamt: Yuan,
      fulamt_ownpay_amt: Yuan.optional(),
      overlmt_selfpay: Yuan.optional(),
      preselfpay_amt: Yuan.optional(),
      inscp_scp_amt: Yuan.optional(),
    }),
    items: z
      .array(
        z.looseObject({
          feedetl_sn: z.string().min(1).max(100).optional(),
          det_item_fee_sumamt: Yuan,
          cnt: z.union([z.string(), z.number()]).transform(String).optional(),
          pric_uplmt_amt: Yuan.optional(),
          selfpay_prop: Ratio.optional(),
          chrgitm_lv: z
            .enum(Object.keys(CLASSES) as [keyof typeof CLASSES])
            .meta({ description: '收费项目等级: 01 甲, 02 乙, 03 丙' }),
        }),
      )
      .min(1)
      .optional(),
    person: z
      .unknown()
      .optional()
      .meta({ description: 'A person as in Upload; one who is known is named by psn_no alone' }),
    answers: z
      .record(z.string(), z.union([z.string(), z.int()]))
      .optional()
      .meta({ description: 'What the rules ask of the bill, such as { "level": "三级" }' }),
  })
  .meta({ id: 'NationalBill', description: 'A bill in the field names of the national interface' })

/** The bill as an upload. What it means is left to the reader of uploads. */
export function fromNational({
  setlinfo,
  items,
  person,
  answers,
}: z.output<typeof NationalBill>): Record<string, unknown> {
  const { psn_no, setl_begn_date, setl_end_date, setl_time, setl_id, mdtrt_id } = setlinfo
  const bill = {
    id: setl_id ?? mdtrt_id ?? 'national',
    person: psn_no,
    admitted: setl_begn_date,
    discharged: setl_end_date,
    settled: setl_time ?? setl_end_date,
    ...(answers ? { answers } : {}),
  }
  const { medfee_sumamt, fulamt_ownpay_amt, overlmt_selfpay, preselfpay_amt, inscp_scp_amt } =
    setlinfo
  const summary = {
    medfee_sumamt,
    ...(inscp_scp_amt === undefined ? {} : { inscp_scp_amt }),
    ...(preselfpay_amt === undefined ? {} : { preselfpay_amt }),
    ...(overlmt_selfpay === undefined ? {} : { overlmt_selfpay }),
    ...(fulamt_ownpay_amt === undefined ? {} : { fulamt_ownpay_amt }),
  }
  const charges = items ? { lines: items.map(lineOf) } : { national: summary }
  return {
    amounts: 'yuan',
    persons: person === undefined ? [] : [person],
    bills: [{ ...bill, ...charges }],
  }
}

type Item = NonNullable<z.output<typeof NationalBill>['items']>[number]

function lineOf(item: Item, index: number): Record<string, unknown> {
  const { feedetl_sn, det_item_fee_sumamt, cnt, pric_uplmt_amt, selfpay_prop, chrgitm_lv } = item
  const limited = pric_uplmt_amt !== undefined && !/^0*(\.0*)?$/.test(pric_uplmt_amt)
  return {
    id: feedetl_sn ?? String(index + 1),
    class: CLASSES[chrgitm_lv],
    amount: det_item_fee_sumamt,
    ...(cnt === undefined ? {} : { quantity: cnt }),
    // A limit of zero is how the interface says that there is none.
    ...(limited ? { limitPrice: pric_uplmt_amt } : {}),
    ...(selfpay_prop === undefined ? {} : { upfrontShare: percentOf(selfpay_prop) }),
  }
}

/** `percentOf('0.125')` is `12.5%`, moved digit by digit. */
function percentOf(ratio: string): string {
  const [whole = '0', decimals = ''] = ratio.split('.')
  const digits = `${whole}${decimals.padEnd(6, '0')}`
  const percent = `${Number(digits.slice(0, 3))}`
  const rest = digits.slice(3).replace(/0+$/, '')
  return `${percent}${rest ? `.${rest}` : ''}%`
}
