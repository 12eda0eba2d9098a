import type { Catalogue } from '#domains/catalogue/index.ts'
import type { Person, SchemeBook } from '#domains/settlement/index.ts'
import type { Upload } from '#domains/settlement/routes.ts'
import { Refused } from '#platform/problem.ts'
import { readInput } from './input.ts'
import { InputError } from './input-fault.ts'
import { createItems } from './items.ts'

/** The persons whom bills name and the upload does not hold: they must be known already. */
export function missingPersons(upload: unknown): string[] {
  const { persons, bills } = (upload ?? {}) as { persons?: unknown; bills?: unknown }
  const given = new Set(listOf(persons).map((person) => (person as { id?: unknown } | null)?.id))
  const named = listOf(bills).map((bill) => (bill as { person?: unknown } | null)?.person)
  return [...new Set(named)].filter(
    (id): id is string => typeof id === 'string' && id.length <= 200 && !given.has(id),
  )
}

/** The catalogue codes that the lines of an upload name. */
export function codesIn(upload: unknown): string[] {
  const { bills } = (upload ?? {}) as { bills?: unknown }
  const lines = listOf(bills).flatMap((bill) => listOf((bill as { lines?: unknown } | null)?.lines))
  const codes = lines.map((line) => (line as { code?: unknown } | null)?.code)
  return [...new Set(codes)].filter(
    (code): code is string => typeof code === 'string' && code.length <= 200,
  )
}

/**
 * Reads an upload exactly as the command reads an input file. Persons who are `known` may be named
 * without being given again; they are left out of what is read.
 */
export function readUpload(
  upload: unknown,
  book: SchemeBook,
  known: readonly Person[],
  catalogue: Catalogue,
): Upload {
  const { persons = [], ...rest } = (upload ?? {}) as { persons?: unknown }
  const text =
    known.length > 0 || typeof upload === 'object'
      ? JSON.stringify({
          ...rest,
          persons: Array.isArray(persons) ? [...persons, ...known.map(asWritten)] : persons,
        })
      : JSON.stringify(upload ?? null)
  const knownIds = new Set(known.map(({ id }) => id))
  try {
    const input = readInput('body', text, book.vocabulary, createItems(catalogue, book))
    return {
      persons: input.persons.filter(({ person }) => !knownIds.has(person.id)),
      bills: input.bills,
    }
  } catch (thrown) {
    if (!(thrown instanceof InputError)) throw thrown
    const { code, what, remedy } = thrown.fault
    throw new Refused({
      code,
      status: 422,
      description: {
        what,
        remedy,
        errors: [{ field: thrown.place.path, reason: what, remedy }],
      },
    })
  }
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

/** A person as an input file writes one. */
const asWritten = ({ id, born, attributes, covers }: Person) => ({
  id,
  born,
  attributes: attributes.map(({ from, attributes }) => ({ from, answers: attributes })),
  covers: covers.map(({ scheme, from, until, attributes }) => ({
    scheme,
    from,
    until,
    answers: attributes,
  })),
})
