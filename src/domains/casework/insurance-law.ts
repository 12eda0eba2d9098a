import { plainDate } from '#base/plain-date.ts'
import type { ClockRule, ClockSource } from './types.ts'

const LAW: Omit<ClockSource, 'title'> = {
  address: '地址未留存（未打开官方原页）',
  grade: 'C',
  note: 'Its wording was read in the clauses of contracts that repeat it; the official page was not opened.',
}
const article = (number: string): ClockSource => ({ title: `保险法第${number}条`, ...LAW })
const LAW_OF_2009 = plainDate('2009-10-01')

/**
 * Clocks of commercial tiers, in calendar days. The law's «promptly» before the thirty days has no number, and gets none
 * here. Bureaus' clocks are not among them: no published number of working days was found.
 */
export const INSURANCE_LAW_CLOCKS: readonly ClockRule[] = [
  {
    id: 'decide',
    zh: '作出核定',
    en: 'Decide',
    from: LAW_OF_2009,
    days: 30,
    unit: 'calendar',
    starts: ['accept'],
    ends: ['decide', 'approve'],
    pauses: false,
    source: article('二十三'),
  },
  {
    id: 'decide',
    zh: '作出核定',
    en: 'Decide',
    from: plainDate('2013-06-08'),
    days: 30,
    unit: 'calendar',
    starts: ['accept'],
    ends: ['decide', 'approve'],
    pauses: true,
    source: {
      title: '保险法第二十三条；最高人民法院关于适用保险法若干问题的解释（二）第七条',
      address: '地址未留存（未打开官方原页）',
      grade: 'D',
      note: 'That days of asked-for documents are not counted is given from memory; no page of the interpretation was opened.',
    },
  },
  {
    id: 'pay',
    zh: '履行给付',
    en: 'Pay',
    from: LAW_OF_2009,
    days: 10,
    unit: 'calendar',
    starts: ['decide', 'approve', 'revise'],
    outcomes: ['pay', 'cut'],
    ends: ['close'],
    pauses: false,
    source: article('二十三'),
  },
  {
    id: 'refusal-notice',
    zh: '发出拒赔通知并说明理由',
    en: 'Send the refusal with its reasons',
    from: LAW_OF_2009,
    days: 3,
    unit: 'calendar',
    starts: ['decide', 'approve'],
    outcomes: ['refuse'],
    ends: ['notify'],
    pauses: false,
    source: article('二十四'),
  },
  {
    id: 'certain-part',
    zh: '先行支付可确定的数额',
    en: 'Pay the part that is certain',
    from: LAW_OF_2009,
    days: 60,
    unit: 'calendar',
    starts: ['accept'],
    ends: ['decide', 'approve'],
    pauses: false,
    source: article('二十五'),
  },
]
