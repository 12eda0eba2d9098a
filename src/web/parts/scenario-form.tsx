import { useMutation } from '@tanstack/react-query'
import { Alert, Button, Checkbox, Input, InputNumber, Select, Upload } from 'antd'
import { useState } from 'react'
import { formatRate, formatYuan, parseRate, parseYuan } from '#base/money.ts'
import type {
  Assumptions,
  DataChoice,
  PremiumAsked,
  ScenarioContent,
} from '#domains/pricing/types.ts'
import { api } from '#web/api.ts'
import { useLanguage } from '#web/parts/language.tsx'
import { Section } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { ScenarioParameter } from '#web/parts/scenario-parameter.tsx'
import { useBook } from '#web/parts/use-book.ts'

type Kept = ScenarioContent & { readonly shared: boolean }

/** What a scenario is made of: its name, the data, the assumptions, and the draft. */
export function ScenarioForm({
  value,
  onChange,
  onValid,
  readOnly,
}: {
  readonly value: Kept
  readonly onChange: (next: Kept) => void
  readonly onValid: (valid: boolean) => void
  readonly readOnly: boolean
}) {
  const { say } = useLanguage()
  return (
    <>
      <Section title={say('scenarioOf')}>
        <div className="filters">
          <div className="field">
            <label htmlFor="scenario-name">{say('scenarioName')}</label>
            <Input
              id="scenario-name"
              value={value.name}
              maxLength={100}
              readOnly={readOnly}
              onChange={({ target }) => onChange({ ...value, name: target.value })}
            />
          </div>
          <Checkbox
            checked={value.shared}
            disabled={readOnly}
            onChange={({ target }) => onChange({ ...value, shared: target.checked })}
          >
            {say('scenarioShare')}
          </Checkbox>
        </div>
        <DataFields
          value={value.data}
          readOnly={readOnly}
          onChange={(data) => onChange({ ...value, data })}
        />
        <AssumptionFields
          value={value.assumptions}
          readOnly={readOnly}
          onValid={onValid}
          onChange={(assumptions) => onChange({ ...value, assumptions })}
        />
      </Section>
      <DraftFields
        value={value.draft}
        readOnly={readOnly}
        onChange={(draft) => onChange({ ...value, draft })}
      />
    </>
  )
}

function DataFields({
  value,
  readOnly,
  onChange,
}: {
  readonly value: DataChoice
  readonly readOnly: boolean
  readonly onChange: (next: DataChoice) => void
}) {
  const { lang, say } = useLanguage()
  const { places = [], schemes = [] } = useBook().data ?? {}
  const settled = places.filter(({ folder }) => schemes.some(({ place }) => place === folder))
  const [city, setCity] = useState(
    value.kind === 'city'
      ? value
      : ({ kind: 'city', place: '', persons: 20_000, year: value.year, seed: 1 } as const),
  )
  const put = (next: DataChoice) => {
    if (next.kind === 'city') setCity(next)
    onChange(next)
  }
  const count = (name: 'persons' | 'year' | 'seed', min: number, max: number, label: string) => (
    <div className="field">
      <label htmlFor={`scenario-${name}`}>{label}</label>
      <InputNumber
        id={`scenario-${name}`}
        value={name === 'year' ? value.year : city[name]}
        min={min}
        max={max}
        precision={0}
        readOnly={readOnly}
        controls={false}
        onChange={(next) => {
          if (next !== null) put({ ...value, [name]: next } as DataChoice)
        }}
      />
    </div>
  )
  return (
    <div className="filters">
      <div className="field">
        <label htmlFor="scenario-kind">{say('scenarioData')}</label>
        <Select
          id="scenario-kind"
          value={value.kind}
          disabled={readOnly}
          options={[
            { value: 'own', label: say('scenarioOwn') },
            { value: 'city', label: say('scenarioCity') },
          ]}
          onChange={(kind) =>
            put(
              kind === 'own'
                ? { kind, year: value.year }
                : {
                    ...city,
                    year: value.year,
                    place:
                      city.place ||
                      ((settled.find(({ teaching }) => teaching) ?? settled[0])?.folder ?? ''),
                  },
            )
          }
        />
      </div>
      {count('year', 1990, 2100, say('scenarioYear'))}
      {value.kind === 'city' && (
        <>
          <div className="field">
            <label htmlFor="scenario-place">{say('scenarioPlace')}</label>
            <Select
              id="scenario-place"
              value={value.place}
              disabled={readOnly}
              showSearch={{ optionFilterProp: 'label' }}
              popupMatchSelectWidth={false}
              options={settled.map(({ folder, title }) => ({ value: folder, label: title[lang] }))}
              onChange={(place) => put({ ...value, place })}
            />
          </div>
          {count('persons', 1_000, 1_000_000, say('scenarioPersons'))}
          {count('seed', 0, 4_294_967_295, say('scenarioSeed'))}
        </>
      )}
    </div>
  )
}

/** Typed as text, so that what is half typed stays as it was typed; only what can be read is kept. */
function AssumptionFields({
  value,
  readOnly,
  onChange,
  onValid,
}: {
  readonly value: Assumptions
  readonly readOnly: boolean
  readonly onChange: (next: Assumptions) => void
  readonly onValid: (valid: boolean) => void
}) {
  const { say } = useLanguage()
  const { tiers = [] } = useBook().data ?? {}
  const { lang } = useLanguage()
  const yuan = (fen: number | undefined) => (fen === undefined ? '' : formatYuan(fen))
  const [capacity, setCapacity] = useState(yuan(value.capacity))
  const [capacitySource, setCapacitySource] = useState(value.capacitySource ?? '')
  const [elasticity, setElasticity] = useState(
    value.elasticity === undefined ? '' : String(value.elasticity / 1000),
  )
  const [tier, setTier] = useState(value.keep?.tier)
  const [most, setMost] = useState(yuan(value.keep?.most))
  const [product, setProduct] = useState(value.premium?.scheme ?? '')
  const [takeUp, setTakeUp] = useState(
    value.premium ? formatRate(value.premium.takeUp).replace('%', '') : '40',
  )
  const [selection, setSelection] = useState(
    value.premium ? String(value.premium.selection / 1000) : '1',
  )
  const [lossRatio, setLossRatio] = useState(
    value.premium ? formatRate(value.premium.lossRatio).replace('%', '') : '100',
  )
  const put = (typed: {
    capacity?: string
    capacitySource?: string
    elasticity?: string
    tier?: string | undefined
    most?: string
    product?: string
    takeUp?: string
    selection?: string
    lossRatio?: string
  }) => {
    const now = {
      ...{
        capacity,
        capacitySource,
        elasticity,
        tier,
        most,
        product,
        takeUp,
        selection,
        lossRatio,
      },
      ...typed,
    }
    const premium = readPremium(now)
    const read = {
      capacity: now.capacity === '' ? undefined : parseYuan(now.capacity),
      elasticity: /^\d(\.\d{1,3})?$/.test(now.elasticity)
        ? Math.round(Number(now.elasticity) * 1000)
        : undefined,
      most: now.most === '' ? undefined : parseYuan(now.most),
    }
    const whole =
      (now.capacity === '' || (read.capacity !== undefined && read.capacity > 0)) &&
      (now.elasticity === '' || read.elasticity !== undefined) &&
      (now.tier === undefined) === (now.most === '') &&
      (now.most === '' || read.most !== undefined) &&
      premium !== null
    onValid(whole)
    if (!whole) return
    onChange({
      ...(read.capacity === undefined ? {} : { capacity: read.capacity }),
      ...(read.capacity === undefined || now.capacitySource.trim() === ''
        ? {}
        : { capacitySource: now.capacitySource.trim() }),
      ...(read.elasticity === undefined ? {} : { elasticity: read.elasticity }),
      ...(now.tier === undefined || read.most === undefined
        ? {}
        : { keep: { tier: now.tier, most: read.most } }),
      ...(premium === undefined || premium === null ? {} : { premium }),
    })
  }
  return (
    <div className="filters">
      <div className="field">
        <label htmlFor="scenario-elasticity">{say('scenarioElasticity')}</label>
        <Input
          id="scenario-elasticity"
          inputMode="decimal"
          placeholder="0.2"
          value={elasticity}
          readOnly={readOnly}
          onChange={({ target }) => {
            setElasticity(target.value)
            put({ elasticity: target.value })
          }}
        />
      </div>
      <div className="field">
        <label htmlFor="scenario-capacity">{say('scenarioCapacity')}</label>
        <Input
          id="scenario-capacity"
          inputMode="decimal"
          placeholder="24000"
          value={capacity}
          readOnly={readOnly}
          onChange={({ target }) => {
            setCapacity(target.value)
            put({ capacity: target.value })
          }}
        />
      </div>
      {capacity !== '' && (
        <div className="field">
          <label htmlFor="scenario-capacity-source">{say('scenarioCapacitySource')}</label>
          <Input
            id="scenario-capacity-source"
            value={capacitySource}
            maxLength={200}
            readOnly={readOnly}
            onChange={({ target }) => {
              setCapacitySource(target.value)
              put({ capacitySource: target.value })
            }}
          />
        </div>
      )}
      <div className="field">
        <label htmlFor="scenario-keep">{say('scenarioKeep')}</label>
        <Select
          id="scenario-keep"
          allowClear
          showSearch={{ optionFilterProp: 'label' }}
          popupMatchSelectWidth={false}
          value={tier ?? null}
          disabled={readOnly}
          options={tiers.map(({ id, title }) => ({ value: id, label: `${title[lang]} · ${id}` }))}
          onChange={(next) => {
            setTier(next ?? undefined)
            put({ tier: next ?? undefined })
          }}
        />
      </div>
      <div className="field">
        <label htmlFor="scenario-most">{say('scenarioMost')}</label>
        <Input
          id="scenario-most"
          inputMode="decimal"
          value={most}
          readOnly={readOnly}
          onChange={({ target }) => {
            setMost(target.value)
            put({ most: target.value })
          }}
        />
      </div>
      <div className="field">
        <label htmlFor="scenario-product">{say('scenarioProduct')}</label>
        <Input
          id="scenario-product"
          value={product}
          placeholder="teaching/shifan/products/huimin"
          maxLength={200}
          readOnly={readOnly}
          spellCheck={false}
          onChange={({ target }) => {
            setProduct(target.value.trim())
            put({ product: target.value.trim() })
          }}
        />
      </div>
      {product !== '' &&
        (
          [
            ['takeUp', 'scenarioTakeUp', takeUp, setTakeUp, '%'],
            ['selection', 'scenarioSelection', selection, setSelection, ''],
            ['lossRatio', 'scenarioLossRatio', lossRatio, setLossRatio, '%'],
          ] as const
        ).map(([name, word, text, set, unit]) => (
          <div className="field" key={name}>
            <label htmlFor={`scenario-${name}`}>{say(word)}</label>
            <Input
              id={`scenario-${name}`}
              inputMode="decimal"
              value={text}
              suffix={unit}
              readOnly={readOnly}
              onChange={({ target }) => {
                set(target.value)
                put({ [name]: target.value })
              }}
            />
          </div>
        ))}
    </div>
  )
}

/** What is asked of a product; nothing where none is named. */
function readPremium({
  product,
  takeUp,
  selection,
  lossRatio,
}: Readonly<Record<'product' | 'takeUp' | 'selection' | 'lossRatio', string>>):
  | PremiumAsked
  | undefined
  | null {
  if (product === '') return undefined
  const shares = { takeUp: parseRate(`${takeUp}%`), lossRatio: parseRate(`${lossRatio}%`) }
  const times = /^\d{1,3}(\.\d{1,3})?$/.test(selection) ? Math.round(Number(selection) * 1000) : 0
  if (!/^[a-z0-9/-]+$/.test(product) || !shares.takeUp || !shares.lossRatio || times < 1_000)
    return null
  return { scheme: product, takeUp: shares.takeUp, selection: times, lossRatio: shares.lossRatio }
}

function DraftFields({
  value,
  readOnly,
  onChange,
}: {
  readonly value: string
  readonly readOnly: boolean
  readonly onChange: (next: string) => void
}) {
  const { lang, say } = useLanguage()
  const check = useMutation({ mutationFn: () => api.checkScenario(value) })
  return (
    <Section title={say('scenarioDraft')} note={say('scenarioDraftNote')}>
      {!readOnly && <ScenarioParameter draft={value} onDraft={onChange} />}
      <label htmlFor="scenario-draft">{say('scenarioDraftText')}</label>
      <Input.TextArea
        id="scenario-draft"
        className="draft-text"
        value={value}
        readOnly={readOnly}
        autoSize={{ minRows: 6, maxRows: 24 }}
        spellCheck={false}
        onChange={({ target }) => {
          check.reset()
          onChange(target.value)
        }}
      />
      {!readOnly && (
        <div className="actions more">
          <Button loading={check.isPending} onClick={() => check.mutate()}>
            {say('scenarioCheck')}
          </Button>
          <Upload
            accept=".yaml,.yml"
            showUploadList={false}
            beforeUpload={(file) => {
              void file.text().then(onChange)
              return false
            }}
          >
            <Button>{say('scenarioUpload')}</Button>
          </Upload>
        </div>
      )}
      <ProblemAlert error={check.error} />
      {check.data && (
        <Alert
          className="more"
          type="success"
          showIcon
          title={say('scenarioChecked', {
            title: check.data.title[lang],
            n: check.data.changes,
          })}
        />
      )}
    </Section>
  )
}
