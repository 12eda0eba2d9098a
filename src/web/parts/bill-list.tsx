import { Tag } from 'antd'
import type { BillRow } from '#web/api.ts'
import { useLanguage } from '#web/parts/language.tsx'
import { money } from '#web/parts/money.ts'
import { useAnswers } from '#web/parts/use-book.ts'

const STATES = {
  open: { word: 'stateOpen', colour: 'blue' },
  settled: { word: 'stateSettled', colour: 'green' },
  reversed: { word: 'stateReversed', colour: 'default' },
} as const

export function BillState({ state }: { readonly state: BillRow['state'] }) {
  const { say } = useLanguage()
  const { word } = STATES[state]
  return <Tag className={`state state-${state}`}>{say(word)}</Tag>
}

/** The bills of one person, oldest first: the order in which they should be settled. */
export function BillList({
  bills,
  chosen,
  onChoose,
}: {
  readonly bills: readonly BillRow[]
  readonly chosen: string | undefined
  readonly onChoose: (bill: string) => void
}) {
  const { say } = useLanguage()
  const answer = useAnswers()
  if (bills.length === 0) return <p className="quiet">{say('noBills')}</p>
  return (
    <ul className="choices" aria-label={say('bills')}>
      {bills
        .toSorted((a, b) => (a.settled < b.settled ? -1 : 1))
        .map(({ id, admitted, discharged, total, state, medical, level }) => (
          <li key={id}>
            <button
              type="button"
              className="choice"
              aria-pressed={id === chosen}
              onClick={() => onChoose(id)}
            >
              <span className="choice-main">
                <strong className="money">{money(total)}</strong>{' '}
                <span className="quiet">
                  {[answer('medical', medical), answer('level', level)].filter(Boolean).join(' · ')}
                </span>
              </span>
              <span className="choice-side">
                <BillState state={state} />
              </span>
              <span className="choice-note">
                {admitted === discharged ? admitted : `${admitted} – ${discharged}`} · {id}
              </span>
            </button>
          </li>
        ))}
    </ul>
  )
}
