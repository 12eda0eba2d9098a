import { CASE_ACTS, CHANNELS, OUTCOMES } from '#domains/casework/index.ts'
import type { CaseNotice } from '#domains/casework/service.ts'
import { maskedNumber, Paper } from './paper.ts'
import { thousands } from './words.ts'

/**
 * 核定通知书: what was decided about a claim, by which rules, for which reasons, by whom, and how to object. It is what a
 * refusal or a cut is sent with.
 */
export function printNotice({ file, decided, decision, name }: CaseNotice): Promise<Buffer> {
  const { zh, en } = OUTCOMES[decision.outcome]
  const sheet = new Paper({
    Title: `核定通知书 ${file.no}`,
    Subject: 'Notice of a decision about a claim',
    Creator: 'Kangyang',
  })
  sheet.title('核定通知书', 'Notice of a decision about a claim')
  sheet.pairs([
    ['案件', 'Case', String(file.no)],
    ['账单', 'Bill', file.bill],
    ['参保人', 'Person', name || '—'],
    ['人员编号', 'Person no.', maskedNumber(file.person)],
    ['受理', 'Accepted', `${file.acceptedOn} · ${CHANNELS[file.channel].zh}`],
    ['核定', 'Decided', decided.on],
  ])
  sheet.section('核定结果', 'Decision')
  sheet.line(`${zh} · ${en}`)
  if (decision.outcome !== 'pay') {
    sheet.section('理由', 'Reasons')
    sheet.line(decided.why)
    sheet.section('依据', 'Rules that it rests on')
    for (const rule of decision.rules) sheet.line(rule)
  }
  if (decision.outcome === 'cut' && decision.bearer === 'hospital')
    sheet.line(
      '核减部分由医疗机构承担，参保人的负担不变。What is cut is borne by the hospital; the person pays no more.',
    )
  const cuts = decision.outcome === 'cut' ? (decision.cuts ?? []) : []
  if (cuts.length > 0) {
    const lineOf = new Map(file.lines.map((line) => [line.line, line]))
    sheet.section('核减明细（元）', 'What is not paid on (yuan)')
    sheet.table(
      [
        { head: ['明细', 'Line'], width: 315 },
        { head: ['金额', 'Amount'], width: 100, right: true },
        { head: ['核减', 'Cut'], width: 100, right: true },
      ],
      [
        ...cuts.map(({ line, amount }) => [
          [line, lineOf.get(line)?.name].filter(Boolean).join(' '),
          thousands(lineOf.get(line)?.amount ?? 0),
          thousands(amount),
        ]),
        ['合计 Sum', '', thousands(cuts.reduce((sum, { amount }) => sum + amount, 0))],
      ],
      { strong: 1 },
    )
  }
  sheet.section('由谁决定', 'Who decided')
  for (const { act, by, on } of decided.acts)
    sheet.line(`${CASE_ACTS[act].zh} ${CASE_ACTS[act].en}: ${by} · ${on}`)
  sheet.section('异议', 'Objection')
  sheet.line(
    '不同意本核定的，可以向受理机构提出异议，由没有参与过本案决定的人复核；复核不会使结果更不利。也可以依法申请调解、仲裁或者提起诉讼。',
  )
  sheet.small(
    'Whoever does not agree may object where the claim was accepted: somebody who has not decided in this case looks at it again, and nobody is worse off for it. Mediation, arbitration and the courts remain open.',
  )
  return sheet.finish({ watermark: undefined, stamp: undefined, foot: `核定通知书 ${file.no}` })
}
