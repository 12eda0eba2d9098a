import { formatRate } from '#base/money.ts'
import {
  BEARERS,
  CLAIMS_BY,
  type Clause,
  COUNTED,
  LINES,
  STATES,
  type State,
  sideOf,
  YEAR_LINES,
} from '#domains/contracts/index.ts'
import type { YearRecord } from '#domains/contracts/routes.ts'
import type { Title } from '#domains/settlement/index.ts'
import { GRADES } from './messages.ts'
import { Paper } from './paper.ts'
import { TEACHING, thousands } from './words.ts'

/** 承办合同年度结算单: every line with its sum, clause and source, and who said and decided what. */
export function printContractYear(record: YearRecord): Promise<Buffer> {
  const { of, statement, facts, state, year, author, decidedBy, version, id } = record
  const sheet = new Paper({
    Title: `年度结算 ${of.title.zh} ${year}`,
    Subject: 'Year of a contract between bureau and insurer',
    Creator: 'Kangyang',
  })
  sheet.title('承办合同年度结算单', 'Year of a contract between bureau and insurer')
  const { sum, days } = facts.heads
  sheet.pairs([
    ['合同', 'Contract', `${both(of.title, ' · ')} · v${version}`],
    ['险种', 'Line', both(LINES[of.line], ' · ')],
    ['年度', 'Year', `${statement.year.from} – ${statement.year.until}`],
    ['状态', 'State', both(STATES[state], ' · ')],
    ['委托方', 'Bureau', both(of.bureau)],
    ['承办机构', 'Insurer', both(of.insurer)],
    ['盈亏', 'Result', both(BEARERS[of.bears])],
    ['基金', 'Funds', `${of.financedBy} → ${of.fund}`],
    [
      '参保人数',
      'Insured',
      `${days === 1 ? sum : `${sum} ÷ ${days}`} · ${both(COUNTED[of.insured.counted], ' · ')}`,
    ],
    ['待遇归属', 'Claims', both(CLAIMS_BY[of.claims], ' · ')],
    ['起草', 'Drafted', `${author} · ${record.at.slice(0, 10)}`],
    [
      '复核',
      'Confirmed',
      decidedBy ? `${decidedBy} · ${record.decidedAt?.slice(0, 10) ?? ''}` : '—',
    ],
  ])
  const invented = statement.lines.some(({ clause }) => clause?.grade === 'invented')
  if (invented) sheet.faint(both(TEACHING, ' '))
  sheet.section('结算', 'Statement (yuan)')
  sheet.table(
    [
      { head: ['项目', 'Line'], width: 150 },
      { head: ['算式', 'Sum'], width: 205 },
      { head: ['条款', 'Clause'], width: 75 },
      { head: ['金额', 'Amount'], width: 85, right: true },
    ],
    statement.lines.map(({ code, amount, formula, clause, by }) => [
      both(YEAR_LINES[code]),
      [formula, ...(by ? [`（${by}）`] : [])].join(' '),
      clause?.article ?? '',
      thousands(amount),
    ]),
    { strong: 1 },
  )
  if (of.bears === 'insurer')
    sheet.small(
      `来源合计 = 去向合计 = ${thousands(sideOf(statement.lines, 'source'))} · Sources and uses are one sum`,
    )
  const { score } = facts
  if (score)
    sheet.small(
      `考核 ${score.points} 分，拨付 ${formatRate(score.released)}（${score.by}：${score.reason}） · Score ${score.points}, released ${formatRate(score.released)}`,
    )
  printProof(sheet, record)
  sheet.section('条款与来源', 'Clauses and sources')
  const documents = new Map<string, { readonly clause: Clause; readonly articles: Set<string> }>()
  for (const { clause } of statement.lines) {
    if (!clause) continue
    const known = documents.get(clause.title) ?? { clause, articles: new Set() }
    known.articles.add(clause.article)
    documents.set(clause.title, known)
  }
  for (const { clause, articles } of documents.values()) {
    const { title, address, grade, note } = clause
    sheet.small([title, address, both(GRADES[grade], ' · '), ...(note ? [note] : [])].join(' · '))
    sheet.faint([...articles].join('、'))
  }
  return sheet.finish({
    watermark: WATERMARKS[state],
    stamp: undefined,
    foot: `年度结算 ${id}`,
  })
}

function printProof(sheet: Paper, { proven, facts }: YearRecord): void {
  if (!proven || !facts.policy) return
  const { before, after, beforeHash, afterHash, persons, bills, refused, sumBefore, sumAfter } =
    proven
  sheet.section('政策影响的证明', 'What the change of policy cost')
  const rules = (side: typeof before, hash: string) =>
    `v${side.version}${side.draft ? ` + ${side.draft.name}` : ''} · ${hash.slice(0, 16)}`
  sheet.table(
    [
      { head: ['规则', 'Rules'], width: 330 },
      { head: ['基金支付', 'Paid by the fund'], width: 185, right: true },
    ],
    [
      [`${rules(before, beforeHash)}`, thousands(sumBefore)],
      [`${rules(after, afterHash)}`, thousands(sumAfter)],
      ['差额 Difference', thousands(sumAfter - sumBefore)],
    ],
    { strong: 1 },
  )
  sheet.small(
    `${persons} 人、${bills} 张账单按 ${proven.asOfHere.slice(0, 19).replace('T', ' ')} 时的事实重放；${refused} 张因一边规则不予结算而不计 · ${persons} persons and ${bills} bills replayed as the facts stood then; ${refused} that one side refuses are not counted`,
  )
}

/** What is not confirmed says so across the page. */
const WATERMARKS: Readonly<Record<State, string | undefined>> = {
  draft: '待复核 Draft',
  confirmed: undefined,
  withdrawn: '已作废 Withdrawn',
}

const both = ({ zh, en }: Title, between = '\n'): string => zh + between + en
