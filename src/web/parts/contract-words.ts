import { formatRate } from '#base/money.ts'
import {
  type Band,
  CAUSES,
  type HoldBack,
  type TermName,
  type TermValues,
} from '#domains/contracts/types.ts'
import type { ContractProof, ContractTerm } from '#web/api.ts'
import { useLanguage } from '#web/parts/language.tsx'
import { money } from '#web/parts/money.ts'

/** What a term says, in the reader's language. */
export function useTermWords(): (term: ContractTerm) => string {
  const { lang, say } = useLanguage()
  const joined = (parts: readonly string[]) => parts.join(say('sentenceEnd'))
  const bands = (given: readonly Band[]) =>
    given
      .map(({ above, upTo, rate }) =>
        upTo === undefined
          ? say('contractBandLast', { above: formatRate(above), rate: formatRate(rate) })
          : say('contractBand', {
              above: formatRate(above),
              upTo: formatRate(upTo),
              rate: formatRate(rate),
            }),
      )
      .join(say('listComma'))
  const WORDS: { readonly [N in TermName]: (value: TermValues[N]) => string } = {
    perHead: (amount) => say('contractPerHead', { amount: money(amount) }),
    handling: (value) => {
      if (value.kind === 'actual') return say('contractActual', { rate: formatRate(value.atMost) })
      if (value.kind === 'per-head')
        return say('contractFeePerHead', { amount: money(value.amount) })
      return say('contractFeeRate', { rate: formatRate(value.rate) })
    },
    profit: ({ atMost }) => say('contractAtMost', { rate: formatRate(atMost) }),
    surplus: ({ returned }) => say('contractReturned', { bands: bands(returned) }),
    loss: (value) =>
      joined(
        (['policy', 'business'] as const).map((cause) =>
          say('contractShared', { cause: CAUSES[cause][lang], bands: bands(value[cause]) }),
        ),
      ),
    reserve: ({ paidIn, ceiling, opening, covers }) =>
      say('contractReserveOf', {
        of: say(paidIn.of === 'premium' ? 'contractOfPremium' : 'contractOfReturned'),
        rate: formatRate(paidIn.rate),
        ceiling: formatRate(ceiling),
        opening: money(opening),
        covers: covers.map((cause) => CAUSES[cause][lang]).join(say('listComma')),
      }),
    holdBack: (value) =>
      say('contractHeld', { rate: formatRate(value.rate), steps: stepsOf(value) }),
  }
  const stepsOf = ({ released }: HoldBack) =>
    released
      .map(({ atLeast, rate }) =>
        say('contractStep', { points: String(atLeast), rate: formatRate(rate) }),
      )
      .join(say('listComma'))
  return ({ term, value }) => WORDS[term](value as never)
}

/** The rules of one side of a replay, in the reader's language. */
export function useRulesName(): (rules: ContractProof['before']) => string {
  const { say } = useLanguage()
  return ({ version, draft, hash }) =>
    [
      draft
        ? say('contractRulesDraft', { name: draft.name })
        : say('contractRulesVersion', { n: String(version) }),
      hash.slice(0, 8),
    ].join(' · ')
}
