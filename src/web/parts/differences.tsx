import { Alert, Tag } from 'antd'
import { PAYERS, type Payer } from '#domains/settlement/types.ts'
import type { Adjustment, BillDifference, Moved } from '#web/api.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { money } from '#web/parts/money.ts'
import { Money } from '#web/parts/money-text.tsx'

const REASONS = {
  own: 'reasonOwn',
  rules: 'reasonRules',
  arithmetic: 'reasonArithmetic',
  facts: 'reasonFacts',
  totals: 'reasonTotals',
} as const

/** Both sides of each bill that changes: who bears what before and after, and why. */
export function Differences({ differences }: { readonly differences: readonly BillDifference[] }) {
  const { lang, say } = useLanguage()
  if (differences.length === 0) return <p className="quiet">{say('nothingMoves')}</p>
  return differences.map(({ bill, reasons, payers, patient, total, benefits, ...more }) => {
    const rows = [
      ...entriesOf(payers).map(([payer, moved]) => ({ name: PAYERS[payer][lang], moved })),
      { name: say('patient'), moved: patient },
      { name: say('total'), moved: total },
      ...entriesOf(benefits).map(([payer, moved]) => ({
        name: say('benefitOf', { payer: PAYERS[payer][lang] }),
        moved,
      })),
    ]
    return (
      <div key={bill} className="difference">
        <h3>
          {say('bill')} {bill}
        </h3>
        <p className="quiet">
          {reasons.map((reason) => say(REASONS[reason])).join(say('listComma'))}
        </p>
        <DataTable
          caption={`${say('bill')} ${bill}`}
          rows={rows}
          rowKey={({ name }) => name}
          columns={[
            { key: 'party', title: say('party'), heading: true, cell: ({ name }) => name },
            {
              key: 'before',
              title: say('beforeReplay'),
              numeric: true,
              cell: ({ moved }) => <Money fen={moved.before} />,
            },
            {
              key: 'after',
              title: say('afterReplay'),
              numeric: true,
              cell: ({ moved }) => <Money fen={moved.after} />,
            },
            {
              key: 'difference',
              title: say('difference'),
              numeric: true,
              cell: ({ moved }) => signed(moved),
            },
          ]}
        />
        {more.spentSince > 0 && (
          <Alert
            type="info"
            showIcon
            title={say('spentSince', { amount: money(more.spentSince) })}
          />
        )}
        {more.refusal && (
          <Alert type="warning" showIcon title={say('heldAsItWas', { code: more.refusal })} />
        )}
      </div>
    )
  })
}

const entriesOf = (moved: BillDifference['payers']) => Object.entries(moved) as [Payer, Moved][]

function signed({ before, after }: Moved): string {
  const by = after - before
  return by === 0 ? '0.00' : `${by > 0 ? '+' : '−'}${money(Math.abs(by))}`
}

const STATES = {
  ordered: { word: 'adjustmentOrdered', colour: 'blue' },
  proposed: { word: 'adjustmentProposed', colour: 'orange' },
  'confirmed-once': { word: 'adjustmentOnce', colour: 'gold' },
  confirmed: { word: 'adjustmentConfirmed', colour: 'green' },
  waived: { word: 'adjustmentWaived', colour: 'default' },
} as const

export function AdjustmentState({ state }: Pick<Adjustment, 'state'>) {
  const { say } = useLanguage()
  const { word, colour } = STATES[state]
  return <Tag color={colour}>{say(word)}</Tag>
}

/** What an adjustment says in one line: who pays whom. */
export function useParty(): (party: string) => string {
  const { lang, say } = useLanguage()
  return (party) => {
    if (party === 'person') return say('partyPerson')
    if (party === 'institution') return say('partyInstitution')
    return PAYERS[party as Payer]?.[lang] ?? party
  }
}
