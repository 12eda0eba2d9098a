import { Alert } from 'antd'
import type { BillFinding } from '#web/api.ts'
import { useLanguage } from '#web/parts/language.tsx'

/** What a person should look at in a bill before it is settled, or afterwards. No amount depends on it. */
export function BillFindings({
  findings,
}: {
  readonly findings: readonly BillFinding[] | undefined
}) {
  const { lang, say } = useLanguage()
  if (!findings || findings.length === 0) return null
  return (
    <Alert
      type="warning"
      showIcon
      className="spaced"
      title={say('billFindings')}
      description={
        <>
          <ul className="plain">
            {findings.map(({ code, [lang]: text }) => (
              <li key={code + text}>{text}</li>
            ))}
          </ul>
          <p className="quiet">{say('billFindingsNote')}</p>
        </>
      }
    />
  )
}
