import { Alert, Button } from 'antd'
import { Problem } from '#web/api.ts'
import { type Language, type Say, useLanguage } from '#web/parts/language.tsx'
import type { WordKey } from '#web/words.ts'

const KNOWN: Readonly<Record<string, WordKey>> = {
  unreachable: 'problemUnreachable',
  unexpected: 'problemUnexpected',
  second_person_required: 'problemSecondPerson',
}
const KNOWN_REMEDY: Readonly<Record<string, WordKey>> = {
  unreachable: 'remedyUnreachable',
  unexpected: 'remedyUnexpected',
  second_person_required: 'remedySecondPerson',
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
  const { what, remedy, fields, code } = describe(error, lang, say)
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
          {retry && <Button onClick={retry}>{say('retry')}</Button>}
        </>
      }
    />
  )
}

function describe(error: unknown, lang: Language, say: Say) {
  const problem = error instanceof Problem ? error : new Problem(500, {})
  const { body, code, status } = problem
  const known = KNOWN[code]
  const knownRemedy = KNOWN_REMEDY[code] ?? (status >= 500 ? 'remedyUnexpected' : undefined)
  return {
    code: status > 0 ? `${code} (${status})` : code,
    what: textIn(body[lang], lang) ?? (known ? say(known) : (body.detail ?? body.title ?? code)),
    remedy:
      textIn(body.remedy, lang) ?? (knownRemedy === undefined ? undefined : say(knownRemedy)),
    fields: (body.errors ?? []).map(({ field, reason, remedy }) => ({
      field,
      reason: textIn(reason, lang) ?? '',
      remedy: textIn(remedy, lang),
    })),
  }
}

/** A text, or a text in both languages. */
function textIn(value: unknown, lang: Language): string | undefined {
  if (typeof value === 'string') return value || undefined
  if (typeof value !== 'object' || value === null) return undefined
  return textIn((value as Record<string, unknown>)[lang], lang)
}
