/** The report of a province's nine months: what the books say, on paper. */
import { Paper } from '#app/paper.ts'
import { thousands } from '#app/words.ts'
import type { Sql } from '#platform/database.ts'
import { TENANT } from '../test/crash/server-process.ts'
import { CRITICAL, OWN_BILLS, YEAR } from './province-bills.ts'

/** A month as the ledger has it; amounts in fen. `critical` counts bills that critical-illness insurance pays something of. */
export type MonthOfBook = {
  readonly month: string
  readonly bills: number
  readonly total: number
  readonly patient: number
  /** What hospitals bear themselves. */
  readonly hospitals: number
  readonly critical: number
  readonly criticalPaid: number
  readonly funds: Readonly<Record<string, number>>
  /** Payments of critical-illness insurance by how high they are. */
  readonly bands: readonly { readonly count: number; readonly amount: number }[]
}

export type ProvinceBook = {
  readonly machine: string
  readonly insured: number
  readonly bills: number
  readonly times: number
  readonly months: readonly MonthOfBook[]
  /** Seconds. */
  readonly stages: Readonly<Record<string, number>>
  readonly diskBytes: number
  readonly programMiB: number | undefined
  readonly databaseMiB: number | undefined
  /** The hash of the rules that settled. */
  readonly rules: string
}

/** Upper ends of the bands, in yuan; the last is open. */
const BANDS = [500, 1_000, 5_000, 20_000, 50_000]

/** Every month of the book, from the ledger and the settlements themselves. */
export async function monthsOf(sql: Sql): Promise<MonthOfBook[]> {
  const settled = await sql.query<
    Omit<MonthOfBook, 'critical' | 'criticalPaid' | 'funds' | 'bands'>
  >(
    `select to_char(b.settled_on, 'YYYY-MM') as month, count(*)::bigint as bills, sum(s.total)::bigint as total,
            sum(s.patient)::bigint as patient,
            sum((select coalesce(sum((t->>'paid')::bigint), 0) from jsonb_array_elements(s.result->'settlement'->'tiers') t
                  where t->>'payer' = 'hospital'))::bigint as hospitals
       from settlements s join bills b on b.tenant_id = s.tenant_id and b.id = s.bill_id
      where s.tenant_id = $1 and s.state = 'settled' and s.bill_id like $2 group by 1 order by 1`,
    [TENANT, OWN_BILLS],
  )
  const paid = await sql.query<{
    month: string
    fund: string
    band: number
    count: number
    amount: number
  }>(
    `select month, fund, width_bucket(amount, $3::bigint[]) as band, count(*)::bigint as count, sum(amount)::bigint as amount
       from (select to_char(b.settled_on, 'YYYY-MM') as month, e.no, t.fund, sum(t.amount)::bigint as amount
               from ledger_entries e join bills b on b.tenant_id = e.tenant_id and b.id = e.bill_id
               join settlements s on s.tenant_id = e.tenant_id and s.id = e.settlement_id and s.state = 'settled'
              cross join lateral unnest(e.funds, e.debits, e.amounts) as t (fund, debit, amount)
              where e.tenant_id = $1 and e.kind = 'settled' and starts_with(t.debit, 'claims/')
                and e.bill_id like $2 group by 1, 2, 3) as each
      group by 1, 2, 3`,
    [TENANT, OWN_BILLS, BANDS.map((yuan) => yuan * 100)],
  )
  return settled.map((row) => {
    const own = paid.filter(({ month }) => month === row.month)
    const funds: Record<string, number> = {}
    for (const { fund, amount } of own) funds[fund] = (funds[fund] ?? 0) + amount
    const critical = own.filter(({ fund }) => fund.startsWith(`${CRITICAL}@`))
    const bands = Array.from({ length: BANDS.length + 1 }, (_, i) => {
      const found = critical.find(({ band }) => band === i)
      return { count: found?.count ?? 0, amount: found?.amount ?? 0 }
    })
    return {
      ...row,
      critical: bands.reduce((sum, { count }) => sum + count, 0),
      criticalPaid: bands.reduce((sum, { amount }) => sum + amount, 0),
      funds,
      bands,
    }
  })
}

const SOURCE =
  '《中国人寿》所载城乡居民大病保险 2021 年前三季度：参保 2379.19 万人，赔付 17.32 亿元，140.44 万人次（平均 1,233 元） · ' +
  'Source of the counts: an insurer’s article on three quarters of 2021: 23.7919 million insured, 1.4044 million payments, 1.732 billion yuan (1,233 on average)'

/** 大病保险九个月账册: the report of a run. */
export function printProvince(book: ProvinceBook): Promise<Buffer> {
  const { months, insured, times } = book
  const sum = (of: (month: MonthOfBook) => number) =>
    months.reduce((all, month) => all + of(month), 0)
  const critical = sum((month) => month.critical)
  const paid = sum((month) => month.criticalPaid)
  const whole = (n: number) => Math.round(n).toLocaleString('en-US')
  const sheet = new Paper({
    Title: `大病保险账册 ${YEAR} 年 1—9 月`,
    Subject: 'Nine months of a critical-illness book',
    Creator: 'Kangyang',
  })
  sheet.title('城乡居民大病保险账册（模拟）', 'Nine months of a critical-illness book (simulated)')
  sheet.pairs([
    ['参保人数', 'Insured', whole(insured)],
    ['期间', 'Period', `${YEAR}-01-01 – ${YEAR}-09-30`],
    ['结算账单', 'Bills', whole(sum((month) => month.bills))],
    [
      '大病赔付人次',
      'Payments',
      `${whole(critical)}（${((critical / insured) * 100).toFixed(2)}%）`,
    ],
    ['大病赔付', 'Paid', `${thousands(paid)} 元`],
    ['平均', 'On average', `${thousands(Math.round(paid / Math.max(1, critical)))} 元`],
  ])
  sheet.section('按月', 'By month (yuan)')
  const figures = (month: MonthOfBook) => [
    whole(month.bills),
    thousands(month.total),
    thousands(month.patient),
    whole(month.critical),
    thousands(month.criticalPaid),
  ]
  const total: MonthOfBook = {
    month: '',
    bills: sum((month) => month.bills),
    total: sum((month) => month.total),
    patient: sum((month) => month.patient),
    hospitals: sum((month) => month.hospitals),
    critical,
    criticalPaid: paid,
    funds: {},
    bands: [],
  }
  const right = true
  sheet.table(
    [
      { head: ['月份', 'Month'], width: 60 },
      { head: ['账单', 'Bills'], width: 70, right },
      { head: ['费用', 'Cost'], width: 115, right },
      { head: ['个人负担', 'Patients'], width: 105, right },
      { head: ['大病人次', 'Payments'], width: 70, right },
      { head: ['大病赔付', 'Critical illness'], width: 95, right },
    ],
    [...months.map((month) => [month.month, ...figures(month)]), ['合计', ...figures(total)]],
    { strong: 1 },
  )
  sheet.section('按基金', 'By fund (yuan)')
  const funds = [...new Set(months.flatMap((month) => Object.keys(month.funds)))].toSorted()
  const payers = funds.map((fund) => [fund, thousands(sum((month) => month.funds[fund] ?? 0))])
  const byFunds = funds.reduce((all, fund) => all + sum((month) => month.funds[fund] ?? 0), 0)
  sheet.table(
    [
      { head: ['基金', 'Fund'], width: 360 },
      { head: ['支付', 'Paid'], width: 155, right },
    ],
    [
      ...payers,
      ['医院自担 · Hospitals themselves', thousands(total.hospitals)],
      ['个人 · Patients', thousands(total.patient)],
      ['费用 · Cost', thousands(total.total)],
    ],
    { strong: 1 },
  )
  const payersAndPatients = byFunds + total.hospitals + total.patient
  if (payersAndPatients !== total.total)
    throw new Error(`${payersAndPatients} fen are borne of ${total.total}`)
  sheet.small('支付方 + 个人 = 费用 ✓ Payers and patients are the whole cost')
  sheet.section('大病赔付分布', 'Critical-illness payments by size (yuan)')
  const bandName = (i: number) => {
    const [from, until] = [BANDS[i - 1] ?? 0, BANDS[i]]
    return until === undefined ? `≥ ${whole(from)}` : `${whole(from)} – ${whole(until)}`
  }
  sheet.table(
    [
      { head: ['每次赔付', 'Payment'], width: 200 },
      { head: ['人次', 'Payments'], width: 110, right },
      { head: ['占比', 'Share'], width: 75, right },
      { head: ['金额', 'Amount'], width: 130, right },
    ],
    Array.from({ length: BANDS.length + 1 }, (_, i) => {
      const count = sum((month) => month.bands[i]?.count ?? 0)
      const amount = sum((month) => month.bands[i]?.amount ?? 0)
      const share = critical === 0 ? 0 : (count / critical) * 100
      return [bandName(i), whole(count), `${share.toFixed(1)}%`, thousands(amount)]
    }),
  )
  sheet.section('如何得来', 'How it came about')
  sheet.small(SOURCE)
  sheet.small(
    `示范市的规则（全部虚构），规则版本 ${book.rules.slice(0, 16)} · Rules of the teaching city, all invented. ` +
      `人群与就医频率见 rates/china.rates.yaml；费用乘以 ${times}，使赔付人次占参保人数的比例与来源一致。 · ` +
      `Care as drawn from rates/china.rates.yaml; costs times ${times}, so that payments reach the share of the insured that the source has.`,
  )
  sheet.small(
    '只含住院及恶性肿瘤、透析的门诊；每张账单经各层结算、记账，按月由两人付款，银行全部付讫。 · ' +
      'Admissions, and visits for cancer or dialysis. Every bill is settled across its tiers, posted, and paid in runs by two people; the bank pays all of them.',
  )
  sheet.section('用时与规模', 'Time and size')
  sheet.pairs([
    ...Object.entries(book.stages).map(
      ([name, took]) => [STAGES[name] ?? name, name, `${whole(took)} s`] as const,
    ),
    ['磁盘', 'Disk', `${(book.diskBytes / 2 ** 30).toFixed(2)} GiB`],
    ['程序内存', 'Program', `${whole(book.programMiB ?? 0)} MiB`],
    ['数据库内存', 'Database', `${whole(book.databaseMiB ?? 0)} MiB`],
  ])
  sheet.faint(book.machine)
  return sheet.finish({
    watermark: '模拟数据 SIMULATED',
    stamp: undefined,
    foot: 'Kangyang · bench/province',
  })
}

const STAGES: Readonly<Record<string, string>> = {
  load: '装载参保人',
  draw: '生成账单',
  calibrate: '校准',
  settle: '结算记账',
  pay: '付款',
  reconcile: '对账',
  report: '汇总',
}
