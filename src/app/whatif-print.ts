import Table from 'cli-table3'
import { formatRate } from '#base/money.ts'
import {
  FEWEST,
  type FundRow,
  GROUPS,
  type GroupTable,
  type Premium,
  type Whatif,
  type YearSettled,
} from '#domains/pricing/index.ts'
import { PAYERS, type Payer } from '#domains/settlement/index.ts'
import type { Language } from './options.ts'
import { Paper } from './paper.ts'
import { thousands } from './words.ts'

type Words = readonly [zh: string, en: string]
type Say = (words: Words) => string
/** A part of the report: a heading, the heads of its columns, and its rows. The first column is words, the others figures. */
type Part = {
  readonly title: Words
  readonly heads: readonly Words[]
  readonly rows: readonly (readonly string[])[]
  readonly notes?: readonly Words[]
}

/** The report for a terminal, in one language. */
export function printWhatif(report: Whatif, lang: Language): string {
  const say: Say = ([zh, en]) => (lang === 'zh' ? zh : en)
  const lines = [
    say([
      `情景推演：${report.draft.title.zh}，对照：${report.baseline.title.zh}`,
      `What if: ${report.draft.title.en}, against: ${report.baseline.title.en}`,
    ]),
  ]
  for (const { title, heads, rows, notes = [] } of partsOf(report, say)) {
    const table = new Table({
      head: heads.map(say),
      colAligns: heads.map((_, i) => (i === 0 ? 'left' : 'right')),
      style: { head: [], border: [], compact: true },
    })
    table.push(...rows.map((row) => [...row]))
    lines.push('', say(title), table.toString(), ...notes.map(say))
  }
  lines.push('', say([`推演哈希 ${report.hash}`, `hash of the report ${report.hash}`]), '')
  return lines.join('\n')
}

/** The same on paper, in both languages. */
export function whatifPaper(report: Whatif, own?: OwnYear): Promise<Buffer> {
  const sheet = new Paper({
    Title: `情景推演 ${report.draft.title.zh}`,
    Subject: 'What if: a year of bills under a draft of rules',
    Creator: 'Kangyang',
  })
  sheet.title('情景推演', 'What if')
  sheet.pairs([
    ['草案', 'Draft', both([report.draft.title.zh, report.draft.title.en])],
    ['基线', 'Baseline', both([report.baseline.title.zh, report.baseline.title.en])],
    ['规则', 'Rules', `${report.baseline.rules.slice(0, 12)} → ${report.draft.rules.slice(0, 12)}`],
    ['结果', 'Results', `${report.baseline.result} → ${report.draft.result || '—'}`],
    ['程序', 'Program', `kangyang ${report.program}, engine ${report.engine}`],
    ['推演哈希', 'Hash', report.hash],
  ])
  const parts = [...(own ? [ownPart(own, report)] : []), ...partsOf(report, both)]
  for (const { title, heads, rows, notes = [] } of parts) {
    sheet.section(...title)
    const width = 515 / (heads.length + 1)
    sheet.table(
      heads.map((head, i) => ({ head, width: i === 0 ? width * 2 : width, right: i > 0 })),
      rows,
    )
    for (const note of notes) sheet.faint(both(note))
  }
  sheet.section('数据', 'Data')
  for (const { file, bytes, sha256 } of [...report.data.bills, ...report.data.persons])
    sheet.small(`${file} · ${bytes.toLocaleString('en-US')} bytes · SHA-256 ${sha256}`)
  return sheet.finish({ watermark: undefined, stamp: undefined, foot: `情景推演 ${report.hash}` })
}

/** One draft of many in a line: what funds and patients come to, and the hash of its report. */
export function printDraft(name: string, report: Whatif, lang: 'zh' | 'en'): string {
  const { comparison, draft, hash } = report
  const title = draft.title[lang]
  if (!comparison) return `${name}  ${title}  ${hash}\n`
  const { paid, patient } = comparison
  const more = (side: { before: number; after: number }) =>
    signed(thousands(side.after - side.before), side.after - side.before)
  return lang === 'zh'
    ? `${name}  ${title}：各方支付 ${more(paid)} 元，个人负担 ${more(patient)} 元  ${hash}\n`
    : `${name}  ${title}: funds ${more(paid)} yuan, patients ${more(patient)} yuan  ${hash}\n`
}

/** A year of one's own: what had been settled of it, and by which version of the rules the baseline settles it. */
export type OwnYear = {
  readonly year: number
  readonly rules: number
  readonly settled: YearSettled
}

/** Bills are settled by the rules of their own day, and a baseline by those in force now: what that alone changes. */
function ownPart({ year, rules, settled }: OwnYear, { comparison }: Whatif): Part {
  const { persons, bills, amounts } = settled
  const row = (name: string, was: number | undefined, is: number | undefined) => {
    if (was === undefined) return [name, '*', is === undefined ? '—' : thousands(is), '*']
    return is === undefined ? [name, thousands(was), '—', '—'] : moved(name, was, is)
  }
  return {
    title: ['本单位的年度', 'A year of one’s own'],
    heads: [
      ['项目', 'Item'],
      ['已结算', 'As settled'],
      ['基线', 'Baseline'],
      ['差额', 'Difference'],
    ],
    rows: [
      row('各方支付（元）· Paid by funds (yuan)', amounts?.paid, comparison?.paid.before),
      row('个人负担（元）· Borne by patients (yuan)', amounts?.patient, comparison?.patient.before),
    ],
    notes: [
      [
        `${year} 年内结算且现行有效的 ${whole(bills)} 张账单，${whole(persons)} 人（含无账单的参保人）；基线按现行规则第 ${rules} 版重新结算，已结算的按当时的规则`,
        `${whole(bills)} bills settled in ${year} that stand, ${whole(persons)} persons (those without a bill among them); the baseline settles them by version ${rules} of the rules, they had been settled by the rules of their time`,
      ],
      ...(settled.together === undefined
        ? []
        : [
            [
              `同户：以家庭共济账户相连的人为一户（${told(settled.together)} 人），其余每人一户`,
              `Households: persons whose accounts are shared in a family are one (${told(settled.together)} persons); each of the others is one alone`,
            ] as Words,
          ]),
      ...(amounts ? [] : (starNote([{ hidden: true }]).notes ?? [])),
    ],
  }
}

function partsOf(report: Whatif, say: Say): Part[] {
  const { comparison, fan, kept, x } = report
  const parts: Part[] = []
  if (fan) parts.push(fanPart(fan, kept, x))
  if (report.premium) parts.push(premiumPart(report.premium))
  if (!comparison) return parts
  const {
    bills,
    refused,
    patient,
    paid,
    funds,
    caps,
    groups,
    lorenz,
    gini,
    catastrophic,
    induced,
  } = comparison
  parts.push({
    title: ['总体', 'In all'],
    heads: MOVED_HEADS,
    rows: [
      moved(say(['各方支付（元）', 'Paid by funds (yuan)']), paid.before, paid.after),
      moved(say(['个人负担（元）', 'Borne by patients (yuan)']), patient.before, patient.after),
      counts(say(['已结算账单', 'Bills settled']), bills.before, bills.after),
      counts(say(['规则不予结算', 'Refused by the rules']), refused.before, refused.after),
    ],
    ...(bills.before === bills.after
      ? {}
      : {
          notes: [
            [
              '两套规则结算的账单数不同：只在一边结算的账单，在另一边不计个人负担',
              'Not the same bills are settled under both: what one side refuses counts as nothing borne there',
            ] as Words,
          ],
        }),
  })
  parts.push({
    title: ['各层基金（元）', 'Each fund (yuan)'],
    heads: [['方案 · 层 · 期间 · 支付方', 'Scheme, tier, period, payer'], ...MOVED_HEADS.slice(1)],
    rows: funds.map((fund) =>
      'hidden' in fund
        ? [fundName(fund, say), '*', '*', '*']
        : moved(fundName(fund, say), fund.before, fund.after),
    ),
    ...starNote(funds),
  })
  if (caps.length > 0)
    parts.push({
      title: ['到达封顶线的人', 'Persons who reach a cap'],
      heads: [
        ['方案 · 层', 'Scheme, tier'],
        ...MOVED_HEADS.slice(1, 3),
        ['新到达', 'Enter'],
        ['不再到达', 'Leave'],
      ],
      rows: caps.map(({ scheme, tier, before, after, entering, leaving }) => [
        `${scheme} · ${tier.slice(tier.lastIndexOf('/') + 1)}`,
        ...[before, after, entering, leaving].map(told),
      ]),
      ...starNote(caps),
    })
  for (const group of groups) parts.push(groupPart(group))
  parts.push({
    title: ['个人负担的集中程度', 'How the burden is spread'],
    heads: [
      ['人口十等分（负担由轻到重）', 'Tenths of all persons, lightest burden first'],
      ...MOVED_HEADS.slice(1),
    ],
    rows: [
      ...(lorenz?.before ?? []).map((share, i) =>
        shares(String(i + 1), share, lorenz?.after[i] ?? 0),
      ),
      shares(say(['基尼系数', 'Gini']), gini.before, gini.after, 4),
    ],
  })
  if (catastrophic)
    parts.push({
      title: ['灾难性医疗支出家庭', 'Households with catastrophic spending'],
      heads: MOVED_HEADS,
      rows: [counts(say(['户数', 'Households']), catastrophic.before, catastrophic.after)],
      notes: [
        ...(starNote([catastrophic]).notes ?? []),
        [
          `共 ${whole(catastrophic.households)} 户；新增 ${told(catastrophic.entering)} 户，脱离 ${told(catastrophic.leaving)} 户；家庭个人负担超过支付能力（每人每年 ${thousands(report.capacity ?? 0)} 元）的 40%`,
          `of ${whole(catastrophic.households)}; ${told(catastrophic.entering)} enter, ${told(catastrophic.leaving)} leave; a household bears more than 40 % of what it can pay (${thousands(report.capacity ?? 0)} yuan a year for each member)`,
        ],
        [
          `数据中没有收入，支付能力是本次推演的假设；依据：${report.capacitySource ?? '未说明'}`,
          `The data hold no income: what can be paid is an assumption of this run, from: ${report.capacitySource ?? 'nothing that was named'}`,
        ],
      ],
    })
  if (induced)
    parts.push({
      title: ['若价格影响就医', 'If the price moved how much care is taken'],
      heads: [
        ['项目', 'Item'],
        ['元', 'Yuan'],
      ],
      rows: [
        [say(['费用变化', 'Care costs more by']), signed(thousands(induced.cost), induced.cost)],
        [
          say(['其中各方支付', 'of it paid by funds']),
          signed(thousands(induced.funds), induced.funds),
        ],
        [
          say(['其中个人负担', 'of it borne by patients']),
          signed(thousands(induced.patients), induced.patients),
        ],
      ],
      notes: [
        [
          `假设：个人负担每降 1%，费用增加 ${report.elasticity}%；不在上面各表之内`,
          `an assumption: where what a patient bears falls by 1 %, care grows by ${report.elasticity} %; it is in none of the tables above`,
        ],
      ],
    })
  return parts
}

const MOVED_HEADS: readonly Words[] = [
  ['项目', 'Item'],
  ['基线', 'Before'],
  ['草案', 'After'],
  ['差额', 'Difference'],
]

function fanPart(
  fan: NonNullable<Whatif['fan']>,
  kept: Whatif['kept'],
  x: number | undefined,
): Part {
  const rows = fan.map((row) => [
    `${row.x}${row.x === x ? ' ◀' : ''}`,
    ...('hidden' in row
      ? [...(kept ? ['*'] : []), '*', '*']
      : [row.spent, row.paid, row.patient].slice(kept ? 0 : 1).map(thousands)),
  ])
  const none: Words = [
    `所试的取值都不能使 ${kept?.tier} 不超过 ${thousands(kept?.most ?? 0)} 元`,
    `no value keeps ${kept?.tier} within ${thousands(kept?.most ?? 0)} yuan`,
  ]
  const found: Words = [
    `使 ${kept?.tier} 不超过 ${thousands(kept?.most ?? 0)} 元的取值：${x}`,
    `the value that keeps ${kept?.tier} within ${thousands(kept?.most ?? 0)} yuan: ${x}`,
  ]
  return {
    title: ['取值与支出（元）', 'Values of $x and what they come to (yuan)'],
    heads: [
      ['$x', '$x'],
      ...(kept ? [[kept.tier, kept.tier] as Words] : []),
      ['各方支付', 'Paid by funds'],
      ['个人负担', 'Borne by patients'],
    ],
    rows,
    notes: [...(kept ? [x === undefined ? none : found] : []), ...(starNote(fan).notes ?? [])],
  }
}

function premiumPart({
  scheme,
  takeUp,
  selection,
  lossRatio,
  persons,
  claimants,
  claims,
  rows,
}: Premium): Part {
  return {
    title: ['产品保费（元/人）', 'Premium of a product (yuan a head)'],
    heads: [
      ['参保率', 'Take-up'],
      ['人均赔付', 'Claims a head'],
      ['保费', 'Premium'],
    ],
    rows: rows.map((row) => [
      `${formatRate(row.takeUp)}${row.takeUp === takeUp ? ' ◀' : ''}`,
      thousands(row.claimsAHead),
      thousands(row.premium),
    ]),
    notes: [
      [
        `${scheme}：如 ${whole(persons)} 人人人参保，向 ${whole(claimants)} 人赔付 ${thousands(claims)} 元；假设会得到赔付的人参保几率为其他人的 ${selection / 1000} 倍，保费的 ${formatRate(lossRatio)} 用于赔付；账单之外的定额给付不计`,
        `${scheme}: if all ${whole(persons)} persons held it, it would pay ${whole(claimants)} of them ${thousands(claims)} yuan; assumed that the odds of those to hold it are ${selection / 1000} times the others', and that ${formatRate(lossRatio)} of the premium is paid out; fixed benefits beside the bill are not in it`,
      ],
    ],
  }
}

function groupPart({ by, rows }: GroupTable): Part {
  return {
    title: [`按${GROUPS[by].zh}`, `By ${GROUPS[by].en.toLowerCase()}`],
    heads: [
      [GROUPS[by].zh, GROUPS[by].en],
      ['人数', 'Persons'],
      ['受益', 'Gain'],
      ['受损', 'Lose'],
      ['原负担', 'Before'],
      ['新负担', 'After'],
      ['差额', 'Difference'],
    ],
    rows: rows.map((row) =>
      'hidden' in row
        ? [row.group || '—', '*', '*', '*', '*', '*', '*']
        : [
            row.group || '—',
            whole(row.persons),
            told(row.gain),
            told(row.lose),
            ...moved('', row.before, row.after).slice(1),
          ],
    ),
    ...starNote(rows),
  }
}

/** What a star stands for, below a table that has one. */
const starNote = (rows: readonly object[]): Pick<Part, 'notes'> =>
  rows.some((row) => 'hidden' in row || Object.values(row).includes(null))
    ? {
        notes: [
          [
            `* 不足 ${FEWEST} 人，或差额只涉及不足 ${FEWEST} 人，或由总数可推出这样的行`,
            `* fewer than ${FEWEST} persons, or a difference that concerns so few, or a row from which that of so few could be told`,
          ],
        ],
      }
    : {}

const fundName = ({ scheme, tier, payer, period }: FundRow, say: Say): string => {
  const { zh, en } = PAYERS[payer as Payer]
  return `${scheme} · ${tier.slice(tier.lastIndexOf('/') + 1)} · ${period} · ${say([zh, en])}`
}

const both = ([zh, en]: Words): string => `${zh} · ${en}`
const whole = (n: number): string => Math.round(n).toLocaleString('en-US')
const told = (count: number | null): string => (count === null ? '*' : whole(count))
const signed = (text: string, n: number): string => (n > 0 ? `+${text}` : text)
const moved = (name: string, before: number, after: number): string[] => [
  name,
  thousands(before),
  thousands(after),
  signed(thousands(after - before), after - before),
]
const counts = (name: string, before: number | null, after: number | null): string[] => [
  name,
  told(before),
  told(after),
  before === null || after === null ? '*' : signed(whole(after - before), after - before),
]
const shares = (name: string, before: number, after: number, digits?: number): string[] => {
  const text = (share: number) => (digits ? share.toFixed(digits) : `${(share * 100).toFixed(2)}%`)
  return [name, text(before), text(after), signed(text(after - before), after - before)]
}
