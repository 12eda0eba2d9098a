import { addDays, type PlainDate } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import { isWorkingDay, type WorkingDays } from '#base/working-days.ts'
import { ACTS, type ClockRule, type Done } from './types.ts'

/** How one clock of a case stands. */
export type Clock =
  /** It runs, and `due` is its last day. */
  | { readonly kind: 'running'; readonly due: PlainDate }
  /** Documents are asked for: so many days are left when they come. */
  | { readonly kind: 'stopped'; readonly left: number }
  /** What it waits for was done, in time or late. */
  | {
      readonly kind: 'met'
      readonly due: PlainDate
      readonly on: PlainDate
      readonly late: boolean
    }

export type ClockRefusal =
  | { readonly code: 'no_clock_for_day'; readonly id: string; readonly day: PlainDate }
  | { readonly code: 'calendar_unknown'; readonly id: string; readonly year: number }

/** The edition of a clock that is in force on a day. Before the first one there is none, and none is guessed. */
export function clockOn(
  rules: readonly ClockRule[],
  id: string,
  day: PlainDate,
): Result<ClockRule, ClockRefusal> {
  const rule = rules
    .filter((each) => each.id === id && each.from <= day)
    .reduce<ClockRule | undefined>(
      (newest, each) => (newest && newest.from > each.from ? newest : each),
      undefined,
    )
  return rule ? ok(rule) : err({ code: 'no_clock_for_day', id, day })
}

/**
 * How a clock of a case stands, read from what was done. Undefined where nothing has started it. The day that starts it
 * is not counted; while documents are asked for, the days after the asking up to the day they come are not either.
 */
export function clockOf(
  rule: ClockRule,
  history: readonly Done[],
  calendar: WorkingDays,
): Result<Clock | undefined, ClockRefusal> {
  const { id, starts, outcomes, ends, pauses, unit, days } = rule
  const at = history.findIndex(
    ({ act, decision }) =>
      starts.includes(act) && (!outcomes || (decision && outcomes.includes(decision.outcome))),
  )
  const start = history[at]
  if (!start) return ok(undefined)
  const end = history.slice(at + 1).find(({ act }) => ends.includes(act) || isOver(act))
  const spans = pauses ? pausesOf(history) : []

  let [day, left] = [start.on, days]
  while (left > 0) {
    day = addDays(day, 1)
    const paused = spans.find(({ after, until }) => day > after && (!until || day <= until))
    if (paused && !paused.until) {
      if (end) break
      return ok({ kind: 'stopped', left })
    }
    if (paused) continue
    const counts = unit === 'calendar' || isWorkingDay(calendar, day)
    if (counts === undefined)
      return err({ code: 'calendar_unknown', id, year: Number(day.slice(0, 4)) })
    if (counts) left--
  }
  if (end) return ok({ kind: 'met', due: day, on: end.on, late: end.on > day })
  return ok({ kind: 'running', due: day })
}

/** A case that is withdrawn waits for nothing more. */
const isOver = (act: Done['act']): boolean => ACTS[act].to === 'withdrawn'

type Pause = { readonly after: PlainDate; readonly until: PlainDate | undefined }

function pausesOf(history: readonly Done[]): Pause[] {
  return history.flatMap(({ act, on }, index) =>
    act === 'ask-documents' ? [{ after: on, until: history[index + 1]?.on }] : [],
  )
}
