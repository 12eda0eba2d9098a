import { useMutation, useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { ENTRY_KINDS, type EntryKind } from '#domains/ledger/types.ts'
import { api, type LedgerLine } from '#web/api.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { useAccountName } from '#web/parts/ledger-names.ts'
import { Money } from '#web/parts/money-text.tsx'
import { Section } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { useMay } from '#web/parts/session.tsx'
import { Await } from '#web/parts/waiting.tsx'

type Days = { readonly from: string; readonly until: string }

/** The postings of an account in some days, each leading to its settlement, where every amount has its rule. */
export function LedgerPostings({
  fund,
  account,
  days,
}: {
  readonly fund: string
  readonly account: string
  readonly days: Days
}) {
  const { say } = useLanguage()
  const accountName = useAccountName()
  const top = useRef<HTMLDivElement>(null)
  const [after, setAfter] = useState(0)
  const asked = { fund, account, ...days }
  const postings = useQuery({
    queryKey: ['ledger postings', fund, account, days.from, days.until, after],
    queryFn: () => api.ledgerPostings({ ...asked, after: String(after) }),
  })
  useEffect(() => {
    // Newer browsers answer with a promise, which is nothing to clean up with.
    void top.current?.scrollIntoView({ block: 'nearest' })
  }, [])
  const title = say('ledgerPostings', { account: accountName(account) })
  return (
    <div ref={top}>
      <Section
        title={title}
        note={say('ledgerPostingsNote', days)}
        actions={<a href={api.postingsAddress(asked)}>{say('ledgerPostingsCsv')}</a>}
      >
        <Await query={postings}>
          {({ opening, lines, next }) => (
            <>
              {after === 0 && (
                <p>
                  {say('ledgerOpening')} <Money fen={opening} />
                </p>
              )}
              <Lines title={title} lines={lines} />
              {next !== undefined && (
                <Button onClick={() => setAfter(next)}>{say('ledgerNext')}</Button>
              )}
            </>
          )}
        </Await>
      </Section>
    </div>
  )
}

/** Entries whose subject is an order. */
const PAYMENT_KINDS: readonly EntryKind[] = ['ordered', 'paid', 'returned', 'unpaid']

function Lines({
  title,
  lines,
}: {
  readonly title: string
  readonly lines: readonly LedgerLine[]
}) {
  const { lang, say } = useLanguage()
  const accountName = useAccountName()
  const navigate = useNavigate()
  const tries = useMay('settlements try')
  const open = useMutation({
    mutationFn: api.settlement,
    onSuccess: ({ settlement: { person, bill } }) =>
      navigate(`/?${new URLSearchParams({ person, bill })}`),
  })
  return (
    <>
      <ProblemAlert error={open.error} />
      <DataTable
        caption={title}
        cards
        rows={lines}
        rowKey={({ no, against, account }, i) => `${no} ${account} ${against} ${i}`}
        empty={say('ledgerNoPostings')}
        columns={[
          { key: 'day', title: say('ledgerBookedOn'), cell: ({ day }) => day },
          { key: 'kind', title: say('ledgerKind'), cell: ({ kind }) => ENTRY_KINDS[kind][lang] },
          {
            key: 'bill',
            title: say('billNumber'),
            heading: true,
            cell: ({ bill, settlement, subject, kind }) =>
              bill !== null && settlement !== null && tries ? (
                <Button
                  type="link"
                  className="link-in-cell"
                  onClick={() => open.mutate(settlement)}
                >
                  {bill}
                </Button>
              ) : PAYMENT_KINDS.includes(kind) ? (
                <Link to={`/payments/orders/${subject}`}>{say('payOrder')}</Link>
              ) : (
                (bill ?? subject)
              ),
          },
          {
            key: 'against',
            title: say('ledgerAgainst'),
            cell: ({ against }) => accountName(against),
          },
          {
            key: 'debit',
            title: say('ledgerDebit'),
            numeric: true,
            cell: ({ debit }) => <Money fen={debit} />,
          },
          {
            key: 'credit',
            title: say('ledgerCredit'),
            numeric: true,
            cell: ({ credit }) => <Money fen={credit} />,
          },
        ]}
      />
    </>
  )
}
