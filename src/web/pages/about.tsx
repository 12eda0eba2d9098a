import { GradeTag } from '#web/parts/badges.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { moment } from '#web/parts/moment.ts'
import { Page, Section } from '#web/parts/page.tsx'
import { useBook } from '#web/parts/use-book.ts'
import { Await } from '#web/parts/waiting.tsx'

const GRADES = ['A', 'B', 'C', 'D', 'invented'] as const

/** What this is, which rules it runs on, and what it does not know. */
export default function AboutPage() {
  const { say } = useLanguage()
  const book = useBook()
  return (
    <Page title={say('aboutPage')} lead={say('aboutLead')}>
      <Section title={say('versions')}>
        <Await query={book}>
          {({ version, hash, publishedAt, schemes, places, tiers }) => (
            <dl className="facts">
              <div>
                <dt>{say('program')}</dt>
                <dd>Kangyang {__VERSION__}</dd>
              </div>
              <div>
                <dt>{say('ruleBook')}</dt>
                <dd>
                  {say('rulesVersion', { version })} · <code>{hash.slice(0, 12)}</code>
                </dd>
              </div>
              <div>
                <dt>{say('publishedAt')}</dt>
                <dd>{moment(publishedAt)}</dd>
              </div>
              <div>
                <dt>{say('holds')}</dt>
                <dd>
                  {say('holdsCounts', {
                    places: places.length,
                    schemes: schemes.length,
                    tiers: tiers.length,
                  })}
                </dd>
              </div>
            </dl>
          )}
        </Await>
      </Section>
      <Section title={say('limitsTitle')}>
        <ul className="prose">
          <li>{say('limit1')}</li>
          <li>{say('limit2')}</li>
          <li>{say('limit3')}</li>
          <li>{say('limit4')}</li>
          <li>{say('limit5')}</li>
        </ul>
      </Section>
      <Section title={say('gradesTitle')}>
        <ul className="plain">
          {GRADES.map((grade) => (
            <li key={grade}>
              <GradeTag grade={grade} />
            </li>
          ))}
        </ul>
      </Section>
      <Section title={say('interfaces')}>
        <ul className="plain">
          <li>
            <a href="/api/docs">{say('apiDocs')}</a>
          </li>
          <li>
            <a href="/api/openapi.json">OpenAPI</a>
          </li>
        </ul>
      </Section>
    </Page>
  )
}
