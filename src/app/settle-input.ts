import { ok, type Result } from '#base/result.ts'
import type {
  Bill,
  Explanation,
  Person,
  Refusal,
  Settlement,
  Settler,
  Step,
  Totals,
} from '#domains/settlement/index.ts'
import { groupBy } from './group-by.ts'
import type { Input } from './input.ts'

/** A settlement without the running totals: each holds all before it, so keeping them all would not scale. */
export type SettledBill = Omit<Settlement, 'totals'>

/** What became of one bill. */
export type Outcome = {
  readonly bill: Bill
  /** Earlier bills of the same person that were refused: this one is settled as if they did not exist. */
  readonly without: readonly string[]
} & (
  | {
      readonly settled: true
      readonly settlement: SettledBill
      /** How it was worked out, where that was asked for. */
      readonly steps: readonly Step[]
    }
  | { readonly settled: false; readonly refusal: Refusal }
)

export type Run = {
  readonly outcomes: readonly Outcome[]
  /** Each person's running totals after the last bill, in the order of the file. */
  readonly totals: ReadonlyMap<string, Totals>
}

/**
 * Settles every bill of an input: person by person in the order of the file, and each person's bills
 * by the day of settlement, then of admission, then their place in the file. Totals carry on from bill
 * to bill. A refused bill leaves no trace in them and stops nothing.
 *
 * `explained` says which bills are to carry their steps; `onBill` is called after each.
 */
export function settleInput(
  input: Input,
  settler: Settler,
  explained: (bill: Bill) => boolean,
  onBill: () => void = () => {},
): Run {
  const billsOf = groupBy(input.bills, ({ person }) => person)
  const outcomes: Outcome[] = []
  const totals = new Map<string, Totals>()
  for (const { person, totals: before } of input.persons) {
    const refused: string[] = []
    let current = before
    for (const bill of (billsOf.get(person.id) ?? []).toSorted(byTime)) {
      const without = [...refused]
      const result = settleOne(bill, person, current, settler, explained(bill))
      if (result.ok) {
        const { totals: after, ...settlement } = result.value.settlement
        current = after
        outcomes.push({ bill, without, settled: true, settlement, steps: result.value.steps })
      } else {
        refused.push(bill.id)
        outcomes.push({ bill, without, settled: false, refusal: result.error })
      }
      onBill()
    }
    totals.set(person.id, current)
  }
  return { outcomes, totals }
}

function settleOne(
  bill: Bill,
  person: Person,
  totals: Totals,
  settler: Settler,
  explained: boolean,
): Result<Explanation, Refusal> {
  if (explained) return settler.explain(bill, person, totals)
  const result = settler.settle(bill, person, totals)
  return result.ok ? ok({ settlement: result.value, steps: [] }) : result
}

const byTime = (a: Bill, b: Bill): number =>
  compare(a.settled, b.settled) || compare(a.admitted, b.admitted)

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
