import { PAYERS, type Payer, type Title } from '#domains/settlement/index.ts'
import type { StatementRecord } from '#domains/settlement/statements.routes.ts'
import { maskedNumber, Paper } from './paper.ts'
import { thousands } from './words.ts'

/** 重算说明: what a replay changed, why, and what is paid or taken back, on paper. */
export function printStatement(record: StatementRecord): Promise<Buffer> {
  const sheet = new Paper({
    Title: `重算说明 ${record.id}`,
    Subject: 'Statement of bills settled again',
    Creator: 'Kangyang',
  })
  sheet.title('重新结算说明', 'Statement of bills settled again')
  sheet.pairs([
    ['参保人', 'Person', record.name || '—'],
    ['人员编号', 'Person no.', maskedNumber(record.person)],
    ['起因', 'Cause', both(causeOf(record.cause), ' · ')],
    ['原因', 'Reason', record.reason || '—'],
    ['办理时间', 'Recorded', `${record.at.replace('T', ' ').slice(0, 19)} · ${record.user}`],
  ])
  for (const difference of record.differences) printBill(sheet, difference)
  printAdjustments(sheet, record.adjustments)
  return sheet.finish({
    watermark: undefined,
    stamp: undefined,
    foot: `重算说明 ${record.id}`,
  })
}

function printBill(sheet: Paper, difference: StatementRecord['differences'][number]): void {
  const { bill, reasons, payers, benefits, patient, total, spentSince, refusal } = difference
  sheet.section(`账单 ${bill}`, `Bill ${bill}`)
  sheet.line(reasons.map((reason) => both(REASON_WORDS[reason], ' · ')).join('；'))
  const row = (name: Title, { before, after }: { before: number; after: number }) => [
    both(name),
    thousands(before),
    thousands(after),
    signed(after - before),
  ]
  const named = (moved: typeof payers) => Object.entries(moved) as [Payer, typeof total][]
  sheet.table(
    [
      { head: ['各方', 'Party'], width: 245 },
      { head: ['原为', 'Before'], width: 90, right: true },
      { head: ['现为', 'After'], width: 90, right: true },
      { head: ['差额', 'Difference'], width: 90, right: true },
    ],
    [
      ...named(payers).map(([payer, moved]) => row(PAYERS[payer], moved)),
      row({ zh: '个人负担', en: 'Patient' }, patient),
      row({ zh: '总费用', en: 'Total' }, total),
      ...named(benefits).map(([payer, moved]) =>
        row(
          { zh: `定额给付（${PAYERS[payer].zh}）`, en: `Fixed benefit (${PAYERS[payer].en})` },
          moved,
        ),
      ),
    ],
    { strong: 2 },
  )
  if (spentSince > 0)
    sheet.small(
      `账户在费用发生时有余额，其后已用去 ${thousands(spentSince)} 元，本次不能再支付 · ${thousands(spentSince)} yuan that were in the account then have been spent since and could not be drawn`,
    )
  if (refusal)
    sheet.small(
      `按现有信息不能结算（${refusal}），在有人决定之前维持原结算 · Not to be settled by what is known now (${refusal}); it stands as it was until a person decides`,
    )
}

function printAdjustments(sheet: Paper, adjustments: StatementRecord['adjustments']): void {
  sheet.section('补付与追回', 'Supplements and recoveries (yuan)')
  if (adjustments.length === 0) {
    sheet.line(
      '没有：款项尚未清算，或金额未变 · None: nothing had been cleared, or no amount changed',
    )
    return
  }
  sheet.table(
    [
      { head: ['账单', 'Bill'], width: 110 },
      { head: ['事项', 'What'], width: 75 },
      { head: ['由', 'From'], width: 100 },
      { head: ['付给', 'To'], width: 100 },
      { head: ['状态', 'State'], width: 65 },
      { head: ['金额', 'Amount'], width: 65, right: true },
    ],
    adjustments.map(({ bill, kind, from, to, state, amount }) => [
      bill,
      both(KINDS[kind]),
      both(partyOf(from)),
      both(partyOf(to)),
      both(STATES[state]),
      thousands(amount),
    ]),
    { strong: 0 },
  )
}

const both = ({ zh, en }: Title, between = '\n'): string => zh + between + en
const signed = (amount: number): string =>
  amount > 0 ? `+${thousands(amount)}` : amount < 0 ? `−${thousands(-amount)}` : '0.00'

function partyOf(party: string): Title {
  if (party === 'person') return { zh: '本人', en: 'Person' }
  if (party === 'institution') return { zh: '医疗机构', en: 'Institution' }
  return PAYERS[party as Payer]
}

function causeOf({ kind, ...of }: StatementRecord['cause']): Title {
  const bill = 'bill' in of ? of.bill : ''
  switch (kind) {
    case 'late-bill':
      return { zh: `账单 ${bill} 后到`, en: `bill ${bill} came late` }
    case 'reversal':
      return { zh: `撤销账单 ${bill} 的结算`, en: `the settlement of bill ${bill} was reversed` }
    case 'correction':
      return { zh: `更正账单 ${bill}`, en: `bill ${bill} was corrected` }
    case 'person':
      return { zh: '参保或身份信息变更', en: 'cover or status changed' }
    case 'account':
      return { zh: '个人账户变动', en: 'an entry of the account' }
    case 'payment':
      return {
        zh: '付款失败，账单不再计为已清算',
        en: 'a payment failed: the bill is no longer cleared',
      }
    case 'rules':
      return { zh: '规则更正', en: 'the rules were corrected' }
  }
}

const REASON_WORDS = {
  own: { zh: '账单本身新增、更正或撤销', en: 'the bill itself is new, corrected or reversed' },
  rules: { zh: '规则更正', en: 'the rules were corrected' },
  arithmetic: { zh: '计算程序更正', en: 'the program computes otherwise' },
  facts: { zh: '参保或身份信息变更', en: 'cover or status changed' },
  totals: { zh: '前面的账单使年度累计变化', en: 'earlier bills changed the totals of the year' },
} as const

const KINDS = {
  supplement: { zh: '补付', en: 'Supplement' },
  recovery: { zh: '追回', en: 'Recovery' },
} as const

const STATES = {
  ordered: { zh: '已下达', en: 'Ordered' },
  proposed: { zh: '待决定', en: 'Proposed' },
  'confirmed-once': { zh: '待复核', en: 'Confirmed once' },
  confirmed: { zh: '已确认', en: 'Confirmed' },
  waived: { zh: '已免予', en: 'Waived' },
} as const
