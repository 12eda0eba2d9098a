import { useQueryClient } from '@tanstack/react-query'
import { App, Button, Input, Modal } from 'antd'
import { useId, useState } from 'react'
import { Link } from 'react-router'
import { type Adjustment, api, type StoredAdjustment } from '#web/api.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { AdjustmentState, useParty } from '#web/parts/differences.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Money } from '#web/parts/money-text.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { useMay, useSession } from '#web/parts/session.tsx'
import { useCommand } from '#web/parts/use-command.ts'

/** 补付与追回: what moves between whom. What is taken back from a person waits here for a decision. */
export function Adjustments({
  adjustments,
  empty,
  ofPersons = false,
}: {
  readonly adjustments: readonly (Adjustment | StoredAdjustment)[]
  readonly empty: string
  /** Of several persons: each row names its own. */
  readonly ofPersons?: boolean
}) {
  const { say } = useLanguage()
  const party = useParty()
  const handles = useMay('adjustments decide')
  const [deciding, setDeciding] = useState<
    { readonly adjustment: StoredAdjustment; readonly act: 'confirm' | 'waive' } | undefined
  >()
  const stored = adjustments.flatMap((each) => ('id' in each ? [each] : []))
  const { name } = useSession().user
  const said = stored.flatMap(({ id, state, firstBy, firstReason, decidedBy, reason }) => [
    ...(firstBy === null ? [] : [{ key: `${id} first`, by: firstBy, reason: firstReason }]),
    ...(decidedBy === null ? [] : [{ key: id, state, by: decidedBy, reason }]),
  ])
  return (
    <>
      <DataTable
        caption={say('adjustments')}
        cards
        rows={adjustments}
        rowKey={(each, index) => ('id' in each ? each.id : String(index))}
        empty={empty}
        columns={[
          {
            key: 'kind',
            title: say('adjustmentKind'),
            heading: true,
            cell: ({ kind }) => say(kind === 'supplement' ? 'supplement' : 'takenBack'),
          },
          ...(ofPersons
            ? [
                {
                  key: 'person',
                  title: say('person'),
                  cell: (each: Adjustment | StoredAdjustment) =>
                    'person' in each ? (
                      <Link to={`/persons/${encodeURIComponent(each.person)}`}>{each.person}</Link>
                    ) : null,
                },
              ]
            : []),
          { key: 'bill', title: say('bill'), cell: ({ bill }) => bill },
          { key: 'from', title: say('paidFrom'), cell: ({ from }) => party(from) },
          { key: 'to', title: say('paidTo'), cell: ({ to }) => party(to) },
          {
            key: 'amount',
            title: say('amountYuan'),
            numeric: true,
            cell: ({ amount }) => <Money fen={amount} />,
          },
          {
            key: 'state',
            title: say('state'),
            cell: (each) => (
              <>
                <AdjustmentState state={each.state} />
                {handles && 'id' in each && isWaiting(each) && (
                  <span className="actions">
                    {each.firstBy !== name && (
                      <Button
                        size="small"
                        onClick={() => setDeciding({ adjustment: each, act: 'confirm' })}
                      >
                        {say(each.firstBy === null ? 'confirmRecovery' : 'confirmAgain')}…
                      </Button>
                    )}
                    <Button
                      size="small"
                      onClick={() => setDeciding({ adjustment: each, act: 'waive' })}
                    >
                      {say('waiveRecovery')}…
                    </Button>
                  </span>
                )}
              </>
            ),
          },
        ]}
      />
      {said.map(({ key, by, reason, ...each }) => (
        <p key={key} className="quiet">
          {'state' in each ? <AdjustmentState state={each.state} /> : say('firstConfirmed')} {by}
          {say('colon')}
          {reason}
        </p>
      ))}
      {deciding && (
        <DecisionDialog
          key={deciding.adjustment.id + deciding.act}
          {...deciding}
          onClose={() => setDeciding(undefined)}
        />
      )}
    </>
  )
}

const isWaiting = ({ state }: Adjustment): boolean =>
  state === 'proposed' || state === 'confirmed-once'

function DecisionDialog({
  adjustment,
  act,
  onClose,
}: {
  readonly adjustment: StoredAdjustment
  readonly act: 'confirm' | 'waive'
  readonly onClose: () => void
}) {
  const { say } = useLanguage()
  const { message } = App.useApp()
  const client = useQueryClient()
  const [reason, setReason] = useState('')
  const field = useId()
  const decide = useCommand(api.decideAdjustment, async () => {
    onClose()
    await client.invalidateQueries()
    void message.success(say('decisionKept'))
  })
  const send = () => decide.mutate({ adjustment: adjustment.id, act, reason: reason.trim() })
  return (
    <Modal
      open
      title={say(act === 'confirm' ? 'confirmQuestion' : 'waiveQuestion')}
      onCancel={onClose}
      onOk={send}
      okText={say(act === 'confirm' ? 'confirmRecovery' : 'waiveRecovery')}
      cancelText={say('cancel')}
      okButtonProps={{
        danger: act === 'confirm',
        disabled: reason.trim() === '',
        loading: decide.isPending,
      }}
      destroyOnHidden
    >
      <div className="dialog">
        <p>
          {say('bill')} {adjustment.bill}
          {say('colon')}
          <strong>
            <Money fen={adjustment.amount} />
          </strong>
        </p>
        {act === 'confirm' && (
          <p>
            {adjustment.firstBy === null
              ? say('confirmTwice')
              : say('confirmSecond', { by: adjustment.firstBy })}
          </p>
        )}
        <label htmlFor={field}>{say('decisionReason')}</label>
        <Input.TextArea
          id={field}
          value={reason}
          onChange={({ target }) => setReason(target.value)}
          rows={3}
          maxLength={500}
          required
        />
        <ProblemAlert error={decide.error} retry={send} />
      </div>
    </Modal>
  )
}
