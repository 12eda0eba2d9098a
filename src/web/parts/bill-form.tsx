import { useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Checkbox, Form, Input, Segmented, Select } from 'antd'
import { useState } from 'react'
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
  type PersonRow,
} from '#web/api.ts'
import { type Language, type Say, useLanguage } from '#web/parts/language.tsx'
import { money } from '#web/parts/money.ts'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { useRole } from '#web/parts/session.tsx'
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
  onSaved,
  onTrial,
  onTyped,
}: {
  readonly person: PersonRow | undefined
  readonly book: Book | undefined
  readonly onSaved: (person: string | undefined, bill: string | undefined) => void
  readonly onTrial: (explained: Explained) => void
  readonly onTyped: () => void
}) {
  const { lang, say } = useLanguage()
  const handles = useRole() === 'handler'
  const [form] = Form.useForm<Fields>()
  const [charges, setCharges] = useState<'lines' | 'parts'>('lines')
  const client = useQueryClient()
  const trial = useCommand((input: InputFile) => api.trial({ input }), onTrial)
  const save = useCommand(api.saveBills, async ({ bills }) => {
    await client.invalidateQueries()
    onSaved(person?.id, bills[0])
  })
  if (!person) return <Alert type="info" showIcon title={say('choosePersonFirst')} />
  const send = async (act: (input: InputFile) => void) => {
    const fields = await form.validateFields().catch(() => undefined)
    if (!fields) return
    act({ amounts: 'yuan', persons: [], bills: [billOf(fields, person.id, charges)] })
  }
  const asked = (book?.vocabulary ?? []).filter((attribute) => attribute.of === 'bill')
  const isAlways = ({ name }: AttributeView) => ALWAYS_ASKED.includes(name)
  return (
    <Form<Fields>
      form={form}
      layout="vertical"
      requiredMark
      scrollToFirstError
      initialValues={{
        id: newBillId(person.id),
        cause: 'illness',
        answers: { medical: '住院' },
        lines: [{ id: '1', class: '甲', quantity: '1' }],
      }}
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
          <Input maxLength={100} />
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
      <div className="actions form-actions">
        <Button loading={trial.isPending} onClick={() => void send(trial.mutate)}>
          {say('trialUnsaved')}
        </Button>
        {handles && (
          <Button type="primary" loading={save.isPending} onClick={() => void send(save.mutate)}>
            {say('saveBill')}
          </Button>
        )}
      </div>
      {(trial.isPending || save.isPending) && <Working text={say('workingSave')} />}
      <ProblemAlert error={trial.error} retry={() => void send(trial.mutate)} />
      <ProblemAlert error={save.error} retry={() => void send(save.mutate)} />
    </Form>
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
