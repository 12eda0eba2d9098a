import { NATIVE_COMPONENTS } from '#domains/settlement/index.ts'
import type { Vocabulary } from '#rulebook/attributes.ts'

/** A row of a file as it stood there, by column. */
export type RawRow = Readonly<Record<string, unknown>>

const NAMES = [
  'admitted',
  'discharged',
  'settled',
  'stay',
  'transferFrom',
  'placeOfCare',
  'cause',
] as const

/** A bill's row as the input file would write it, so that the one reader judges it. */
export function rawBill(row: RawRow, person: string, vocabulary: Vocabulary): object {
  const body = parsed(row.body)
  if (body !== undefined) return { ...(body as object), id: String(row.bill), person }
  const { diagnosisCode, diagnosisName, thirdPartyShare, thirdPartyAdvance } = row
  const parts = [...NATIVE_COMPONENTS, 'total'].filter((name) => there(row[name]))
  const lines = parsed(row.lines)
  return {
    id: String(row.bill ?? ''),
    person,
    ...only(NAMES, row),
    ...(there(diagnosisCode) || there(diagnosisName)
      ? {
          diagnosis: {
            ...(there(diagnosisCode) ? { code: diagnosisCode } : {}),
            ...(there(diagnosisName) ? { name: diagnosisName } : {}),
          },
        }
      : {}),
    ...(there(thirdPartyShare)
      ? { thirdParty: { share: thirdPartyShare, advance: thirdPartyAdvance ?? false } }
      : {}),
    ...(there(row.days) ? { days: Number(row.days) } : {}),
    ...(there(row.events) ? { events: parsed(row.events) } : {}),
    answers: answersIn(row, vocabulary, 'bill'),
    ...(lines === undefined
      ? { parts: Object.fromEntries(parts.map((name) => [name, amount(row[name])])) }
      : { lines: (lines as object[]).map(withoutGaps) }),
  }
}

/** A person's rows as the input file would write them. */
export function rawPerson(rows: readonly RawRow[], id: string, vocabulary: Vocabulary): object {
  const [first = {}] = rows
  const body = parsed(first.body)
  if (body !== undefined) return { ...(body as object), id }
  const answers = answersIn(first, vocabulary, 'person')
  const given = first.attributes === undefined || first.attributes === null
  return {
    id,
    ...only(['born'], first),
    attributes: given ? [{ from: '1900-01-01', answers }] : parsed(first.attributes),
    covers: rows.map((row) => ({
      ...only(['scheme', 'from', 'until', 'newborn'], row),
      answers: answersIn(row, vocabulary, 'cover'),
      ...(there(row.conditions) ? { conditions: parsed(row.conditions) } : {}),
    })),
    ...Object.fromEntries(
      (['registrations', 'certificates', 'accounts', 'totals'] as const).flatMap((name) =>
        there(first[name]) ? [[name, parsed(first[name])]] : [],
      ),
    ),
  }
}

function answersIn(row: RawRow, vocabulary: Vocabulary, owner: string): Record<string, unknown> {
  return Object.fromEntries(
    [...vocabulary.values()].flatMap(({ name, of }) =>
      of === owner && there(row[name]) && row[name] !== '' ? [[name, row[name]]] : [],
    ),
  )
}

const there = (value: unknown): boolean => value !== undefined && value !== null

const only = (names: readonly string[], row: RawRow): object =>
  Object.fromEntries(names.flatMap((name) => (there(row[name]) ? [[name, row[name]]] : [])))

/** An amount that a CSV file writes as text. */
const amount = (value: unknown): unknown =>
  typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value

/** A nested value, or one that a column holds as JSON text. */
function parsed(value: unknown): unknown {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value) as unknown
  } catch {
    return value
  }
}

const withoutGaps = (line: object): object =>
  Object.fromEntries(Object.entries(line).filter(([, value]) => there(value)))
