import { formatRate } from '#base/money.ts'
import { percent } from '#domains/coinsurance/index.ts'
import type { FullStatement } from '#domains/coinsurance/service.ts'
import { GRADES } from './messages.ts'
import { Paper } from './paper.ts'
import { thousands } from './words.ts'

/** 共保人对账单, or the year of the whole panel where no insurer is named, on paper in both languages. */
export function coinsurancePaper(
  statement: FullStatement,
  insurer: string | undefined,
): Promise<Buffer> {
  const { month, panel, product, teaching, enrolled, premium, claims, liabilities, insurers } =
    statement
  const [own] = insurers
  const [zh, en] =
    insurer === undefined
      ? ['共保产品年度报表', 'Year of a co-insured product']
      : ['共保人对账单', 'Statement of a co-insurer']
  const sheet = new Paper({ Title: `${zh} ${month}`, Subject: en, Creator: 'Kangyang' })
  sheet.title(zh, en)
  sheet.line(`${product.zh} · ${product.en}`)
  if (teaching || panel.grade === 'invented')
    sheet.line(
      '产品、共保人和份额均为虚构 · The product, its insurers and their shares are invented',
    )
  sheet.pairs([
    ['截至月份', 'Until', month],
    ['共保期间', 'Period', `${panel.from} — ${panel.until}`],
    ['主承保人', 'Lead', `${panel.leadName} (${panel.lead})`],
    ...(insurer !== undefined && own
      ? [
          [
            '共保人',
            'Co-insurer',
            `${own.name} (${own.insurer}) · ${formatRate(own.share)}`,
          ] as const,
        ]
      : [['共保人', 'Insurers', String(panel.members.length)] as const]),
    ['份额依据', 'Source', `${panel.source} · ${GRADES[panel.grade].zh}`],
    ['分摊日', 'Shared on', `${statement.asOf} · 打印 printed ${statement.printedOn}`],
  ])

  sheet.section('参保与保费', 'Insured and premium (yuan)')
  sheet.table(
    [{ ...wide('项目', 'Item'), width: 395 }, figure('本年', 'Year')],
    [
      ['月末参保人数 · Insured at the end of the month', whole(enrolled.insured)],
      ['本年参保过的人数 · Insured on any day', whole(enrolled.everInsured)],
      ['其中既往症人群 · of them with a disease before', preexisting(statement)],
      ['应收保费 · Premium due', thousands(enrolled.premiumDue)],
      ['已收减已退 · Collected less refunded', thousands(premium)],
      ...(insurer !== undefined && own
        ? [['本家保费份额 · Own share of it', thousands(own.premium)]]
        : []),
      ['赔付率 · Loss ratio', ratio(statement)],
    ],
  )

  sheet.section('赔款', 'Claims by liability (yuan)')
  sheet.table(
    [wide('责任', 'Liability'), figure('本月', 'Month'), figure('本年累计', 'Year')],
    [
      ...liabilities.map(({ title, inMonth, inYear }) => [
        `${title.zh} · ${title.en}`,
        thousands(inMonth),
        thousands(inYear),
      ]),
      ['合计 · Sum', thousands(claims.inMonth), thousands(claims.inYear)],
    ],
    { strong: 1 },
  )

  if (insurer !== undefined && own) printAccount(sheet, own, statement)
  else printInsurers(sheet, statement)
  sheet.gap(6)
  sheet.faint(
    '份额按累计赔款逐家取差，合计与赔款分毫不差；关账后入账的差额计入下月。保费、人数为分摊日所登记。· Shares are taken from the claims so far, so they add up to the fen; what is booked after a month was closed comes with the next. Premium and persons are as recorded on that day.',
  )
  return sheet.finish({
    watermark: teaching ? '示例市 虚构数据 仅供教学' : undefined,
    stamp: undefined,
    foot: `${zh} ${month} · ${panel.id}`,
  })
}

type Own = FullStatement['insurers'][number]

function printAccount(sheet: Paper, own: Own, { account }: FullStatement): void {
  sheet.section('本家往来', 'Between this insurer and the lead (yuan)')
  sheet.table(
    [wide('项目', 'Item'), figure('本月', 'Month'), figure('本年累计', 'Year')],
    own.leads
      ? [
          [
            '自留份额 · Its own share, kept',
            thousands(own.claims.inMonth),
            thousands(own.claims.inYear),
          ],
        ]
      : [
          ['月初应付主承保人 · Owed when the month began', thousands(own.opening), ''],
          [
            '加：本家赔款份额 · Its share of the claims',
            thousands(own.claims.inMonth),
            thousands(own.claims.inYear),
          ],
          ['减：已付 · Paid', thousands(own.paid.inMonth), thousands(own.paid.inYear)],
          ['月末应付主承保人 · Owed when it ended', thousands(own.closing), thousands(own.closing)],
          ['打印日应付 · Owed today', '', thousands(own.owes)],
        ],
    { strong: own.leads ? 1 : 2 },
  )
  sheet.section('按月', 'Month by month (yuan)')
  sheet.table(
    [
      { head: ['月份', 'Month'], width: 115 },
      ...(
        [
          ['月初应付', 'Opening'],
          ['赔款份额', 'Claims'],
          ['已付', 'Paid'],
          ['月末应付', 'Closing'],
        ] as const
      ).map((head) => ({ head, width: 100, right: true })),
    ],
    account.map(({ month, opening, claims, paid, closing }) => [
      month,
      ...[opening, claims, paid, closing].map(thousands),
    ]),
  )
}

function printInsurers(sheet: Paper, { insurers }: FullStatement): void {
  sheet.section('各共保人', 'The insurers (yuan)')
  sheet.table(
    [
      { head: ['共保人', 'Insurer'], width: 125 },
      { head: ['份额', 'Share'], width: 50, right: true },
      { head: ['保费份额', 'Premium'], width: 85, right: true },
      { head: ['赔款份额', 'Claims'], width: 85, right: true },
      { head: ['已付', 'Paid'], width: 85, right: true },
      { head: ['月末应付', 'Owed'], width: 85, right: true },
    ],
    [
      ...insurers.map(({ insurer, name, leads, share, premium, claims, paid, closing }) => [
        `${name} (${insurer})${leads ? ' 主承保 lead' : ''}`,
        formatRate(share),
        thousands(premium),
        thousands(claims.inYear),
        leads ? '—' : thousands(paid.inYear),
        leads ? '—' : thousands(closing),
      ]),
      [
        '合计 · Sum',
        '100%',
        ...[
          insurers.map(({ premium }) => premium),
          insurers.map(({ claims }) => claims.inYear),
          insurers.map(({ paid }) => paid.inYear),
          insurers.map(({ closing }) => closing),
        ].map((amounts) => thousands(amounts.reduce((sum, each) => sum + each, 0))),
      ],
    ],
    { strong: 1 },
  )
}

const wide = (zh: string, en: string) => ({ head: [zh, en] as const, width: 275 })
const figure = (zh: string, en: string) => ({ head: [zh, en] as const, width: 120, right: true })
const whole = (n: number): string => n.toLocaleString('en-US')
const ratio = ({ lossRatio }: FullStatement): string =>
  lossRatio === undefined ? '—' : percent(lossRatio)
const preexisting = ({ enrolled: { preexisting: some, everInsured } }: FullStatement): string =>
  everInsured === 0
    ? whole(some)
    : `${whole(some)} (${percent(Math.round((some / everInsured) * 1_000_000))})`
