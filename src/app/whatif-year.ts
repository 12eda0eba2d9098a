import { join } from 'node:path'
import { type PlainDate, plainDate } from '#base/plain-date.ts'
import type { PersonYear } from '#domains/settlement/index.ts'
import { type Column, writeParquet } from '#platform/parquet-write.ts'
import type { Vocabulary } from '#rulebook/attributes.ts'
import type { KeptPerson } from './batch-bucket.ts'

/** What was written, and what it had come to when it was settled, in fen. */
export type YearWritten = Record<'persons' | 'bills' | 'paid' | 'patient', number>

const PERSONS_A_FILE = 10_000
const PERSON_WORDS = ['class', 'category', 'sex'] as const

/**
 * Writes persons and their bills as files of a batch, as they are kept: the batch settles them as they were read, and
 * does not read them anew. What persons are told apart by stands in columns beside.
 */
export async function writeYear(
  folder: string,
  persons: AsyncIterable<readonly PersonYear[]>,
  { year, vocabulary }: { readonly year: number; readonly vocabulary: Vocabulary },
): Promise<YearWritten> {
  const written = { persons: 0, bills: 0, paid: 0, patient: 0 }
  const last = plainDate(`${year}-12-31`)
  let held: PersonYear[] = []
  let part = 0
  const flush = () => {
    const name = `${String(part++).padStart(4, '0')}.parquet`
    const bills = held.flatMap((each) => each.bills)
    writeParquet(
      join(folder, `persons-${name}`),
      [
        text(
          'person',
          held.map(({ person }) => person.id),
        ),
        text(
          'born',
          held.map(({ person }) => person.born ?? null),
        ),
        ...PERSON_WORDS.map((word) =>
          text(
            word,
            held.map((each) => wordOf(each, word, last, vocabulary)),
          ),
        ),
        {
          name: 'settledPatient',
          kind: 'bigint',
          values: Float64Array.from(held, ({ settled }) => settled.patient),
        },
        text(
          'kept',
          held.map(({ person, opening, movements }) =>
            JSON.stringify({ person, opening, movements } satisfies KeptPerson),
          ),
        ),
      ],
      held.length,
    )
    if (bills.length > 0)
      writeParquet(
        join(folder, `bills-${name}`),
        [
          ...(['id', 'person', 'admitted', 'discharged', 'settled'] as const).map((field) =>
            text(
              field === 'id' ? 'bill' : field,
              bills.map((bill) => bill[field]),
            ),
          ),
          text(
            'level',
            bills.map(({ attributes }) => wordText(attributes.level)),
          ),
          text(
            'kept',
            bills.map((bill) => JSON.stringify(bill)),
          ),
        ],
        bills.length,
      )
    held = []
  }
  for await (const some of persons) {
    for (const each of some) {
      written.persons++
      written.bills += each.bills.length
      written.paid += each.settled.paid
      written.patient += each.settled.patient
    }
    held.push(...some)
    if (held.length >= PERSONS_A_FILE) flush()
  }
  if (held.length > 0) flush()
  return written
}

const text = (name: string, values: readonly (string | null)[]): Column => ({
  name,
  kind: 'text',
  values,
})

const wordText = (value: string | number | undefined): string | null =>
  value === undefined ? null : String(value)

/** What somebody was at the end of the year: of a cover, the latest that held in it. */
function wordOf(
  { person }: PersonYear,
  word: (typeof PERSON_WORDS)[number],
  last: PlainDate,
  vocabulary: Vocabulary,
): string | null {
  const attribute = vocabulary.get(word)
  const known =
    attribute?.of === 'cover'
      ? person.covers.toSorted((a, b) => (a.from < b.from ? -1 : 1))
      : person.attributes
  const said = known.findLast(
    ({ from, attributes }) => from <= last && attributes[word] !== undefined,
  )
  return wordText(said?.attributes[word] ?? attribute?.whenAbsent)
}
