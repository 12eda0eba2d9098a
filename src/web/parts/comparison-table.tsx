import { PAYERS, type Payer } from '#domains/settlement/types.ts'
import type { Comparison, Side } from '#web/api.ts'
import { type Column, DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { money } from '#web/parts/money.ts'
import { Money } from '#web/parts/money-text.tsx'

type Row = Comparison['rows'][number]

/** The same bills before and after: what the patient bears under each, and the difference. */
export function ComparisonTable({ rows }: { readonly rows: readonly Row[] }) {
  const { lang, say } = useLanguage()
  const side = (of: Side) =>
    'refusal' in of ? <span>{of.refusal[lang]}</span> : <Money fen={of.patient} />
  const changed = rows.filter((row) => differs(row))
  const columns: Column<Row>[] = [
    { key: 'bill', title: say('bill'), heading: true, cell: ({ bill }) => bill },
    {
      key: 'total',
      title: say('total'),
      numeric: true,
      cell: ({ total }) => <Money fen={total} />,
    },
    {
      key: 'before',
      title: say('patientBefore'),
      numeric: true,
      cell: ({ before }) => side(before),
    },
    { key: 'after', title: say('patientAfter'), numeric: true, cell: ({ after }) => side(after) },
    {
      key: 'difference',
      title: say('difference'),
      numeric: true,
      cell: ({ before, after }) => {
        if ('refusal' in before || 'refusal' in after) return '—'
        const difference = after.patient - before.patient
        return (
          <span className={`money ${difference === 0 ? 'money-zero' : 'money-changed'}`}>
            {difference > 0 ? '+' : ''}
            {money(difference)}
          </span>
        )
      },
    },
    {
      key: 'payers',
      title: say('payersChange'),
      cell: (row) =>
        payerChanges(row).map(({ payer, difference }) => (
          <span key={payer} className="block money">
            {PAYERS[payer][lang]} {difference > 0 ? '+' : ''}
            {money(difference)}
          </span>
        )),
    },
  ]
  return (
    <>
      <p>{say('comparedSummary', { n: rows.length, changed: changed.length })}</p>
      <DataTable
        caption={say('compareResult')}
        cards
        rows={[...changed, ...rows.filter((row) => !differs(row))]}
        rowKey={({ bill }) => bill}
        rowClass={(row) => (differs(row) ? undefined : 'row-idle')}
        columns={columns}
        empty={say('noBillsToCompare')}
      />
    </>
  )
}

/** What each payer pays more, or less, under the draft. */
function payerChanges({ before, after }: Row) {
  if ('refusal' in before || 'refusal' in after) return []
  return (Object.keys(PAYERS) as Payer[]).flatMap((payer) => {
    const difference = (after.payers[payer] ?? 0) - (before.payers[payer] ?? 0)
    return difference === 0 ? [] : [{ payer, difference }]
  })
}

function differs({ before, after }: Row): boolean {
  if ('refusal' in before || 'refusal' in after)
    return !(
      'refusal' in before &&
      'refusal' in after &&
      before.refusal.code === after.refusal.code
    )
  return payerChanges({ bill: '', total: 0, before, after }).length > 0
}
