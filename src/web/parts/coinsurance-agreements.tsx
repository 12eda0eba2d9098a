import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { SAID_ACTS } from '#domains/coinsurance/types.ts'
import {
  api,
  type CoinsuranceAct,
  type CoinsuranceMonths,
  type CoinsurancePanel,
} from '#web/api.ts'
import { type Act, ActDialog } from '#web/parts/act-dialog.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Money } from '#web/parts/money-text.tsx'
import { Section } from '#web/parts/page.tsx'
import { RowActs } from '#web/parts/row-acts.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useCommand } from '#web/parts/use-command.ts'
import { Await } from '#web/parts/waiting.tsx'

/** A month of one insurer, and what was said of it last. */
type Row = { readonly month: string; readonly insurer: string; readonly last?: CoinsuranceAct }

/** 对账确认: what an insurer says of its months, and what the lead answers. */
export function CoinsuranceAgreements({
  panel,
  months: { months },
}: {
  readonly panel: CoinsurancePanel
  readonly months: CoinsuranceMonths
}) {
  const { lang, say } = useLanguage()
  const agrees = useMay('coinsurance agree')
  const answers = useMay('coinsurance answer')
  const client = useQueryClient()
  const send = useCommand(api.sayOfCoinsurance, () => client.invalidateQueries())
  const [act, setAct] = useState<Act>()
  const said = useQuery({
    queryKey: ['coinsurance acts', panel.id],
    queryFn: () => api.coinsuranceActs(panel.id),
  })
  const nameOf = (insurer: string) =>
    `${insurer} ${panel.members.find((each) => each.insurer === insurer)?.name ?? ''}`
  const start = (
    { month, insurer }: Row,
    word: 'shareAgree' | 'shareObject' | 'shareAnswer',
    body: Readonly<Record<string, string>>,
  ) =>
    setAct({
      title: say(word),
      ok: say(word),
      note: say('shareSayNote', { month, insurer: nameOf(insurer) }),
      fields:
        word === 'shareAgree'
          ? []
          : [{ name: 'reason', label: say('shareReason'), kind: 'text', needed: true }],
      send: (typed) =>
        send.mutateAsync({
          of: panel.id,
          what: word === 'shareAnswer' ? 'answers' : 'agreements',
          month,
          ...body,
          ...typed,
        }),
    })
  const actsOf = (row: Row) => {
    if (answers && row.last?.act === 'objected')
      return [
        {
          word: 'shareAnswer',
          start: () => start(row, 'shareAnswer', { insurer: row.insurer }),
        } as const,
      ]
    if (!agrees || row.last?.act === 'agreed' || row.insurer === panel.lead) return []
    return [
      {
        word: 'shareAgree',
        start: () => start(row, 'shareAgree', { act: 'agreed' }),
      } as const,
      ...(row.last?.act === 'objected'
        ? []
        : [
            {
              word: 'shareObject',
              start: () => start(row, 'shareObject', { act: 'objected' }),
            } as const,
          ]),
    ]
  }
  const rowsOf = (acts: readonly CoinsuranceAct[]): Row[] => {
    const insurers = agrees
      ? panel.members.map(({ insurer }) => insurer)
      : [...new Set(acts.map(({ insurer }) => insurer))].toSorted()
    return months.toReversed().flatMap(({ month }) =>
      insurers.flatMap((insurer) => {
        const last = acts.find((each) => each.month === month && each.insurer === insurer)
        if (last) return [{ month, insurer, last }]
        return agrees ? [{ month, insurer }] : []
      }),
    )
  }
  return (
    <Section title={say('shareAgreements')} note={say('shareAgreementsNote')}>
      <Await query={said}>
        {({ acts }) => (
          <DataTable<Row>
            caption={say('shareAgreements')}
            cards
            rows={rowsOf(acts)}
            rowKey={({ month, insurer }) => `${month} ${insurer}`}
            empty={say('shareNoSayings')}
            columns={[
              { key: 'month', title: say('shareMonth'), heading: true, cell: ({ month }) => month },
              {
                key: 'insurer',
                title: say('shareInsurer'),
                cell: ({ insurer }) => nameOf(insurer),
              },
              {
                key: 'said',
                title: say('shareSaid'),
                cell: ({ month, insurer, last }) =>
                  last ? (
                    <>
                      {SAID_ACTS[last.act][lang]}
                      {acts
                        .filter((each) => each.month === month && each.insurer === insurer)
                        .toReversed()
                        .filter(({ reason }) => reason)
                        .map(({ id, reason, madeBy, madeAt }) => (
                          <p key={id} className="quiet">
                            {madeAt.slice(0, 10)} {madeBy}: {reason}
                          </p>
                        ))}
                    </>
                  ) : (
                    say('shareSaidNothing')
                  ),
              },
              {
                key: 'closing',
                title: say('shareSaidClosing'),
                numeric: true,
                cell: ({ last }) => (last ? <Money fen={last.closing} /> : '—'),
              },
              { key: 'by', title: say('shareMadeBy'), cell: ({ last }) => last?.madeBy ?? '—' },
              ...(agrees || answers
                ? [
                    {
                      key: 'acts',
                      title: say('doSomething'),
                      cell: (row: Row) =>
                        actsOf(row).length > 0 && (
                          <RowActs of={`${row.month} ${row.insurer}`} acts={actsOf(row)} />
                        ),
                    },
                  ]
                : []),
            ]}
          />
        )}
      </Await>
      {act && <ActDialog key={act.title} act={act} onClose={() => setAct(undefined)} />}
    </Section>
  )
}
