import { z } from 'zod'
import { type Place, type RuleFile, readRuleFile } from './rule-file.ts'

/** Whose attribute it is: the person's, the bill's, or the cover's (one person's place in one scheme). */
export type Owner = 'person' | 'bill' | 'cover'

/** A word that rules may ask about, such as 医院级别, with the answers that exist. */
export type Attribute = {
  readonly name: string
  readonly of: Owner
  readonly title: { readonly zh: string; readonly en: string }
  /** The closed list of answers and their English names; a number or an open text has none. */
  readonly answers: 'number' | 'text' | Readonly<Record<string, string>>
  /** A number of whole yuan, so that an amount may be a share of it. */
  readonly unit: '元' | undefined
  /** What silence means. Without it, a rule that asks and hears nothing is refused. */
  readonly whenAbsent: string | undefined
  /** Of `remote`: the answer for care elsewhere that nothing on the person's file allows. */
  readonly unregistered?: string | undefined
  readonly place: Place
}

export type Vocabulary = ReadonlyMap<string, Attribute>

/** The answers known about one person, bill and cover. Numbers are whole. */
export type Attributes = Readonly<Record<string, string | number | undefined>>

export const AttributesFile = z
  .record(
    z.string().regex(/^[a-z][A-Za-z]*$/, { error: 'an attribute is named in camelCase' }),
    z.strictObject({
      of: z.enum(['person', 'bill', 'cover']),
      zh: z.string().min(1),
      en: z.string().min(1),
      answers: z.union([z.enum(['number', 'text']), z.record(z.string(), z.string())]),
      unit: z.literal('元').optional(),
      whenAbsent: z.union([z.string(), z.number()]).optional(),
      unregistered: z.string().optional(),
    }),
  )
  .meta({ title: 'attributes.yaml', description: 'The words that rules may ask about.' })

/** Reads `attributes.yaml`. Throws a `RuleFileError` when a default is not one of the answers. */
export function parseVocabulary(file: string, text: string): Vocabulary {
  const source = readRuleFile(file, text)
  const entries = Object.entries(source.parse(AttributesFile)).map(
    ([name, { of, zh, en, answers, unit, whenAbsent, unregistered }]): [string, Attribute] => {
      const absent = whenAbsent === undefined ? undefined : String(whenAbsent)
      const place = { file, line: source.lineOf([name]) }
      const title = { zh, en }
      const attribute = { name, of, title, answers, unit, whenAbsent: absent, unregistered, place }
      if (unit !== undefined && answers !== 'number')
        source.fail([name, 'unit'], 'bad_value', `${name} is not a number, so it has no unit`)
      checkDefault(source, attribute)
      if (unregistered !== undefined && !(typeof answers === 'object' && unregistered in answers))
        source.fail(
          [name, 'unregistered'],
          'bad_value',
          `${unregistered} is not one of its answers`,
        )
      return [name, attribute]
    },
  )
  return new Map(entries)
}

function checkDefault(source: RuleFile, { name, answers, whenAbsent }: Attribute): void {
  if (whenAbsent === undefined || answers === 'text') return
  const fits = answers === 'number' ? /^\d+$/.test(whenAbsent) : Object.hasOwn(answers, whenAbsent)
  if (!fits)
    source.fail(
      [name, 'whenAbsent'],
      'bad_value',
      `${whenAbsent} is not one of the answers of ${name}`,
    )
}
