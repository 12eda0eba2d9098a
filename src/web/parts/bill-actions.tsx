import { useQuery, useQueryClient } from '@tanstack/react-query'
import { App, Button, Input, Modal } from 'antd'
import { lazy, Suspense, useId, useState } from 'react'
import { Link } from 'react-router'
import { api, type BillRow, type Explained, Problem } from '#web/api.ts'
import { AcceptCase } from '#web/parts/accept-case.tsx'
import { Adjustments } from '#web/parts/adjustments.tsx'
import { Differences } from '#web/parts/differences.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { money } from '#web/parts/money.ts'
import { NationalFields } from '#web/parts/national-fields.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useCommand } from '#web/parts/use-command.ts'
import { Working } from '#web/parts/waiting.tsx'

const CorrectBill = lazy(() => import('#web/parts/correct-bill.tsx'))

/** What can be done with one bill: try, settle, reverse, print. Only what the bill's state allows. */
export function BillActions({
  bill,
  onTrial,
}: {
  readonly bill: BillRow
  readonly onTrial: (explained: Explained | undefined) => void
}) {
  const { say } = useLanguage()
  const { modal, message } = App.useApp()
  const tries = useMay('settlements try')
  const prints = useMay('settlements print')
  const client = useQueryClient()
  const [reversing, setReversing] = useState(false)
  const [correcting, setCorrecting] = useState(false)
  const trial = useCommand(
    (id: string) => api.trial({ bill: id }),
    (explained) => onTrial(explained),
  )
  const settle = useCommand(api.settle, async () => {
    onTrial(undefined)
    await client.invalidateQueries()
    void message.success(say('settledDone'))
  })
  const confirmSettle = () =>
    modal.confirm({
      title: say('settleQuestion'),
      content: say('settleExplains', { bill: bill.id, total: money(bill.total) }),
      okText: say('settle'),
      cancelText: say('cancel'),
      onOk: () => settle.mutate(bill.id),
    })
  const settled = bill.state === 'settled' && bill.settlement
  const handles = useMay('settlements reverse')
  const accepts = useMay('cases accept')
  const opens = useMay('cases read')
  const [accepting, setAccepting] = useState(false)
  return (
    <>
      <div className="actions bill-actions">
        {!settled && tries && (
          <Button
            onClick={() => {
              settle.reset()
              trial.mutate(bill.id)
            }}
            loading={trial.isPending}
          >
            {say('trial')}
          </Button>
        )}
        {bill.case !== undefined && opens && (
          <Link to={`/cases/${bill.case}`}>{say('caseOpen')}</Link>
        )}
        {!settled && accepts && bill.case === undefined && (
          <Button onClick={() => setAccepting(true)}>{say('caseAccept')}…</Button>
        )}
        {!settled && handles && (
          <Button type="primary" onClick={confirmSettle} loading={settle.isPending}>
            {say('settle')}…
          </Button>
        )}
        {settled && prints && (
          <>
            <Button href={api.slipAddress(settled)} target="_blank">
              {say('printSlip')}
            </Button>
            <NationalFields settlement={settled} />
            {handles && (
              <Button danger onClick={() => setReversing(true)}>
                {say('reverse')}…
              </Button>
            )}
          </>
        )}
        {handles && <Button onClick={() => setCorrecting(true)}>{say('correctBill')}…</Button>}
      </div>
      {accepting && <AcceptCase bill={bill.id} onClose={() => setAccepting(false)} />}
      {correcting && (
        <Suspense fallback={<Working text={say('loading')} />}>
          <CorrectBill bill={bill} onClose={() => setCorrecting(false)} />
        </Suspense>
      )}
      {trial.isPending && <Working text={say('workingTrial')} />}
      {settle.isPending && <Working text={say('workingSettle')} />}
      <ProblemAlert error={trial.error} retry={() => trial.mutate(bill.id)} />
      <ProblemAlert error={settle.error} retry={() => settle.mutate(bill.id)} />
      {handles && [trial.error, settle.error].some(isLate) && (
        <AcceptLate
          bill={bill.id}
          onAccepted={() => {
            trial.reset()
            settle.reset()
          }}
        />
      )}
      {settled && (
        <ReverseDialog
          open={reversing}
          bill={bill}
          settlement={settled}
          onClose={() => setReversing(false)}
        />
      )}
    </>
  )
}

const isLate = (error: unknown): boolean =>
  error instanceof Problem && error.code === 'handed_in_late'

/** Only a person refuses: a bill that came too late may be taken, and who did so and why stays with it. */
function AcceptLate({
  bill,
  onAccepted,
}: {
  readonly bill: string
  readonly onAccepted: () => void
}) {
  const { say } = useLanguage()
  const { message } = App.useApp()
  const client = useQueryClient()
  const [open, setOpen] = useState(false)
  const [reason, setReason] = useState('')
  const field = useId()
  const accept = useCommand(api.acceptLate, async () => {
    setOpen(false)
    onAccepted()
    await client.invalidateQueries()
    void message.success(say('acceptedLate'))
  })
  const send = () => accept.mutate({ bill, reason: reason.trim() })
  return (
    <>
      <Button onClick={() => setOpen(true)}>{say('acceptLate')}…</Button>
      <Modal
        open={open}
        title={say('acceptLateQuestion')}
        onCancel={() => setOpen(false)}
        onOk={send}
        okText={say('acceptLate')}
        cancelText={say('cancel')}
        okButtonProps={{ disabled: reason.trim() === '', loading: accept.isPending }}
        destroyOnHidden
      >
        <div className="dialog">
          <label htmlFor={field}>{say('acceptLateReason')}</label>
          <Input.TextArea
            id={field}
            value={reason}
            onChange={({ target }) => setReason(target.value)}
            rows={3}
            maxLength={500}
            required
          />
          <ProblemAlert error={accept.error} retry={send} />
        </div>
      </Modal>
    </>
  )
}

const PREVIEW = 'preview of a reversal'

function ReverseDialog({
  open,
  bill,
  settlement,
  onClose,
}: {
  readonly open: boolean
  readonly bill: BillRow
  readonly settlement: string
  readonly onClose: () => void
}) {
  const { say } = useLanguage()
  const { message } = App.useApp()
  const client = useQueryClient()
  const [reason, setReason] = useState('')
  const field = useId()
  const reverse = useCommand(api.reverse, async () => {
    onClose()
    // What a reversal would change cannot be asked of one that was reversed.
    await client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== PREVIEW })
    void message.success(say('reversedDone'))
  })
  const preview = useQuery({
    queryKey: [PREVIEW, settlement],
    queryFn: () => api.previewReversal(settlement),
    enabled: open,
    staleTime: 0,
  })
  const send = () => reverse.mutate({ settlement, reason: reason.trim() })
  return (
    <Modal
      open={open}
      title={say('reverseQuestion')}
      onCancel={onClose}
      onOk={send}
      okText={say('reverse')}
      cancelText={say('cancel')}
      okButtonProps={{ danger: true, disabled: reason.trim() === '', loading: reverse.isPending }}
      width={720}
      destroyOnHidden
    >
      <div className="dialog">
        <p>{say('reverseExplains', { bill: bill.id, total: money(bill.total) })}</p>
        {preview.isFetching && <Working text={say('workingPreview')} />}
        <ProblemAlert error={preview.error} retry={() => void preview.refetch()} />
        {preview.data && (
          <details className="statement">
            <summary>{say('previewOfChange')}</summary>
            <Differences differences={preview.data.differences} />
            <Adjustments adjustments={preview.data.adjustments} empty={say('noAdjustments')} />
          </details>
        )}
        <label htmlFor={field}>{say('reason')}</label>
        <Input.TextArea
          id={field}
          value={reason}
          onChange={({ target }) => setReason(target.value)}
          rows={3}
          maxLength={200}
          required
        />
        <ProblemAlert error={reverse.error} retry={send} />
      </div>
    </Modal>
  )
}
