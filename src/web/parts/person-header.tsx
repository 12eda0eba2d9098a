import { useMutation } from '@tanstack/react-query'
import { Alert, Button } from 'antd'
import { Link } from 'react-router'
import { api, type Book, type EnrolmentFile, type PersonFile } from '#web/api.ts'
import { useLanguage } from '#web/parts/language.tsx'
import { useActs } from '#web/parts/person-acts.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { useAnswers, useSchemeTitle } from '#web/parts/use-book.ts'

/** Who the person is, masked; a handler may see name and number in full, and the file records that they did. */
export function PersonHeader({
  person,
  file,
  book,
}: {
  readonly person: PersonFile['person']
  readonly file: EnrolmentFile
  readonly book: Book | undefined
}) {
  const { say } = useLanguage()
  const answer = useAnswers()
  const schemeTitle = useSchemeTitle(book)
  const { may, ask, change, send, refresh } = useActs()
  const reveal = useMutation({
    mutationFn: () => api.reveal(file.id),
    onSuccess: () => void refresh(),
  })
  const shown = reveal.data
  const facts = [
    [say('personName'), shown?.name ?? file.name],
    [say('personNumber'), file.id],
    [say('idNumber'), shown?.idNumber ?? file.idNumber ?? say('noIdNumber')],
    [say('sex'), file.sex ? say(file.sex) : undefined],
    [say('born'), file.born ?? person.born],
    [say('died'), file.died],
    [say('scheme'), person.scheme ? schemeTitle(person.scheme) : say('notCoveredToday')],
    [say('insuredClass'), answer('class', person.class)],
    [say('assistance'), answer('category', person.category)],
    [
      say('worksFor'),
      file.roster
        .filter(({ until }) => until === null)
        .map(({ employerName }) => employerName)
        .join(say('listComma')),
    ],
  ].filter((pair): pair is [string, string] => Boolean(pair[1]))
  return (
    <section className="section person-head" aria-label={say('personPage')}>
      {file.mergedInto !== null && (
        <Alert
          type="warning"
          showIcon
          title={
            <>
              {say('mergedAway')}{' '}
              <Link to={`/persons/${encodeURIComponent(file.mergedInto)}`}>{file.mergedInto}</Link>
            </>
          }
        />
      )}
      {may && !file.enrolled && <p className="quiet">{say('notEnrolled')}</p>}
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <ProblemAlert error={reveal.error} />
      {may && (
        <div className="actions">
          {shown ? (
            <Button onClick={() => reveal.reset()}>{say('maskAgain')}</Button>
          ) : (
            <Button loading={reveal.isPending} onClick={() => reveal.mutate()}>
              {say('reveal')}
            </Button>
          )}
          {file.idNumber === null && (
            <Button
              onClick={() =>
                ask({
                  title: say('addIdNumber'),
                  ok: say('addIdNumber'),
                  note: say('addIdNumberNote'),
                  fields: [
                    { name: 'idNumber', label: say('idNumber'), kind: 'text', needed: true },
                  ],
                  send: ({ idNumber }) => send('id-number', { idNumber }),
                })
              }
            >
              {say('addIdNumber')}…
            </Button>
          )}
          {file.died === null && (
            <Button
              onClick={() =>
                ask({
                  title: say('recordDeath'),
                  ok: say('recordDeath'),
                  note: say('recordDeathNote'),
                  danger: true,
                  fields: [
                    { name: 'on', label: say('died'), kind: 'day', needed: true },
                    { name: 'reason', label: say('evidence'), kind: 'text', needed: true },
                  ],
                  send: ({ on, reason }) => change({ kind: 'death', on }, reason),
                })
              }
            >
              {say('recordDeath')}…
            </Button>
          )}
          <span className="quiet">{say('revealNote')}</span>
        </div>
      )}
    </section>
  )
}
