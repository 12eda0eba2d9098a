import { useQueries } from '@tanstack/react-query'
import { Link } from 'react-router'
import { api, type BillRow, type Book, type PersonFile } from '#web/api.ts'
import { BillState } from '#web/parts/bill-list.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Money } from '#web/parts/money-text.tsx'
import { Section } from '#web/parts/page.tsx'
import { Reliefs } from '#web/parts/reliefs.tsx'
import { RunningTotals } from '#web/parts/running-totals.tsx'
import { UsedLimits } from '#web/parts/used-limits.tsx'

/** Bills with what became of them, how far each limit is used, and the totals the next bill starts from. */
export function PersonBills({
  file,
  book,
}: {
  readonly file: PersonFile
  readonly book: Book | undefined
}) {
  const { say } = useLanguage()
  const { person, bills, totals } = file
  const settled = bills.filter(({ state, settlement }) => state === 'settled' && settlement)
  const stored = useQueries({
    queries: settled.map(({ settlement }) => ({
      queryKey: ['settlement', settlement],
      queryFn: () => api.settlement(settlement ?? ''),
    })),
  })
  const settlements = stored.flatMap(({ data }) => (data ? [data] : []))
  const patientOf = (bill: BillRow) =>
    settlements.find(({ id }) => id === bill.settlement)?.settlement.patient
  const amountOf = (bill: BillRow, amount: (patient: number) => number) => {
    const patient = patientOf(bill)
    return patient === undefined ? '—' : <Money fen={amount(patient)} />
  }
  return (
    <>
      <Section title={say('bills')}>
        <DataTable
          caption={say('bills')}
          cards
          rows={bills.toSorted((a, b) => (a.settled < b.settled ? -1 : 1))}
          rowKey={({ id }) => id}
          empty={say('noBills')}
          columns={[
            {
              key: 'bill',
              title: say('bill'),
              heading: true,
              cell: ({ id }) => (
                <Link to={`/?${new URLSearchParams({ person: person.id, bill: id }).toString()}`}>
                  {id}
                </Link>
              ),
            },
            { key: 'admitted', title: say('admitted'), cell: ({ admitted }) => admitted },
            { key: 'settled', title: say('settledOn'), cell: ({ settled }) => settled },
            {
              key: 'total',
              title: say('total'),
              numeric: true,
              cell: ({ total }) => <Money fen={total} />,
            },
            {
              key: 'paid',
              title: say('paidByOthers'),
              numeric: true,
              cell: (bill) => amountOf(bill, (patient) => bill.total - patient),
            },
            {
              key: 'patient',
              title: say('patient'),
              numeric: true,
              cell: (bill) => amountOf(bill, (patient) => patient),
            },
            {
              key: 'state',
              title: say('state'),
              cell: ({ state }) => <BillState state={state} />,
            },
          ]}
        />
      </Section>
      <UsedLimits settlements={settlements} />
      <Reliefs person={person.id} scheme={person.scheme} bills={bills} book={book} />
      <RunningTotals totals={totals} book={book} />
    </>
  )
}
