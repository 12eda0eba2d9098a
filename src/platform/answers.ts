import { z } from 'zod'
import { type PlainDate, parsePlainDate } from '#base/plain-date.ts'
import { Problem } from './problem.ts'

/** What every route may answer besides what it promises. */
export const PROBLEMS = {
  '4xx': {
    description: 'Not carried out, and why',
    content: { 'application/problem+json': { schema: Problem } },
  },
  '5xx': {
    description: 'Something is wrong on this side',
    content: { 'application/problem+json': { schema: Problem } },
  },
}

/** The answers of a route: the good ones, and the problems that stand in their place. */
export function answers<T extends object>(good: T): T & typeof PROBLEMS {
  return { ...good, ...PROBLEMS }
}

/** The names of a table, as an enumeration takes them. */
export const namesOf = <T extends object>(table: T) =>
  Object.keys(table) as [keyof T & string, ...(keyof T & string)[]]

/** A number or a name that people give to something. */
export const Name = z.string().min(1).max(200)

export const DayText = z
  .string()
  .transform((text, context): PlainDate => {
    const day = parsePlainDate(text)
    if (day) return day
    context.addIssue({ code: 'custom', message: 'a calendar date YYYY-MM-DD' })
    return z.NEVER
  })
  .meta({ format: 'date' })

export const CommandHeaders = z.looseObject({
  'idempotency-key': z
    .string()
    .min(1)
    .max(255)
    .meta({ description: 'One intent, one key: the same key and body get the same answer' }),
})
