import { Checkbox, Form, Input, Modal, Select } from 'antd'
import { type ReactNode, useState } from 'react'
import { parseRate, parseYuan } from '#base/money.ts'
import { Problem } from '#web/api.ts'
import { useLanguage } from '#web/parts/language.tsx'
import { ProblemAlert, wordsOfProblem } from '#web/parts/problem-alert.tsx'
import { Working } from '#web/parts/waiting.tsx'

/**
 * What was typed, by name. A day is `YYYY-MM-DD`, a month `YYYY-MM`, an amount whole fen, a percentage parts per million, a
 * score tenths of a point; what was left empty is missing.
 */
export type Typed = Readonly<Record<string, string | number | boolean | undefined>>

export type ActField = {
  readonly name: string
  readonly label: string
  readonly kind:
    | 'day'
    | 'month'
    | 'text'
    | 'yuan'
    | 'percent'
    | 'score'
    | 'choice'
    | 'flag'
    | 'count'
  readonly options?: readonly { readonly value: string; readonly label: string }[]
  readonly needed?: boolean
  readonly note?: string
  /** What it holds at first. An amount is whole fen. */
  readonly value?: string | number | boolean | undefined
  /** Shown, and not to be changed. */
  readonly fixed?: boolean
}

/** One thing that can be done: its fields, what it is called, and what is sent. */
export type Act = {
  readonly title: string
  readonly ok: string
  readonly note?: ReactNode
  /** It takes something away, or cannot be taken back. */
  readonly danger?: boolean
  readonly fields: readonly ActField[]
  send(typed: Typed): Promise<unknown>
}

/** The field that a refusal is about, where it is about one. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  unknown_scheme: ['scheme'],
  unknown_attribute: ['attribute'],
  unknown_answer: ['value', 'class', 'kind', 'of', 'level'],
  ends_before_begins: ['until'],
  enrolled_in_future: ['enrolledOn'],
  begins_before_birth: ['from'],
  lasts_beyond_death: ['until'],
  retroactive_without_reason: ['reason'],
  employer_needed: ['employer'],
  unknown_employer: ['employer'],
  not_on_roster: ['employer', 'person'],
  two_public_schemes: ['from'],
  same_scheme_twice: ['from'],
  status_overlaps: ['from'],
  covered_already: ['from'],
  filing_overlaps: ['from'],
  unknown_place: ['place'],
  outside_site: ['from'],
  at_site_already: ['from'],
  headcount_reached: ['from'],
  on_roster_already: ['from'],
  unknown_site: ['site'],
  site_exists: ['id'],
  basis_needed: ['headcount'],
  not_for_employers: ['scheme'],
  collected_beyond_due: ['amount'],
  refunded_beyond_collected: ['amount'],
  account_short: ['amount'],
  whole_balance_wanted: ['amount'],
  account_day_in_future: ['on'],
  purpose_needed: ['purpose'],
  purpose_unknown: ['purpose'],
  purpose_not_permitted: ['purpose'],
  counterpart_needed: ['counterpart'],
  not_family: ['counterpart'],
  family_is_self: ['member', 'counterpart'],
  unknown_person: ['member', 'counterpart', 'person', 'other'],
  died_in_future: ['on'],
  died_before_birth: ['on'],
}

/**
 * A dialog that does one thing. It stays open until the server has done it: a refusal stands beside the field it is
 * about, or above the fields, and nothing that was typed is lost.
 */
export function ActDialog({ act, onClose }: { readonly act: Act; readonly onClose: () => void }) {
  const { lang, say } = useLanguage()
  const [form] = Form.useForm<Record<string, string | boolean | undefined>>()
  const [pending, setPending] = useState(false)
  const [problem, setProblem] = useState<unknown>()
  const { title, ok, note, danger, fields } = act
  const send = async () => {
    const typed = await form.validateFields().catch(() => undefined)
    if (!typed) return
    setPending(true)
    setProblem(undefined)
    try {
      await act.send(valuesOf(fields, typed))
      onClose()
    } catch (error) {
      const code = error instanceof Problem ? error.code : ''
      const name = FIELDS[code]?.find((one) => fields.some((field) => field.name === one))
      if (name === undefined) setProblem(error)
      else {
        const { what, remedy } = wordsOfProblem(error, lang, say)
        form.setFields([
          { name, errors: [[what, remedy].filter(Boolean).join(say('sentenceEnd'))] },
        ])
        form.scrollToField(name, { focus: true })
      }
    } finally {
      setPending(false)
    }
  }
  return (
    <Modal
      open
      title={title}
      okText={ok}
      cancelText={say('cancel')}
      okButtonProps={{ danger: danger ?? false, disabled: pending }}
      onCancel={onClose}
      onOk={() => void send()}
    >
      {note && <div className="quiet act-note">{note}</div>}
      <Form
        form={form}
        name="act"
        layout="vertical"
        initialValues={Object.fromEntries(
          fields.map(({ name, kind, value }) => [
            name,
            kind === 'yuan' && typeof value === 'number' ? yuanText(value) : value,
          ]),
        )}
        onFinish={() => void send()}
      >
        {fields.map((field) => (
          <ActItem key={field.name} field={field} />
        ))}
        {/* Enter sends the form from any field. */}
        <button type="submit" hidden />
      </Form>
      {pending && <Working text={say('workingAct')} />}
      <ProblemAlert error={problem} />
    </Modal>
  )
}

function ActItem({ field }: { readonly field: ActField }) {
  const { say } = useLanguage()
  const { name, label, kind, options = [], needed = false, note, fixed = false } = field
  if (kind === 'flag')
    return (
      <Form.Item name={name} valuePropName="checked" extra={note}>
        <Checkbox disabled={fixed}>{label}</Checkbox>
      </Form.Item>
    )
  return (
    <Form.Item
      name={name}
      label={label}
      extra={note}
      rules={[
        { required: needed, whitespace: needed, message: say('required') },
        ...(kind === 'yuan' ? [yuanRule(say('wrongAmount'))] : []),
        ...(kind === 'percent' ? [{ pattern: PERCENT, message: say('wrongPercent') }] : []),
        ...(kind === 'score' ? [{ pattern: SCORE, message: say('wrongScore') }] : []),
        ...(kind === 'count' ? [{ pattern: /^[1-9]\d{0,8}$/, message: say('wrongCount') }] : []),
      ]}
    >
      {kind === 'choice' ? (
        <Select
          allowClear={!needed}
          disabled={fixed}
          showSearch={{ optionFilterProp: 'label' }}
          options={[...options]}
        />
      ) : (
        <Input
          type={kind === 'day' ? 'date' : kind === 'month' ? 'month' : 'text'}
          inputMode={DECIMAL.includes(kind) ? 'decimal' : kind === 'count' ? 'numeric' : undefined}
          autoComplete="off"
          maxLength={kind === 'text' ? 200 : 20}
          disabled={fixed}
        />
      )}
    </Form.Item>
  )
}

const DECIMAL: readonly string[] = ['yuan', 'percent', 'score']
const PERCENT = /^(100(\.0{1,4})?|\d{1,2}(\.\d{1,4})?)$/
const SCORE = /^(100(\.0)?|\d{1,2}(\.\d)?)$/

const yuanRule = (message: string) => ({
  validator: async (_: unknown, text: string | undefined) => {
    if (text && parseYuan(text.trim()) === undefined) throw new Error(message)
  },
})

/** Digits without separators, as they are typed: 1234.50. */
const yuanText = (fen: number): string =>
  `${Math.trunc(fen / 100)}.${String(fen % 100).padStart(2, '0')}`

function valuesOf(
  fields: readonly ActField[],
  typed: Readonly<Record<string, string | boolean | undefined>>,
): Typed {
  const values: Record<string, string | number | boolean> = {}
  for (const { name, kind } of fields) {
    const value = typed[name]
    const text = typeof value === 'string' ? value.trim() : value
    if (text === undefined || text === '' || text === null) continue
    if (kind === 'yuan') values[name] = parseYuan(String(text)) ?? 0
    else if (kind === 'percent') values[name] = parseRate(`${text}%`) ?? 0
    else if (kind === 'score') values[name] = Math.round(Number(text) * 10)
    else if (kind === 'count') values[name] = Number(text)
    else values[name] = text
  }
  return values
}
