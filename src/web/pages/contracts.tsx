import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useId, useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { LINES, STATES } from '#domains/contracts/types.ts'
import { api } from '#web/api.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { useFundName } from '#web/parts/ledger-names.ts'
import { Page, Section } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useCommand } from '#web/parts/use-command.ts'
import { Await } from '#web/parts/waiting.tsx'

/** 合同: what the bureau and insurers have agreed on. */
export default function ContractsPage() {
  const { lang, say } = useLanguage()
  const writes = useMay('contracts write')
  const fundName = useFundName()
  const contracts = useQuery({ queryKey: ['contracts'], queryFn: api.contracts })
  return (
    <Page title={say('contractsPage')} lead={say('contractsLead')}>
      <Await query={contracts}>
        {({ contracts: rows }) => (
          <DataTable
            caption={say('contractsPage')}
            cards
            rows={rows}
            rowKey={({ id }) => id}
            empty={say('contractNone')}
            columns={[
              {
                key: 'title',
                title: say('contractTitle'),
                heading: true,
                cell: ({ id, title }) => <Link to={`/contracts/${id}`}>{title[lang]}</Link>,
              },
              { key: 'line', title: say('contractLine'), cell: ({ line }) => LINES[line][lang] },
              {
                key: 'insurer',
                title: say('contractInsurer'),
                cell: ({ insurer }) => insurer[lang],
              },
              { key: 'fund', title: say('contractFund'), cell: ({ fund }) => fundName(fund) },
              {
                key: 'time',
                title: say('contractTime'),
                cell: ({ from, until }) => `${from} – ${until}`,
              },
              { key: 'state', title: say('state'), cell: ({ state }) => STATES[state][lang] },
            ]}
          />
        )}
      </Await>
      {writes && <Send />}
    </Page>
  )
}

function Send() {
  const { say } = useLanguage()
  const go = useNavigate()
  const field = useId()
  const client = useQueryClient()
  const [text, setText] = useState('')
  const send = useCommand(api.draftContract, async ({ id }) => {
    await client.invalidateQueries()
    void go(`/contracts/${id}`)
  })
  return (
    <Section title={say('contractUpload')} note={say('contractUploadNote')}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          send.mutate(text)
        }}
      >
        <label htmlFor={field}>{say('contractText')}</label>
        <Input.TextArea
          id={field}
          className="code-area"
          value={text}
          rows={10}
          spellCheck={false}
          required
          onChange={({ target }) => setText(target.value)}
        />
        <ProblemAlert error={send.error} />
        <div className="actions form-actions">
          <Button htmlType="submit" type="primary" loading={send.isPending}>
            {say('contractSend')}
          </Button>
        </div>
      </form>
    </Section>
  )
}
