import { useMutation } from '@tanstack/react-query'
import { Button, Form, Input, Modal, Radio, Select } from 'antd'
import { useState } from 'react'
import { parseYuan } from '#base/money.ts'
import { BEARERS, type Bearer, type Decision, OUTCOMES } from '#domains/casework/types.ts'
import { PAYERS } from '#domains/settlement/types.ts'
import { api, type CaseCut, type CaseFile, type CaseTrial } from '#web/api.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { type Language, useLanguage } from '#web/parts/language.tsx'
import { money } from '#web/parts/money.ts'
import { Money } from '#web/parts/money-text.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { Working } from '#web/parts/waiting.tsx'
import type { WordKey } from '#web/words.ts'

type Outcome = Decision['outcome']
/** What somebody decided, as it is sent. */
export type Decided = {
  readonly why?: string
  readonly decision: {
    readonly outcome: Outcome
    readonly rules?: readonly string[]
    readonly cuts?: readonly CaseCut[]
    readonly bearer?: Bearer
  }
}

/** What becomes of the claim: paid, cut line by line, or refused, with its rules and its reason. */
export function DecideCase({
  file,
  title,
  rules,
  send,
  onClose,
}: {
  readonly file: CaseFile
  readonly title: string
  /** Rules that the trial settlement names, to choose from. */
  readonly rules: readonly { readonly value: string; readonly label: string }[]
  readonly send: (decided: Decided) => Promise<unknown>
  readonly onClose: () => void
}) {
  const { lang, say } = useLanguage()
  const [outcome, setOutcome] = useState<Outcome>('pay')
  const [bearer, setBearer] = useState<Bearer>('patient')
  const [cuts, setCuts] = useState<Readonly<Record<string, string>>>({})
  const [form] = Form.useForm<{ why?: string; rules?: string[] }>()
  const named = Object.entries(cuts).flatMap(([line, text]): CaseCut[] => {
    const amount = parseYuan(text.trim())
    return amount !== undefined && amount > 0 ? [{ line, amount }] : []
  })
  const wrong = Object.values(cuts).some(
    (text) => text.trim() !== '' && parseYuan(text.trim()) === undefined,
  )
  const trial = useMutation({ mutationFn: () => api.trialCase(file.id, named) })
  const decide = useMutation({
    mutationFn: ({ why, rules: chosen = [] }: { why?: string; rules?: string[] }) =>
      send({
        ...(why?.trim() ? { why: why.trim() } : {}),
        decision:
          outcome === 'pay'
            ? { outcome }
            : outcome === 'cut'
              ? { outcome, rules: chosen, cuts: named, bearer }
              : { outcome, rules: chosen },
      }),
    onSuccess: onClose,
  })
  const adverse = outcome !== 'pay'
  return (
    <Modal
      open
      width={760}
      title={title}
      okText={title}
      cancelText={say('cancel')}
      okButtonProps={{
        danger: adverse,
        disabled: decide.isPending || (outcome === 'cut' && wrong),
      }}
      onCancel={onClose}
      onOk={() => form.submit()}
    >
      <p className="quiet act-note">{say('caseDecideNote')}</p>
      <Form form={form} name="decide" layout="vertical" onFinish={(typed) => decide.mutate(typed)}>
        <Form.Item label={say('caseDecision')}>
          <Radio.Group
            value={outcome}
            options={(Object.keys(OUTCOMES) as Outcome[]).map((value) => ({
              value,
              label: OUTCOMES[value][lang],
            }))}
            onChange={({ target }) => setOutcome(target.value as Outcome)}
          />
        </Form.Item>
        {outcome === 'cut' && (
          <>
            <Form.Item label={say('caseBearer')} extra={say(BEARER_NOTES[bearer])}>
              <Radio.Group
                value={bearer}
                options={(Object.keys(BEARERS) as Bearer[]).map((value) => ({
                  value,
                  label: BEARERS[value][lang],
                }))}
                onChange={({ target }) => setBearer(target.value as Bearer)}
              />
            </Form.Item>
            <DataTable
              caption={say('caseLines')}
              rows={file.lines}
              rowKey={({ line }) => line}
              columns={[
                {
                  key: 'line',
                  title: say('caseLine'),
                  heading: true,
                  cell: ({ line, name }) =>
                    line === '' ? say('caseWholeBill') : [line, name].filter(Boolean).join(' '),
                },
                {
                  key: 'inScope',
                  title: say('caseInScope'),
                  numeric: true,
                  cell: ({ inScope }) => <Money fen={inScope} />,
                },
                {
                  key: 'cut',
                  title: say('caseCut'),
                  numeric: true,
                  cell: ({ line }) => (
                    <Input
                      aria-label={`${say('caseCut')} ${line}`}
                      inputMode="decimal"
                      autoComplete="off"
                      maxLength={20}
                      value={cuts[line] ?? ''}
                      status={
                        cuts[line]?.trim() && parseYuan(cuts[line].trim()) === undefined
                          ? 'error'
                          : ''
                      }
                      onChange={({ target }) => setCuts({ ...cuts, [line]: target.value })}
                    />
                  ),
                },
              ]}
            />
            {wrong && <p role="alert">{say('wrongAmount')}</p>}
            {file.billState !== 'settled' && (
              <div className="actions">
                <Button
                  loading={trial.isPending}
                  disabled={wrong || named.length === 0}
                  onClick={() => trial.mutate()}
                >
                  {say('caseTry')}
                </Button>
                <span aria-live="polite">
                  {trial.data &&
                    (bearer === 'patient'
                      ? say('caseTried', {
                          payers: sums(trial.data.payers, lang) || say('caseTriedNobody'),
                          patient: money(trial.data.patient),
                        })
                      : say('caseTriedBorne', {
                          payers: sums(trial.data.borne, lang) || say('caseTriedNobody'),
                        }))}
                </span>
              </div>
            )}
            <ProblemAlert error={trial.error} />
          </>
        )}
        {adverse && (
          <Form.Item
            name="rules"
            label={say('caseRules')}
            extra={say('caseRulesNote')}
            rules={[{ required: true, message: say('required') }]}
          >
            <Select mode="tags" options={[...rules]} />
          </Form.Item>
        )}
        <Form.Item
          name="why"
          label={say('caseReason')}
          rules={[
            {
              required: adverse || file.state === 'objected',
              whitespace: adverse,
              message: say('required'),
            },
          ]}
        >
          <Input.TextArea rows={3} maxLength={2000} />
        </Form.Item>
      </Form>
      {decide.isPending && <Working text={say('workingAct')} />}
      <ProblemAlert error={decide.error} />
    </Modal>
  )
}

const BEARER_NOTES = {
  patient: 'caseBearerPatient',
  hospital: 'caseBearerHospital',
} as const satisfies Readonly<Record<Bearer, WordKey>>

const sums = (amounts: CaseTrial['payers'], lang: Language): string =>
  amounts
    .map(({ payer, amount }) => `${PAYERS[payer][lang]} ${money(amount)}`)
    .join(lang === 'zh' ? '、' : ', ')
