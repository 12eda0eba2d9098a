import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { api, type StatementView } from '#web/api.ts'
import { Adjustments } from '#web/parts/adjustments.tsx'
import { Differences } from '#web/parts/differences.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { moment } from '#web/parts/moment.ts'
import { Section } from '#web/parts/page.tsx'
import { Await } from '#web/parts/waiting.tsx'

/** 重算说明: each time bills of the person were settled again, what changed and why. */
export function Statements({ person }: { readonly person: string }) {
  const { say } = useLanguage()
  const statements = useQuery({
    queryKey: ['statements', person],
    queryFn: () => api.statements(person),
  })
  return (
    <Await query={statements}>
      {({ statements: all }) =>
        all.length > 0 && (
          <Section title={say('statements')} note={say('statementsNote')}>
            {all.map((statement, i) => (
              <details key={statement.id} className="statement" open={i === 0}>
                <summary>
                  <strong>{causeWords(statement.cause, say)}</strong>{' '}
                  <span className="quiet">
                    {moment(statement.at)} · {statement.user}
                    {statement.reason ? ` · ${statement.reason}` : ''}
                  </span>
                </summary>
                <Statement id={statement.id} />
              </details>
            ))}
          </Section>
        )
      }
    </Await>
  )
}

function Statement({ id }: { readonly id: string }) {
  const { say } = useLanguage()
  const statement = useQuery({ queryKey: ['statement', id], queryFn: () => api.statement(id) })
  return (
    <Await query={statement}>
      {({ differences, adjustments }) => (
        <>
          <Differences differences={differences} />
          <h3>{say('adjustments')}</h3>
          <Adjustments adjustments={adjustments} empty={say('noAdjustments')} />
          <div className="actions">
            <Button href={api.statementAddress(id)} target="_blank">
              {say('printStatement')}
            </Button>
          </div>
        </>
      )}
    </Await>
  )
}

const CAUSES = {
  'late-bill': 'causeLateBill',
  reversal: 'causeReversal',
  correction: 'causeCorrection',
  person: 'causePerson',
  account: 'causeAccount',
  payment: 'causePayment',
  rules: 'causeRules',
} as const

/** What made it necessary, in one line. */
function causeWords(
  { kind, bill = '', version = 0 }: StatementView['cause'],
  say: ReturnType<typeof useLanguage>['say'],
): string {
  return say(CAUSES[kind], { bill, version: String(version) })
}
