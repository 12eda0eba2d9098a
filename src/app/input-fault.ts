import type { Title } from '#domains/settlement/index.ts'

/** Everything that can be wrong with an input file. `docs/cli.md` has a line on each. */
export type InputCode =
  | 'not_found'
  | 'unreadable'
  | 'too_large'
  | 'not_utf8'
  | 'bad_json'
  | 'duplicate_key'
  | 'unknown_field'
  | 'missing_field'
  | 'wrong_type'
  | 'bad_text'
  | 'text_too_long'
  | 'bad_amount'
  | 'bad_rate'
  | 'bad_quantity'
  | 'bad_date'
  | 'bad_choice'
  | 'dates_out_of_order'
  | 'duplicate_id'
  | 'unknown_person'
  | 'several_forms'
  | 'upfront_share_missing'
  | 'class_missing'
  | 'unknown_item'
  | 'item_not_in_force'
  | 'item_incomplete'
  | 'item_contradicted'
  | 'no_place_of_care'
  | 'parts_do_not_add_up'
  | 'contradiction'
  | 'unknown_attribute'
  | 'unknown_answer'
  | 'wrong_owner'

/** One thing that is wrong, and what to do about it, in both languages. */
export type InputFault = {
  readonly code: InputCode
  readonly what: Title
  readonly remedy: Title
}

/** Where a fault stands. A file that cannot be read at all has no line. */
export type InputPlace = {
  readonly file: string
  readonly line: number | undefined
  readonly column: number | undefined
  /** The way to it through the data, such as `bills[0].lines[2].amount`; empty for the whole file. */
  readonly path: string
}

/** An input file that cannot be used. Nothing of it is settled. */
export class InputError extends Error {
  readonly fault: InputFault
  readonly place: InputPlace
  constructor(fault: InputFault, place: InputPlace) {
    super(`${fault.code} at ${formatPlace(place)}: ${fault.what.en}`)
    this.name = 'InputError'
    this.fault = fault
    this.place = place
  }
}

export function formatPlace({ file, line, column, path }: InputPlace): string {
  const position = line === undefined ? '' : `:${line}:${column ?? 1}`
  return `${file}${position}${path === '' ? '' : ` (${path})`}`
}
