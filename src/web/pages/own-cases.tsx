import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Tag } from 'antd'
import { Link, useNavigate } from 'react-router'
import { CHANNELS, OWN_STATES } from '#domains/casework/types.ts'
import { api, type OwnBill, type OwnCaseRow } from '#web/api.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { money } from '#web/parts/money.ts'
import { Money } from '#web/parts/money-text.tsx'
import { Page, Section } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { useSession } from '#web/parts/session.tsx'
import { useCommand } from '#web/parts/use-command.ts'
import { Await } from '#web/parts/waiting.tsx'

/** 我的理赔: cases of one's own, and bills that can be handed in. In large type for a person, a table for a hospital. */
export default function OwnCasesPage() {
  const { say } = useLanguage()
  const { user } = useSession()
  const own = useQuery({ queryKey: ['own cases'], queryFn: api.ownCases })
  const hospital = user.role === 'hospital'
  return (
    <div className={hospital ? undefined : 'large'}>
      <Page
        title={say(hospital ? 'ownCasesOfHospital' : 'ownCases')}
        lead={say(hospital ? 'ownCasesOfHospitalLead' : 'ownCasesLead')}
      >
        <Await query={own}>
          {({ cases, bills }) =>
            hospital ? (
              <Tables cases={cases} bills={bills} />
            ) : (
              <Cards cases={cases} bills={bills} />
            )
          }
        </Await>
      </Page>
    </div>
  )
}

type Own = { readonly cases: readonly OwnCaseRow[]; readonly bills: readonly OwnBill[] }

/** Hands in a bill, and opens its case: there the papers are added. */
function useHandIn() {
  const go = useNavigate()
  const client = useQueryClient()
  return useCommand(api.sendOwnCase, async ({ id }) => {
    await client.invalidateQueries()
    void go(`/own-cases/${id}`)
  })
}

// --- for a person ----------------------------------------------------------------------------------

function Cards({ cases, bills }: Own) {
  const { lang, say } = useLanguage()
  const send = useHandIn()
  return (
    <>
      <Section title={say('ownCases')}>
        {cases.length === 0 && <p>{say('ownCasesNone')}</p>}
        <ul className="large-list">
          {cases.map(({ id, no, bill, state, asked }) => (
            <li key={id}>
              <Link to={`/own-cases/${id}`} className="large-choice">
                <strong>{OWN_STATES[state][lang]}</strong>
                <span>
                  {say('caseOf', { no: String(no) })} · {bill}
                </span>
                {asked && (
                  <span className="large-asked">{say('ownCaseAsked', { why: asked.why })}</span>
                )}
              </Link>
            </li>
          ))}
        </ul>
      </Section>
      <Section title={say('ownBills')} note={say('ownBillsNote')}>
        {bills.length === 0 && <p>{say('ownBillsNone')}</p>}
        <ul className="large-list">
          {bills.map(({ bill, discharged, total, hospital }) => (
            <li key={bill} className="large-row">
              <span>
                <strong>{say('ownBillAmount', { amount: money(total) })}</strong>
                <br />
                {[discharged, hospital, bill].filter(Boolean).join(' · ')}
              </span>
              <Button
                type="primary"
                aria-label={`${say('ownCaseSend')} ${bill}`}
                loading={send.isPending && send.variables.bill === bill}
                onClick={() => send.mutate({ bill })}
              >
                {say('ownCaseSend')}
              </Button>
            </li>
          ))}
        </ul>
        <ProblemAlert error={send.error} />
      </Section>
      <p className="large-help">{say('ownCaseHelp')}</p>
    </>
  )
}

// --- for a hospital --------------------------------------------------------------------------------

function Tables({ cases, bills }: Own) {
  const { lang, say } = useLanguage()
  const send = useHandIn()
  return (
    <>
      <Section title={say('ownCasesOfHospital')}>
        <DataTable
          caption={say('ownCasesOfHospital')}
          cards
          rows={cases}
          rowKey={({ id }) => id}
          empty={say('caseNone')}
          columns={[
            {
              key: 'no',
              title: say('caseNo'),
              heading: true,
              cell: ({ id, no }) => (
                <Link to={`/own-cases/${id}`}>{say('caseOf', { no: String(no) })}</Link>
              ),
            },
            {
              key: 'state',
              title: say('state'),
              cell: ({ state, asked }) => (
                <>
                  {OWN_STATES[state][lang]} {asked && <Tag color="error">{asked.why}</Tag>}
                </>
              ),
            },
            { key: 'bill', title: say('bill'), cell: ({ bill }) => bill },
            { key: 'person', title: say('person'), cell: ({ person }) => person },
            {
              key: 'amount',
              title: say('amountYuan'),
              numeric: true,
              cell: ({ amount }) => <Money fen={amount} />,
            },
            {
              key: 'channel',
              title: say('caseChannel'),
              cell: ({ channel }) => CHANNELS[channel][lang],
            },
            { key: 'accepted', title: say('caseAccepted'), cell: ({ acceptedOn }) => acceptedOn },
          ]}
        />
      </Section>
      <Section title={say('ownBills')} note={say('ownBillsNote')}>
        <DataTable
          caption={say('ownBills')}
          cards
          rows={bills}
          rowKey={({ bill }) => bill}
          empty={say('ownBillsNone')}
          columns={[
            { key: 'bill', title: say('bill'), heading: true, cell: ({ bill }) => bill },
            { key: 'person', title: say('person'), cell: ({ person }) => person },
            { key: 'day', title: say('discharged'), cell: ({ discharged }) => discharged },
            {
              key: 'total',
              title: say('amountYuan'),
              numeric: true,
              cell: ({ total }) => <Money fen={total} />,
            },
            {
              key: 'send',
              title: say('action'),
              cell: ({ bill }) => (
                <Button
                  size="small"
                  aria-label={`${say('ownCaseSend')} ${bill}`}
                  onClick={() => send.mutate({ bill })}
                >
                  {say('ownCaseSend')}
                </Button>
              ),
            },
          ]}
        />
        <ProblemAlert error={send.error} />
      </Section>
    </>
  )
}
