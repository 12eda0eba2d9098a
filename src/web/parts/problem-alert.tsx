import { Alert, Button } from 'antd'
import { Problem } from '#web/api.ts'
import { type Language, type Say, useLanguage } from '#web/parts/language.tsx'
import type { WordKey } from '#web/words.ts'

const KNOWN: Readonly<Record<string, { readonly what: WordKey; readonly remedy: WordKey }>> = {
  unreachable: { what: 'problemUnreachable', remedy: 'remedyUnreachable' },
  second_person_required: { what: 'problemSecondPerson', remedy: 'remedySecondPerson' },
}

/** What went wrong, why, and what to do next, in the reader's language. */
export function ProblemAlert({
  error,
  retry,
}: {
  readonly error: unknown
  readonly retry?: () => void
}) {
  const { lang, say } = useLanguage()
  if (!error) return null
  const { what, remedy, fields, code, decided } = wordsOfProblem(error, lang, say)
  return (
    <Alert
      className="problem"
      type="error"
      showIcon
      role="alert"
      title={what}
      description={
        <>
          {remedy && <p>{remedy}</p>}
          {fields.length > 0 && (
            <ul>
              {fields.map(({ field, reason, remedy }) => (
                <li key={field + reason}>
                  <code>{field}</code> {reason}
                  {remedy && <span className="quiet"> — {remedy}</span>}
                </li>
              ))}
            </ul>
          )}
          <p className="quiet">
            {say('problemCode')} <code>{code}</code>
          </p>
          {retry && !decided && <Button onClick={retry}>{say('retry')}</Button>}
        </>
      }
    />
  )
}

/** A problem in the reader's language. */
export function wordsOfProblem(error: unknown, lang: Language, say: Say) {
  const problem = error instanceof Problem ? error : new Problem(500, {})
  const { body, code, status, language } = problem
  const shared = {
    code: status > 0 ? `${code} (${status})` : code,
    fields: body.errors ?? [],
    // A decision stays the same however often it is asked for.
    decided: problem.decided,
  }
  const known = KNOWN[code]
  if (known) return { ...shared, what: say(known.what), remedy: say(known.remedy) }
  if (language === lang && body.detail) return { ...shared, what: body.detail, remedy: body.remedy }
  const what = body[lang] ?? body.detail ?? body.title
  if (what) return { ...shared, what, remedy: undefined }
  return { ...shared, what: say('problemUnexpected'), remedy: say('remedyUnexpected') }
}
