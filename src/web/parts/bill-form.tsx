import { useQueryClient } from '@tanstack/react-query'
import { Alert, App, Button, Checkbox, Form, Input, Segmented, Select } from 'antd'
import { useId, useState } from 'react'
import { parseRate, parseYuan } from '#base/money.ts'
import { CAUSES, COMPONENT_TITLES, NATIVE_COMPONENTS } from '#domains/settlement/types.ts'
import {
  type AttributeView,
  api,
  type Book,
  type Explained,
  type InputBill,
  type InputFile,
  type InputLine,
  type KeptBill,
  type PersonRow,
} from '#web/api.ts'
import { Adjustments } from '#web/parts/adjustments.tsx'
import { Differences } from '#web/parts/differences.tsx'
import { type Language, type Say, useLanguage } from '#web/parts/language.tsx'
import { money } from '#web/parts/money.ts'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useCommand } from '#web/parts/use-command.ts'
import { Working } from '#web/parts/waiting.tsx'

type Fields = {
  readonly id: string
  readonly admitted: string
  readonly discharged: string
  readonly settled: string
  readonly stay?: string
  readonly transferFrom?: string
  readonly placeOfCare?: string
  readonly diagnosis?: string
  readonly invoice?: Readonly<Record<'number' | 'code' | 'on' | 'handedIn', string | undefined>>
  readonly cause: string
  readonly thirdPartyShare?: string
  readonly thirdPartyAdvance?: boolean
  readonly answers?: Readonly<Record<string, string | undefined>>
  readonly lines?: readonly Partial<Record<keyof InputLine, string>>[]
  readonly parts?: Readonly<Record<string, string | undefined>>
}

const CAUSE_WORDS = {
  illness: 'causeIllness',
  workInjury: 'causeWorkInjury',
  thirdParty: 'causeThirdParty',
  publicHealth: 'causePublicHealth',
  overseas: 'causeOverseas',
} as const
const CLASSES = ['甲', '乙', '单列', '丙', '特药'] as const
const CLASS_WORDS = {
  甲: 'classA',
  乙: 'classB',
  单列: 'classSeparate',
  丙: 'classC',
  特药: 'classSpecial',
} as const
/** What nearly every bill has to answer; the rest of the vocabulary is asked on demand. */
const ALWAYS_ASKED = ['medical', 'level']

/** One bill, typed: its dates, what was treated where, and its lines or the totals of its parts. */
export function BillForm({
  person,
  book,
  corrected,
  onSaved,
  onTrial,
  onTyped,
}: {
  readonly person: PersonRow | undefined
  readonly book: Book | undefined
  /** The bill as it is kept, where it is to be corrected. */
  readonly corrected?: KeptBill
  readonly onSaved: (person: string | undefined, bill: string | undefined) => void
  readonly onTrial: (explained: Explained) => void
  readonly onTyped: () => void
}) {
  const { lang, say } = useLanguage()
  const handles = useMay('bills add')
  const [form] = Form.useForm<Fields>()
  const [charges, setCharges] = useState<'lines' | 'parts'>(
    corrected && corrected.lines.length === 0 ? 'parts' : 'lines',
  )
  const client = useQueryClient()
  const trial = useCommand((input: InputFile) => api.trial({ input }), onTrial)
  const save = useCommand(api.saveBills, async ({ bills }) => {
    await client.invalidateQueries()
    onSaved(person?.id, bills[0])
  })
  if (!person) return <Alert type="info" showIcon title={say('choosePersonFirst')} />
  const send = async (act: (input: InputFile) => void) => {
    const valid = await form.validateFields().catch(() => undefined)
    if (!valid) return
    // With what no field shows: the category of a charge, the days of a stay.
    const fields = form.getFieldsValue(true) as Fields
    const { days, events } = corrected ?? {}
    const bill = {
      ...billOf(fields, person.id, charges),
      ...(days === undefined ? {} : { days }),
      ...(events ? { events } : {}),
    }
    act({ amounts: 'yuan', persons: [], bills: [bill] })
  }
  const asked = (book?.vocabulary ?? []).filter((attribute) => attribute.of === 'bill')
  const isAlways = ({ name }: AttributeView) => ALWAYS_ASKED.includes(name)
  return (
    <Form<Fields>
      form={form}
      layout="vertical"
      requiredMark
      scrollToFirstError
      initialValues={
        corrected
          ? fieldsOf(corrected)
          : {
              id: newBillId(person.id),
              cause: 'illness',
              answers: { medical: '住院' },
              lines: [{ id: '1', class: '甲', quantity: '1' }],
            }
      }
      onValuesChange={(changed: Partial<Fields>) => {
        onTyped()
        if (changed.discharged && !form.getFieldValue('settled'))
          form.setFieldsValue({ settled: changed.discharged })
      }}
    >
      <p>
        {say('person')}
        {say('colon')}
        <strong>{person.name || say('noName')}</strong> <span className="quiet">{person.id}</span>
      </p>
      <div className="form-grid">
        <Form.Item
          name="id"
          label={say('billNumber')}
          rules={[{ required: true, whitespace: true, message: say('required') }]}
        >
          <Input maxLength={100} disabled={corrected !== undefined} />
        </Form.Item>
        <DateItem name="admitted" label={say('admitted')} />
        <DateItem name="discharged" label={say('discharged')} notBefore="admitted" />
        <DateItem name="settled" label={say('settledOn')} />
        {asked.filter(isAlways).map((attribute) => (
          <AnswerItem key={attribute.name} attribute={attribute} required />
        ))}
        <Form.Item name="cause" label={say('cause')}>
          <Select
            options={CAUSES.map((cause) => ({ value: cause, label: say(CAUSE_WORDS[cause]) }))}
          />
        </Form.Item>
      </div>
      <Form.Item noStyle shouldUpdate={(before, after) => before.cause !== after.cause}>
        {({ getFieldValue }) =>
          getFieldValue('cause') === 'thirdParty' && (
            <div className="form-grid">
              <Form.Item
                name="thirdPartyShare"
                label={say('thirdPartyShare')}
                rules={[{ required: true, message: say('required') }, percentRule(say)]}
              >
                <Input placeholder="70%" inputMode="decimal" />
              </Form.Item>
              <Form.Item name="thirdPartyAdvance" valuePropName="checked" label={say('advance')}>
                <Checkbox>{say('advanceNote')}</Checkbox>
              </Form.Item>
            </div>
          )
        }
      </Form.Item>
      <details className="more">
        <summary>{say('moreAnswers')}</summary>
        <div className="form-grid">
          {asked
            .filter((attribute) => !isAlways(attribute))
            .map((attribute) => (
              <AnswerItem key={attribute.name} attribute={attribute} />
            ))}
          <Form.Item name="stay" label={say('stay')} extra={say('stayNote')}>
            <Input />
          </Form.Item>
          <Form.Item
            name="transferFrom"
            label={say('transferFrom')}
            extra={say('transferFromNote')}
          >
            <Input />
          </Form.Item>
          <Form.Item
            name="placeOfCare"
            label={say('placeOfCare')}
            extra={say('placeOfCareNote')}
            rules={[{ pattern: /^[1-9]\d{5}$/, message: say('badDivision') }]}
          >
            <Input inputMode="numeric" />
          </Form.Item>
          <Form.Item name="diagnosis" label={say('diagnosisCode')} extra={say('diagnosisNote')}>
            <Input />
          </Form.Item>
        </div>
      </details>
      <details className="more" open={corrected?.invoice !== undefined}>
        <summary>{say('invoiceFields')}</summary>
        <p className="quiet">{say('invoiceNote')}</p>
        <div className="form-grid">
          <Form.Item name={['invoice', 'number']} label={say('invoiceNumber')}>
            <Input maxLength={100} inputMode="numeric" />
          </Form.Item>
          <Form.Item name={['invoice', 'code']} label={say('invoiceCode')}>
            <Input maxLength={100} inputMode="numeric" />
          </Form.Item>
          <Form.Item
            name={['invoice', 'on']}
            label={say('invoiceDate')}
            dependencies={[['invoice', 'number']]}
            rules={[
              ({ getFieldValue }) => ({
                validator: async (_, value: string | undefined) => {
                  if (!value && getFieldValue(['invoice', 'number']))
                    throw new Error(say('required'))
                },
              }),
            ]}
          >
            <Input type="date" min="1900-01-01" />
          </Form.Item>
          <Form.Item
            name={['invoice', 'handedIn']}
            label={say('invoiceHandedIn')}
            extra={say('invoiceHandedInNote')}
          >
            <Input type="date" min="1900-01-01" />
          </Form.Item>
        </div>
      </details>
      <div className="section-head">
        <h3>{say('charges')}</h3>
        <Segmented
          aria-label={say('charges')}
          value={charges}
          onChange={setCharges}
          options={[
            { value: 'lines', label: say('byLines') },
            { value: 'parts', label: say('byParts') },
          ]}
        />
      </div>
      {charges === 'lines' ? <Lines /> : <Parts lang={lang} />}
      {corrected ? (
        <Correction
          bill={corrected.id}
          send={send}
          onSaved={() => onSaved(person.id, corrected.id)}
        />
      ) : (
        <>
          <div className="actions form-actions">
            <Button loading={trial.isPending} onClick={() => void send(trial.mutate)}>
              {say('trialUnsaved')}
            </Button>
            {handles && (
              <Button
                type="primary"
                loading={save.isPending}
                onClick={() => void send(save.mutate)}
              >
                {say('saveBill')}
              </Button>
            )}
          </div>
          {(trial.isPending || save.isPending) && <Working text={say('workingSave')} />}
          <ProblemAlert error={trial.error} retry={() => void send(trial.mutate)} />
          <ProblemAlert error={save.error} retry={() => void send(save.mutate)} />
        </>
      )}
    </Form>
  )
}

/** What a correction would change, why it is made, and the act. */
function Correction({
  bill,
  send,
  onSaved,
}: {
  readonly bill: string
  readonly send: (act: (input: InputFile) => void) => Promise<void>
  readonly onSaved: () => void
}) {
  const { say } = useLanguage()
  const { message } = App.useApp()
  const client = useQueryClient()
  const field = useId()
  const [reason, setReason] = useState('')
  const preview = useCommand(api.previewCorrection)
  const correct = useCommand(api.correct, async () => {
    await client.invalidateQueries()
    void message.success(say('correctedDone'))
    onSaved()
  })
  const show = () => void send((input) => preview.mutate({ bill, input }))
  const save = () => void send((input) => correct.mutate({ bill, input, reason: reason.trim() }))
  return (
    <div className="dialog">
      <label htmlFor={field}>{say('correctionReason')}</label>
      <Input.TextArea
        id={field}
        value={reason}
        onChange={({ target }) => setReason(target.value)}
        rows={2}
        maxLength={500}
        required
      />
      <div className="actions form-actions">
        <Button loading={preview.isPending} onClick={show}>
          {say('previewCorrection')}
        </Button>
        <Button
          type="primary"
          disabled={reason.trim() === ''}
          loading={correct.isPending}
          onClick={save}
        >
          {say('saveCorrection')}
        </Button>
      </div>
      {(preview.isPending || correct.isPending) && <Working text={say('workingPreview')} />}
      <ProblemAlert error={preview.error} retry={show} />
      <ProblemAlert error={correct.error} retry={save} />
      {preview.data && (
        <section aria-label={say('previewOfChange')}>
          <Differences differences={preview.data.differences} />
          <Adjustments adjustments={preview.data.adjustments} empty={say('noAdjustments')} />
        </section>
      )}
    </div>
  )
}

// --- fields --------------------------------------------------------------------------------------

function DateItem({
  name,
  label,
  notBefore,
}: {
  readonly name: 'admitted' | 'discharged' | 'settled'
  readonly label: string
  readonly notBefore?: 'admitted'
}) {
  const { say } = useLanguage()
  return (
    <Form.Item
      name={name}
      label={label}
      dependencies={notBefore ? [notBefore] : []}
      rules={[
        { required: true, message: say('required') },
        ({ getFieldValue }) => ({
          validator: async (_, value: string | undefined) => {
            const start: unknown = notBefore && getFieldValue(notBefore)
            if (value && typeof start === 'string' && value < start)
              throw new Error(say('notBeforeAdmission'))
          },
        }),
      ]}
    >
      <Input type="date" min="1900-01-01" />
    </Form.Item>
  )
}

function AnswerItem({
  attribute,
  required = false,
}: {
  readonly attribute: AttributeView
  readonly required?: boolean
}) {
  const { lang, say } = useLanguage()
  const { name, title, answers, whenAbsent } = attribute
  return (
    <Form.Item
      name={['answers', name]}
      label={title[lang]}
      rules={required ? [{ required: true, message: say('required') }] : []}
    >
      {typeof answers === 'object' ? (
        <Select
          allowClear={!required}
          placeholder={
            whenAbsent
              ? say('otherwiseIs', {
                  answer: answers[whenAbsent] && lang === 'en' ? answers[whenAbsent] : whenAbsent,
                })
              : ''
          }
          options={Object.entries(answers).map(([zh, en]) => ({
            value: zh,
            label: lang === 'zh' ? zh : en,
          }))}
        />
      ) : (
        <Input inputMode={answers === 'number' ? 'numeric' : 'text'} />
      )}
    </Form.Item>
  )
}

function Lines() {
  const { say } = useLanguage()
  return (
    <Form.List name="lines">
      {(fields, { add, remove }) => (
        <>
          {fields.map(({ key, name }, index) => (
            <fieldset key={key} className="line-fields">
              <legend>{say('lineNumber', { line: index + 1 })}</legend>
              <Form.Item name={[name, 'name']} label={say('lineName')} className="wide">
                <Input />
              </Form.Item>
              <Form.Item name={[name, 'class']} label={say('lineClass')}>
                <Select
                  options={CLASSES.map((each) => ({ value: each, label: say(CLASS_WORDS[each]) }))}
                />
              </Form.Item>
              <Form.Item
                name={[name, 'amount']}
                label={say('amountYuan')}
                rules={[{ required: true, message: say('required') }, amountRule(say)]}
              >
                <Input inputMode="decimal" className="money" />
              </Form.Item>
              <Form.Item
                name={[name, 'quantity']}
                label={say('quantity')}
                rules={[{ pattern: /^\d{1,7}(\.\d{1,4})?$/, message: say('badQuantity') }]}
              >
                <Input inputMode="decimal" className="money" />
              </Form.Item>
              <Form.Item
                name={[name, 'limitPrice']}
                label={say('limitPrice')}
                rules={[amountRule(say)]}
              >
                <Input inputMode="decimal" className="money" />
              </Form.Item>
              <Form.Item
                name={[name, 'upfrontShare']}
                label={say('upfrontShare')}
                rules={[percentRule(say)]}
              >
                <Input placeholder="10%" inputMode="decimal" className="money" />
              </Form.Item>
              <Button
                danger
                type="text"
                aria-label={say('removeLine', { n: index + 1 })}
                disabled={fields.length === 1}
                onClick={() => remove(name)}
              >
                {say('remove')}
              </Button>
            </fieldset>
          ))}
          <div className="actions">
            <Button
              onClick={() => add({ id: String(fields.length + 1), class: '甲', quantity: '1' })}
            >
              {say('addLine')}
            </Button>
            <Form.Item noStyle shouldUpdate>
              {({ getFieldValue }) => (
                <output>
                  {say('total')}
                  {say('colon')}
                  <strong className="money">{money(sumOf(getFieldValue('lines')))}</strong>
                </output>
              )}
            </Form.Item>
          </div>
        </>
      )}
    </Form.List>
  )
}

function Parts({ lang }: { readonly lang: Language }) {
  const { say } = useLanguage()
  return (
    <>
      <p className="quiet">{say('partsNote')}</p>
      <div className="form-grid">
        {NATIVE_COMPONENTS.map((native) => (
          <Form.Item
            key={native}
            name={['parts', native]}
            label={COMPONENT_TITLES[native].input[lang]}
            rules={[
              ...(native === 'inScope' ? [{ required: true, message: say('required') }] : []),
              amountRule(say),
            ]}
          >
            <Input inputMode="decimal" placeholder="0.00" className="money" />
          </Form.Item>
        ))}
      </div>
      <Form.Item noStyle shouldUpdate>
        {({ getFieldValue }) => {
          const parts = (getFieldValue('parts') ?? {}) as Record<string, string | undefined>
          return (
            <output>
              {say('total')}
              {say('colon')}
              <strong className="money">
                {money(sumOf(Object.values(parts).map((amount) => ({ amount }))))}
              </strong>
            </output>
          )
        }}
      </Form.Item>
    </>
  )
}

// --- a bill that is known ------------------------------------------------------------------------

const yuan = (amount: number): string => (amount / 100).toFixed(2)

/** A kept bill as it would be typed. */
function fieldsOf(bill: KeptBill): Fields {
  const { attributes, lines, parts, thirdParty, diagnosis, invoice, stay, ...rest } = bill
  const { cause = 'illness' } = bill
  const answers = Object.entries(attributes).map(([name, value]) => [name, String(value ?? '')])
  return {
    ...rest,
    cause,
    ...(stay === undefined || stay === bill.id ? {} : { stay }),
    ...(diagnosis?.code === undefined ? {} : { diagnosis: diagnosis.code }),
    ...(invoice
      ? {
          invoice: {
            number: invoice.number,
            code: invoice.code,
            on: invoice.on,
            handedIn: invoice.handedIn,
          },
        }
      : {}),
    ...(thirdParty
      ? {
          thirdPartyShare: `${thirdParty.share / 10_000}%`,
          thirdPartyAdvance: thirdParty.advance,
        }
      : {}),
    answers: Object.fromEntries(answers),
    parts: Object.fromEntries(
      Object.entries(parts).flatMap(([name, amount]) =>
        amount === 0 ? [] : [[name, yuan(amount)]],
      ),
    ),
    lines: lines.length === 0 ? [{ id: '1', class: '甲', quantity: '1' }] : lines.map(lineFieldsOf),
  }
}

/** A kept charge as it would be typed: its class and shares are told from what it was divided into. */
function lineFieldsOf({ name, amount, parts, category, genericName }: KeptBill['lines'][number]) {
  const { upfront = 0, overLimit = 0, outOfScope = 0, specialDrug = 0, separateItem = 0 } = parts
  const within = amount - overLimit
  const klass =
    outOfScope > 0
      ? '丙'
      : specialDrug > 0
        ? '特药'
        : separateItem > 0
          ? '单列'
          : upfront > 0
            ? '乙'
            : '甲'
  return {
    ...(name === undefined ? {} : { name }),
    ...(category === undefined ? {} : { category }),
    ...(genericName === undefined ? {} : { genericName }),
    class: klass,
    amount: yuan(amount),
    quantity: '1',
    ...(overLimit > 0 ? { limitPrice: yuan(within) } : {}),
    ...(upfront > 0
      ? { upfrontShare: `${Math.round((upfront / within) * 1_000_000) / 10_000}%` }
      : {}),
  }
}

// --- reading what was typed ----------------------------------------------------------------------

const amountRule = (say: Say) => ({
  validator: async (_: unknown, value: string | undefined) => {
    if (!value) return
    const amount = parseYuan(value.trim())
    if (amount === undefined || amount < 0) throw new Error(say('badAmount'))
  },
})

const percentRule = (say: Say) => ({
  validator: async (_: unknown, value: string | undefined) => {
    if (value && parseRate(value.trim()) === undefined) throw new Error(say('badPercent'))
  },
})

const sumOf = (rows: readonly { readonly amount?: string | undefined }[] | undefined): number =>
  (rows ?? []).reduce((sum, row) => sum + (parseYuan(row?.amount?.trim() ?? '') ?? 0), 0)

/** A number nobody has used: the person and 32 random bits. It can be typed over. */
function newBillId(person: string): string {
  const [a = 0, b = 0] = crypto.getRandomValues(new Uint16Array(2))
  return `${person}-${(a * 65_536 + b).toString(36)}`
}

function billOf(fields: Fields, person: string, charges: 'lines' | 'parts'): InputBill {
  const {
    id,
    admitted,
    discharged,
    settled,
    stay,
    transferFrom,
    placeOfCare,
    diagnosis,
    cause,
    answers = {},
  } = fields
  const { thirdPartyShare, thirdPartyAdvance = false } = fields
  return {
    id: id.trim(),
    person,
    admitted,
    discharged,
    settled,
    ...(stay?.trim() ? { stay: stay.trim() } : {}),
    ...(transferFrom?.trim() ? { transferFrom: transferFrom.trim() } : {}),
    ...(placeOfCare?.trim() ? { placeOfCare: placeOfCare.trim() } : {}),
    ...(diagnosis?.trim() ? { diagnosis: { code: diagnosis.trim() } } : {}),
    ...(fields.invoice?.number?.trim()
      ? { invoice: filled(fields.invoice) as InputBill['invoice'] & object }
      : {}),
    answers: filled(answers),
    cause,
    ...(cause === 'thirdParty' && thirdPartyShare
      ? { thirdParty: { share: thirdPartyShare.trim(), advance: thirdPartyAdvance } }
      : {}),
    ...(charges === 'lines'
      ? {
          lines: (fields.lines ?? []).map(
            (line, i) => ({ ...filled(line), id: String(i + 1) }) as unknown as InputLine,
          ),
        }
      : { parts: filled(fields.parts ?? {}) }),
  }
}

/** What was filled in, without the fields left empty. */
function filled(
  fields: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => {
      const text = value?.trim()
      return text ? [[name, text]] : []
    }),
  )
}
