import { Interner } from '#base/interner.ts'
import { dateOfDay, type PlainDate } from '#base/plain-date.ts'
import { type Persons, type Profile, type SchemeBook, UNBORN } from '#domains/settlement/index.ts'
import type { ColumnFiles } from '#platform/columns.ts'
import type { RowsItself } from './batch-bucket.ts'
import { type FileColumn, personFormat, personQuery } from './batch-format.ts'

/** Everybody of a batch: eight bytes a person, and what persons have in common once. */
export type BatchPersons = {
  readonly persons: Persons
  /** The names behind the numbers, where persons are not numbered in the files. */
  readonly names: readonly string[] | undefined
  readonly itself: RowsItself
  readonly count: number
  readonly unread: readonly string[]
}

/** The first day on which anything is known of a person of the columns. */
const ALWAYS = '1900-01-01' as PlainDate
const NO_DAY = -25_567
const NOBODY = -1
/** Somebody of whom columns cannot hold everything. */
const APART = -2

/** Reads the files of persons, of about so many rows. What two rows say of one person adds up: a row is a cover. */
export async function readPersons(
  files: ColumnFiles,
  source: string,
  columns: readonly FileColumn[],
  book: SchemeBook,
  expected: number,
): Promise<BatchPersons> {
  const schemes = [...book.schemes.keys()]
  const format = personFormat(columns, book.vocabulary, schemes)
  const covers = new Interner(4)
  const coverWords = new Interner(2)
  const lists = new Interner(2)
  const numbers = format.ids === 'text' ? new Map<string, number>() : undefined
  const itself = new Map<number, string[]>()
  let profileOf = new Int32Array(new SharedArrayBuffer(4 * (expected + 1))).fill(NOBODY)
  let born = new Int32Array(new SharedArrayBuffer(4 * (expected + 1))).fill(UNBORN)
  let highest = -1
  let count = 0
  const room = (number: number) => {
    if (number < profileOf.length) return
    const length = Math.max(number + 1, profileOf.length * 2)
    const larger = (old: Int32Array, fill: number) => {
      const made = new Int32Array(new SharedArrayBuffer(length * 4)).fill(fill, old.length)
      made.set(old)
      return made
    }
    profileOf = larger(profileOf, NOBODY)
    born = larger(born, UNBORN)
  }
  await files.read(personQuery(format, source), (chunk) => {
    const names = numbers ? chunk.texts(0) : undefined
    const ids = numbers ? undefined : chunk.ints(0)
    const [bornOn, personAnswers, coverAnswers] = [chunk.ints(1), chunk.ints(2), chunk.ints(3)]
    const [schemeAt, starts, ends] = [chunk.ints(4), chunk.ints(5), chunk.ints(6)]
    for (let i = 0; i < chunk.rows; i++) {
      let number = ids ? (ids[i] as number) : -1
      if (numbers) {
        const name = names?.[i] ?? ''
        number = numbers.get(name) ?? numbers.size
        numbers.set(name, number)
      }
      if (number < 0) continue
      room(number)
      if (number > highest) highest = number
      const known = profileOf[number] as number
      if (known === NOBODY) count++
      const scheme = schemeAt[i] as number
      if (scheme === 0 || known === APART) {
        const text = chunk.text(7, i)
        const rows = itself.get(number) ?? []
        if (text !== null) rows.push(text)
        else rows.push(apart(i))
        itself.set(number, rows)
        profileOf[number] = APART
        continue
      }
      const words = coverWords.of(personAnswers[i] as number, coverAnswers[i] as number)
      const cover = covers.of(words, scheme, starts[i] as number, ends[i] as number)
      profileOf[number] = lists.of(known + 1, cover)
      if ((bornOn[i] as number) !== NO_DAY) born[number] = bornOn[i] as number
    }
    /** A later row of somebody whom columns cannot hold, written as its file would. */
    function apart(i: number): string {
      const until = ends[i] as number
      return JSON.stringify({
        scheme: schemes[(schemeAt[i] as number) - 1],
        from: dateOfDay(starts[i] as number),
        ...(until === NO_DAY ? {} : { until: dateOfDay(until) }),
        ...format.personCodes.answersOf(personAnswers[i] as number),
        ...format.coverCodes.answersOf(coverAnswers[i] as number),
      })
    }
  })

  const cover = (number: number): Profile['covers'][number] => {
    const until = covers.word(number, 3)
    return {
      scheme: schemes[covers.word(number, 1) - 1] as string,
      from: dateOfDay(covers.word(number, 2)),
      until: until === NO_DAY ? undefined : dateOfDay(until),
      attributes: format.coverCodes.answersOf(coverWords.word(covers.word(number, 0), 1)),
    }
  }
  const profiles: Profile[] = []
  for (let list = 0; list < lists.count; list++) {
    const before = lists.word(list, 0) - 1
    const last = lists.word(list, 1)
    const answers = format.personCodes.answersOf(coverWords.word(covers.word(last, 0), 0))
    const earlier = before < 0 ? undefined : (profiles[before] as Profile)
    profiles.push({
      attributes: earlier?.attributes ?? [{ from: ALWAYS, attributes: answers }],
      covers: [...(earlier?.covers ?? []), cover(last)],
    })
  }
  return {
    persons: {
      profiles,
      profileOf: profileOf.subarray(0, highest + 1),
      born: born.subarray(0, highest + 1),
    },
    names: numbers ? [...numbers.keys()] : undefined,
    itself,
    count,
    unread: format.unread,
  }
}
