import { useQuery } from '@tanstack/react-query'
import { Button, Checkbox, Input, InputNumber, Select } from 'antd'
import { useState } from 'react'
import { api } from '#web/api.ts'
import { useLanguage } from '#web/parts/language.tsx'
import { withChange, withUnknown } from '#web/parts/scenario-draft.ts'
import { useAnswers } from '#web/parts/use-book.ts'
import { Await } from '#web/parts/waiting.tsx'
import type { WordKey } from '#web/words.ts'

/** The keys of rule files that stand on the way to a value, in words; the others say nothing to a reader. */
const KEYS: Readonly<Record<string, WordKey>> = {
  deductible: 'parameterDeductible',
  rate: 'parameterRate',
  caps: 'parameterCap',
  ordinal: 'parameterOrdinal',
  floor: 'parameterFloor',
  periodTotal: 'parameterPeriodTotal',
  lessEach: 'parameterLessEach',
  above: 'parameterAbove',
  upTo: 'parameterUpTo',
  eligibleCap: 'parameterEligibleCap',
  guaranteedRatio: 'parameterGuaranteedRatio',
  dueFactor: 'parameterDueFactor',
}

/** Writes a change into the draft: a scheme, a tier of it, a value of its rule file, and what it is to be. */
export function ScenarioParameter({
  draft,
  onDraft,
}: {
  readonly draft: string
  readonly onDraft: (next: string) => void
}) {
  const places = useQuery({
    queryKey: ['scenario parameters'],
    queryFn: () => api.scenarioParameters(),
  })
  return (
    <Await query={places}>
      {({ schemes }) => <Picker schemes={schemes} draft={draft} onDraft={onDraft} />}
    </Await>
  )
}

type Parameters = Awaited<ReturnType<typeof api.scenarioParameters>>

function Picker({
  schemes,
  draft,
  onDraft,
}: {
  readonly schemes: Parameters['schemes']
  readonly draft: string
  readonly onDraft: (next: string) => void
}) {
  const { lang, say } = useLanguage()
  const [scheme, setScheme] = useState<string>()
  const [file, setFile] = useState<string>()
  const { tiers = [] } = schemes.find((each) => each.scheme === scheme) ?? {}
  return (
    <>
      <div className="filters">
        <div className="field">
          <label htmlFor="parameter-scheme">{say('parameterScheme')}</label>
          <Select
            id="parameter-scheme"
            value={scheme ?? null}
            showSearch={{ optionFilterProp: 'label' }}
            popupMatchSelectWidth={false}
            options={schemes.map((each) => ({ value: each.scheme, label: each.title[lang] }))}
            onChange={(next) => {
              setScheme(next ?? undefined)
              setFile(undefined)
            }}
          />
        </div>
        <div className="field">
          <label htmlFor="parameter-tier">{say('parameterTier')}</label>
          <Select
            id="parameter-tier"
            value={file ?? null}
            disabled={scheme === undefined}
            popupMatchSelectWidth={false}
            options={tiers.map((each) => ({ value: each.file, label: each.title[lang] }))}
            onChange={(next) => setFile(next ?? undefined)}
          />
        </div>
      </div>
      {file !== undefined && <Values key={file} file={file} draft={draft} onDraft={onDraft} />}
    </>
  )
}

function Values({
  file,
  draft,
  onDraft,
}: {
  readonly file: string
  readonly draft: string
  readonly onDraft: (next: string) => void
}) {
  const { lang, say } = useLanguage()
  const found = useQuery({
    queryKey: ['scenario parameters', file],
    queryFn: () => api.scenarioParameters(file),
  })
  const words = useWay()
  const [chosen, setChosen] = useState<number>()
  const [value, setValue] = useState('')
  const [ranged, setRanged] = useState(false)
  const [range, setRange] = useState({ from: 0, to: 1_000, step: 100 })
  return (
    <Await query={found}>
      {({ values = [] }) => {
        const one = chosen === undefined ? undefined : values[chosen]
        const unit = one?.value.endsWith('%') ? '%' : '元'
        const shownUnit = unit === '元' ? say('yuanUnit') : unit
        const set = ranged ? `$x${unit}` : `${value}${unit}`
        const ready = ranged ? range.from < range.to : /^\d+(\.\d{1,4})?$/.test(value)
        if (values.length === 0) return <p className="quiet">{say('parameterNone')}</p>
        return (
          <div className="filters">
            <div className="field wide">
              <label htmlFor="parameter-value">{say('parameter')}</label>
              <Select
                id="parameter-value"
                value={chosen ?? null}
                showSearch={{ optionFilterProp: 'label' }}
                popupMatchSelectWidth={false}
                options={values.map((each, i) => ({
                  value: i,
                  label: `${words(each.at)} = ${valueIn(lang, each.value)}`,
                }))}
                onChange={(next) => {
                  setChosen(next ?? undefined)
                  setValue((values[next ?? -1]?.value ?? '').replace(/[元%]$/, ''))
                }}
              />
            </div>
            {one && (
              <>
                {!ranged && (
                  <div className="field">
                    <label htmlFor="parameter-new">{say('parameterNew')}</label>
                    <Input
                      id="parameter-new"
                      inputMode="decimal"
                      value={value}
                      suffix={shownUnit}
                      onChange={({ target }) => setValue(target.value)}
                    />
                  </div>
                )}
                {ranged &&
                  (['from', 'to', 'step'] as const).map((name) => (
                    <div className="field narrow" key={name}>
                      <label htmlFor={`parameter-${name}`}>
                        {say(
                          name === 'from'
                            ? 'parameterFrom'
                            : name === 'to'
                              ? 'parameterTo'
                              : 'parameterStep',
                        )}
                      </label>
                      <InputNumber
                        id={`parameter-${name}`}
                        min={name === 'step' ? 1 : 0}
                        precision={0}
                        controls={false}
                        value={range[name]}
                        suffix={shownUnit}
                        onChange={(next) => {
                          if (next !== null) setRange({ ...range, [name]: next })
                        }}
                      />
                    </div>
                  ))}
                <Checkbox checked={ranged} onChange={({ target }) => setRanged(target.checked)}>
                  {say('parameterRanged')}
                </Checkbox>
                <Button
                  disabled={!ready}
                  onClick={() => {
                    const changed = withChange(draft, { file, at: one.at, set })
                    const asks = changed.includes('$x')
                    onDraft(
                      ranged
                        ? withUnknown(changed, range)
                        : asks
                          ? changed
                          : withUnknown(changed, undefined),
                    )
                  }}
                >
                  {say('parameterAdd')}
                </Button>
              </>
            )}
          </div>
        )
      }}
    </Await>
  )
}

/** A rule file writes amounts with the Chinese unit, which an English page does not. */
const valueIn = (lang: 'zh' | 'en', value: string): string =>
  lang === 'en' ? value.replace(/元$/, ' yuan') : value

/** The way to a value as a reader would say it: `起付线 › 2025-01-01 › 成年居民 › 三级`. */
function useWay(): (at: readonly (string | number)[]) => string {
  const { say } = useLanguage()
  const answer = useAnswers()
  return (at) =>
    at
      .flatMap((key, i) => {
        const text = String(key)
        const by = /^by (\w+)$/.exec(String(at[i - 1] ?? ''))?.[1]
        if (by !== undefined)
          return [
            text
              .split('|')
              .map((each) => answer(by, each))
              .join('、'),
          ]
        const word = KEYS[text]
        if (word) return [say(word)]
        if (/^\d{4}-\d\d-\d\d$/.test(text)) return [text]
        return typeof key === 'number' && at[i - 1] !== 'caps' ? [`#${key + 1}`] : []
      })
      .join(' › ')
}
