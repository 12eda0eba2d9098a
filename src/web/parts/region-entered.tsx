import { useQueryClient } from '@tanstack/react-query'
import { ENTERED_STATES, type EnteredState } from '#domains/crossregion/types.ts'
import { api } from '#web/api.ts'
import type { Act } from '#web/parts/act-dialog.tsx'
import type { Column } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { RowActs } from '#web/parts/row-acts.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useCommand } from '#web/parts/use-command.ts'

type Entered = {
  readonly id: string
  readonly state: EnteredState
  readonly madeBy: string
  readonly decidedBy: string | null
  readonly reason: string | null
}

/** What one person enters and another decides: where it stands, and what can be done about it. */
export function useEntered<Row extends Entered>(
  what: 'terms' | 'prepayments',
  noteOf: (row: Row) => string,
  setAct: (act: Act) => void,
): {
  readonly add: (body: Readonly<Record<string, unknown>>) => Promise<unknown>
  readonly columns: Column<Row>[]
} {
  const { lang, say } = useLanguage()
  const confirms = useMay('regions confirm')
  const client = useQueryClient()
  const enter = useCommand(api.addForRegion, () => client.invalidateQueries())
  const decide = useCommand(api.decideForRegion, () => client.invalidateQueries())
  const start = (row: Row, act: 'confirm' | 'withdraw') => {
    const word = say(act === 'confirm' ? 'shareConfirm' : 'shareWithdraw')
    setAct({
      title: word,
      ok: word,
      note: noteOf(row),
      danger: act === 'withdraw',
      fields:
        act === 'withdraw'
          ? [{ name: 'reason', label: say('shareReason'), kind: 'text', needed: true }]
          : [],
      send: (typed) => decide.mutateAsync({ what, of: row.id, act, ...typed }),
    })
  }
  return {
    add: (body) => enter.mutateAsync({ what, ...body }),
    columns: [
      {
        key: 'state',
        title: say('state'),
        cell: ({ state, reason }) =>
          [ENTERED_STATES[state][lang], reason].filter(Boolean).join(' · '),
      },
      { key: 'madeBy', title: say('shareMadeBy'), cell: ({ madeBy }) => madeBy },
      {
        key: 'decidedBy',
        title: say('shareDecidedBy'),
        cell: ({ decidedBy }) => decidedBy ?? '—',
      },
      ...(confirms
        ? [
            {
              key: 'act',
              title: say('action'),
              cell: (row: Row) =>
                row.state === 'proposed' ? (
                  <RowActs
                    of={noteOf(row)}
                    acts={[
                      { word: 'shareConfirm', start: () => start(row, 'confirm') },
                      { word: 'shareWithdraw', start: () => start(row, 'withdraw') },
                    ]}
                  />
                ) : (
                  '—'
                ),
            },
          ]
        : []),
    ],
  }
}
