import type { AttributeView } from '#web/api.ts'
import { answerName, attributeName } from '#web/parts/arithmetic.ts'
import { type Language, type Say, useLanguage } from '#web/parts/language.tsx'
import type { WordKey } from '#web/words.ts'

/** A value as its file writes it: a figure, a list of bands, or a table that asks for attributes. */
export function RuleValue({
  value,
  vocabulary,
}: {
  readonly value: unknown
  readonly vocabulary: readonly AttributeView[]
}) {
  const { lang, say } = useLanguage()
  const context = { vocabulary, lang, say }
  if (value === 'repealed') return <em>{say('repealed')}</em>
  if (Array.isArray(value)) return <BandList bands={value} />
  if (!isRecord(value)) return <span>{wordsOf(value, lang)}</span>
  const table = tableOf(value)
  if (table) return <Answers table={table} vocabulary={vocabulary} />
  return (
    <dl className="rule-table">
      {Object.entries(value).map(([key, cell]) => (
        <div key={key}>
          <dt>{KEYS[key] ? say(KEYS[key]) : attributeName(key, vocabulary, lang)}</dt>
          <dd>
            {typeof cell === 'string' || typeof cell === 'number' ? (
              key === 'of' ? (
                basisWords(String(cell), context)
              ) : KEYS[key] ? (
                wordsOf(cell, lang)
              ) : (
                keyWords(key, String(cell), context)
              )
            ) : (
              <RuleValue value={cell} vocabulary={vocabulary} />
            )}
          </dd>
        </div>
      ))}
    </dl>
  )
}

type Asked = { readonly by: string; readonly rows: readonly (readonly [string, unknown])[] }

/** `{ by level: { 三级: …, 社区: … } }` */
function tableOf(value: unknown): Asked | undefined {
  if (!isRecord(value)) return undefined
  const [first] = Object.keys(value)
  if (!first?.startsWith('by ') || !isRecord(value[first])) return undefined
  return { by: first.slice(3), rows: Object.entries(value[first]) }
}

function Answers({
  table,
  vocabulary,
}: {
  readonly table: Asked
  readonly vocabulary: readonly AttributeView[]
}) {
  const { lang, say } = useLanguage()
  const context = { vocabulary, lang, say }
  const name = attributeName(table.by, vocabulary, lang)
  const inner = table.rows.map(([, cell]) => tableOf(cell))
  const [head] = inner
  const square = head && inner.every((each) => each && shapeOf(each) === shapeOf(head))
  return (
    <table className="answers">
      <caption className="out-of-sight">{name}</caption>
      <thead>
        <tr>
          <th scope="col">
            {square ? `${name} \\ ${attributeName(head.by, vocabulary, lang)}` : name}
          </th>
          {square ? (
            head.rows.map(([key]) => (
              <th key={key} scope="col">
                {keyWords(head.by, key, context)}
              </th>
            ))
          ) : (
            <th scope="col">{say('value')}</th>
          )}
        </tr>
      </thead>
      <tbody>
        {table.rows.map(([key, cell], i) => (
          <tr key={key}>
            <th scope="row">{keyWords(table.by, key, context)}</th>
            {square ? (
              inner[i]?.rows.map(([column, value]) => (
                <td key={column}>
                  <RuleValue value={value} vocabulary={vocabulary} />
                </td>
              ))
            ) : (
              <td>
                <RuleValue value={cell} vocabulary={vocabulary} />
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Two tables of one shape ask the same and know the same answers. */
const shapeOf = ({ by, rows }: Asked): string => [by, ...rows.map(([key]) => key)].join(' ')

/** Keys of the file format that are not words of the vocabulary. */
const KEYS: Readonly<Record<string, WordKey>> = {
  steps: 'keySteps',
  lessEach: 'keyLessEach',
  terms: 'keyTerms',
  atMost: 'keyAtMost',
  months: 'keyMonths',
  share: 'keyShare',
  times: 'keyTimes',
  of: 'keyOf',
  atLeast: 'keyAtLeast',
  perGapYear: 'keyPerGapYear',
}

/** What an amount is taken from: the stay, an attribute, or an index under its own name. */
function basisWords(
  of: string,
  {
    vocabulary,
    lang,
    say,
  }: {
    readonly vocabulary: readonly AttributeView[]
    readonly lang: Language
    readonly say: Say
  },
): string {
  if (of === 'stayCost' || of === 'stayBase') return say(of)
  return attributeName(of, vocabulary, lang)
}

function BandList({ bands }: { readonly bands: readonly unknown[] }) {
  const { lang, say } = useLanguage()
  return (
    <ul className="bands">
      {bands.map((band, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bands are data in a fixed order
        <li key={i}>{isRecord(band) ? bandWords(band, lang, say) : wordsOf(band, lang)}</li>
      ))}
    </ul>
  )
}

function bandWords(band: Record<string, unknown>, lang: Language, say: Say): string {
  const { above, upTo, rate, personShare, ...rest } = band
  const where =
    above === undefined
      ? ''
      : upTo === undefined
        ? say('bandAbove', { above: wordsOf(above, lang) })
        : say('bandBetween', { above: wordsOf(above, lang), upTo: wordsOf(upTo, lang) })
  const what =
    rate === 'unknown'
      ? say('rateUnknown')
      : rate !== undefined
        ? say('bandPays', { rate: String(rate) })
        : personShare !== undefined
          ? say('bandPerson', { rate: String(personShare) })
          : ''
  const others = Object.entries(rest).map(([key, value]) => `${key} ${wordsOf(value, lang)}`)
  return [where, what, ...others].filter(Boolean).join(say('colon'))
}

/** Joined keys such as 特困|低保, and the row for everything else. */
function keyWords(
  attribute: string,
  key: string,
  { vocabulary, lang, say }: { vocabulary: readonly AttributeView[]; lang: Language; say: Say },
): string {
  if (key === 'otherwise') return say('otherwise')
  return key
    .split('|')
    .map((word) => answerName(attribute, word.trim(), vocabulary, lang))
    .join(say('listOr'))
}

/** `220000元` is `220,000元`, and `¥220,000` in English. */
function wordsOf(value: unknown, lang: Language): string {
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  const amount = /^(\d+)(\.\d+)?元$/.exec(text)
  if (amount) {
    const figure = `${amount[1]?.replace(/\B(?=(\d{3})+$)/g, ',')}${amount[2] ?? ''}`
    return lang === 'zh' ? `${figure}元` : `¥${figure}`
  }
  if (lang === 'zh') return text
  return text
    .replace(/^([\d.]+)倍$/, '× $1')
    .replace(/^(\d+)天$/, '$1 days')
    .replace(/^(\d+)个月$/, '$1 months')
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
