import { Alert } from 'antd'
import type { StoredSettlement } from '#web/api.ts'
import { useLanguage } from '#web/parts/language.tsx'
import { money } from '#web/parts/money.ts'

const MOST_SHOWN = 12

/**
 * Says where a kept settlement would come out otherwise today. What is shown, and was paid, is what was
 * kept; the steps below are today's.
 */
export function Recomputed({ engine, differences, refusal }: StoredSettlement['recomputed']) {
  const { say } = useLanguage()
  if (differences.length === 0 && refusal === undefined) return null
  return (
    <Alert
      className="problem"
      type="warning"
      showIcon
      role="alert"
      title={say('recomputedTitle')}
      description={
        <>
          <p>
            {refusal === undefined ? say('recomputedNote') : say('recomputedRefused')}{' '}
            {refusal !== undefined && <code>{refusal}</code>}
          </p>
          {differences.length > 0 && (
            <ul>
              {differences.slice(0, MOST_SHOWN).map(({ of, kept, now }) => (
                <li key={of}>
                  <code>{of}</code> {say('recomputedPair', { kept: money(kept), now: money(now) })}
                </li>
              ))}
              {differences.length > MOST_SHOWN && (
                <li>{say('recomputedMore', { n: differences.length - MOST_SHOWN })}</li>
              )}
            </ul>
          )}
          <p className="quiet">
            {say('recomputedEngine', {
              kept: engine.kept ?? say('notKept'),
              now: engine.now,
            })}
          </p>
        </>
      }
    />
  )
}
