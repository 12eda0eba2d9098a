import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { formatRate } from '#base/money.ts'
import {
  type ClearingTerms,
  type KeptClearingTerms,
  TERMS_GRADES,
} from '#domains/crossregion/types.ts'
import { api } from '#web/api.ts'
import { type Act, ActDialog } from '#web/parts/act-dialog.tsx'
import { GRADE_WORDS, GradeTag } from '#web/parts/badges.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Section } from '#web/parts/page.tsx'
import { useEntered } from '#web/parts/region-entered.tsx'
import { useMay } from '#web/parts/session.tsx'
import { Await } from '#web/parts/waiting.tsx'

/** 清算约定: what two regions agreed, and the rule that holds for all others, each with its source. */
export function RegionTerms() {
  const { say } = useLanguage()
  const enters = useMay('regions close')
  const [act, setAct] = useState<Act>()
  const found = useQuery({ queryKey: ['region terms'], queryFn: api.regionTerms })
  const { add, columns } = useEntered<KeptClearingTerms>(
    'terms',
    ({ insured, treating, terms: { from, source } }) =>
      `${insured} → ${treating} · ${from} · ${source}`,
    setAct,
  )
  const count = (name: keyof ClearingTerms, label: string, value: number) =>
    ({ name, label, kind: 'count', needed: true, value: String(value) }) as const
  const start = (rule: ClearingTerms | undefined) =>
    setAct({
      title: say('regionAddTerms'),
      ok: say('regionAddTerms'),
      note: say('regionTermsNote'),
      fields: [
        { name: 'insured', label: say('regionInsured'), kind: 'text', needed: true },
        { name: 'treating', label: say('regionTreating'), kind: 'text', needed: true },
        { name: 'from', label: say('monthFrom'), kind: 'month', needed: true },
        count('prepaymentMonths', say('regionPrepaymentMonths'), rule?.prepaymentMonths ?? 2),
        { name: 'yellow', label: say('regionYellow'), kind: 'percent', needed: true },
        { name: 'red', label: say('regionRed'), kind: 'percent', needed: true },
        count('stateUntilDay', say('regionStateUntilDay'), rule?.stateUntilDay ?? 20),
        count('payWithinDays', say('regionPayWithinDays'), rule?.payWithinDays ?? 10),
        {
          name: 'rebaseUntil',
          label: say('regionRebaseUntil'),
          kind: 'text',
          needed: true,
          value: rule?.rebaseUntil ?? '',
        },
        { name: 'source', label: say('monthTermsDocument'), kind: 'text', needed: true },
        {
          name: 'grade',
          label: say('grade'),
          kind: 'choice',
          needed: true,
          options: TERMS_GRADES.map((value) => ({ value, label: say(GRADE_WORDS[value]) })),
        },
      ],
      send: ({ prepaymentMonths, stateUntilDay, payWithinDays, ...typed }) =>
        add({
          ...typed,
          prepaymentMonths: Number(prepaymentMonths),
          stateUntilDay: Number(stateUntilDay),
          payWithinDays: Number(payWithinDays),
        }),
    })
  const shared = [
    {
      key: 'months',
      title: say('regionPrepaymentMonths'),
      numeric: true,
      cell: ({ terms: { prepaymentMonths } }: HasTerms) => String(prepaymentMonths),
    },
    {
      key: 'lines',
      title: say('regionLines'),
      numeric: true,
      cell: ({ terms: { yellow, red } }: HasTerms) => `${formatRate(yellow)} / ${formatRate(red)}`,
    },
    {
      key: 'days',
      title: say('regionDays'),
      cell: ({ terms }: HasTerms) =>
        say('regionDaysText', {
          day: String(terms.stateUntilDay),
          days: String(terms.payWithinDays),
          rebase: terms.rebaseUntil,
        }),
    },
    {
      key: 'source',
      title: say('monthTermsDocument'),
      cell: ({ terms: { source, grade } }: HasTerms) => (
        <>
          {source} <GradeTag grade={grade} />
        </>
      ),
    },
  ]
  return (
    <Await query={found}>
      {({ rules, terms: rows }) => (
        <Section
          title={say('regionTerms')}
          note={say('regionTermsNote')}
          actions={
            enters && <Button onClick={() => start(rules.at(-1))}>{say('regionAddTerms')}…</Button>
          }
        >
          <DataTable<HasTerms>
            caption={say('regionRules')}
            cards
            rows={rules.map((terms) => ({ terms }))}
            rowKey={({ terms: { from } }) => from}
            columns={[
              {
                key: 'from',
                title: say('regionRules'),
                heading: true,
                cell: ({ terms: { from } }) => say('regionRuleFrom', { from }),
              },
              ...shared,
            ]}
          />
          {rows.length > 0 && (
            <DataTable<KeptClearingTerms>
              caption={say('regionTerms')}
              cards
              rows={rows}
              rowKey={({ id }) => id}
              columns={[
                {
                  key: 'pair',
                  title: say('regionPair'),
                  heading: true,
                  cell: ({ insured, treating, terms: { from } }) =>
                    `${insured} → ${treating} · ${from}`,
                },
                ...shared,
                ...columns,
              ]}
            />
          )}
          {act && <ActDialog key={act.title} act={act} onClose={() => setAct(undefined)} />}
        </Section>
      )}
    </Await>
  )
}

type HasTerms = { readonly terms: ClearingTerms }
