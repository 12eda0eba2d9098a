import { useQuery } from '@tanstack/react-query'
import { Tag } from 'antd'
import { api, type Finding } from '#web/api.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Section } from '#web/parts/page.tsx'
import { Await } from '#web/parts/waiting.tsx'

const SEVERITIES = {
  error: 'severityError',
  warning: 'severityWarning',
  note: 'severityNote',
} as const

/** What a policy officer would question about the rules of one folder. */
export function Findings({ folder }: { readonly folder: string }) {
  const { say } = useLanguage()
  const lint = useQuery({ queryKey: ['lint'], queryFn: api.lint })
  return (
    <Section title={say('lintFindings')} note={say('lintNote')}>
      <Await query={lint}>
        {({ findings }) => (
          <FindingTable
            findings={findings.filter(({ file }) =>
              file.slice(0, file.lastIndexOf('/')).endsWith(folder),
            )}
          />
        )}
      </Await>
    </Section>
  )
}

export function FindingTable({ findings }: { readonly findings: readonly Finding[] }) {
  const { lang, say } = useLanguage()
  const order = ['error', 'warning', 'note']
  return (
    <DataTable
      caption={say('lintFindings')}
      cards
      rows={distinct(findings).toSorted(
        (a, b) => order.indexOf(a.severity) - order.indexOf(b.severity),
      )}
      rowKey={({ file, line, code }, i) => `${file}:${line} ${code} ${i}`}
      empty={say('noFindings')}
      columns={[
        {
          key: 'severity',
          title: say('severity'),
          cell: ({ severity }) => (
            <Tag className={`severity severity-${severity}`}>{say(SEVERITIES[severity])}</Tag>
          ),
        },
        { key: 'text', title: say('finding'), heading: true, cell: (finding) => finding[lang] },
        {
          key: 'place',
          title: say('fileLine'),
          cell: ({ file, line }) => (
            <code>
              {file}:{line}
            </code>
          ),
        },
      ]}
    />
  )
}

/** A table of values may lack the same answer in many of its rows: it is said once a line. */
function distinct(findings: readonly Finding[]): Finding[] {
  return [
    ...new Map(findings.map((each) => [`${each.file}:${each.line} ${each.en}`, each])).values(),
  ]
}
