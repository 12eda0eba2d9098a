import { Progress } from 'antd'
import type { Step } from '#domains/settlement/types.ts'
import type { StoredSettlement } from '#web/api.ts'
import { useLanguage } from '#web/parts/language.tsx'
import { money } from '#web/parts/money.ts'
import { Section } from '#web/parts/page.tsx'

type Limit = {
  readonly key: string
  readonly tier: string
  readonly kind: 'deductible' | 'cap' | 'eligible-cap'
  readonly limit: number
  readonly used: number
  readonly year: string
}

/**
 * How far each limit of the year is used: as the last settled bill of each tier left it. The figures are
 * those of its own steps, so a limit that depends on the bill is the limit of that bill.
 */
export function UsedLimits({ settlements }: { readonly settlements: readonly StoredSettlement[] }) {
  const { lang, say } = useLanguage()
  const ordered = settlements.toSorted((a, b) =>
    a.settlement.settled === b.settlement.settled
      ? a.settledAt.localeCompare(b.settledAt)
      : a.settlement.settled.localeCompare(b.settlement.settled),
  )
  const last = new Map<string, Limit>()
  for (const { settlement, steps } of ordered)
    for (const limit of limitsOf(
      steps,
      settlement.settled.slice(0, 4),
      (tier) => settlement.tiers.find((each) => each.tier === tier)?.title[lang] ?? tier,
    ))
      last.set(limit.key, limit)
  const limits = [...last.values()]
  const years = [...new Set(limits.map(({ year }) => year))].toSorted().reverse()
  return (
    <Section title={say('usedLimits')} note={say('usedLimitsNote')}>
      {limits.length === 0 && <p className="quiet">{say('noLimitsYet')}</p>}
      {years.map((year) => (
        <div key={year}>
          <h3>{say('yearOf', { year })}</h3>
          <ul className="limits">
            {limits
              .filter((limit) => limit.year === year)
              .map(({ key, tier, kind, limit, used }) => (
                <li key={key}>
                  <div className="limit-name">
                    <strong>{tier}</strong> <span>{say(KIND_WORDS[kind])}</span>
                  </div>
                  <Progress
                    aria-label={`${tier} ${say(KIND_WORDS[kind])}`}
                    percent={limit === 0 ? 100 : Math.min(100, Math.floor((used / limit) * 100))}
                    size="small"
                    status="normal"
                    strokeColor={kind === 'deductible' ? '#0f5f6b' : '#c2541b'}
                  />
                  <p className="quiet money">
                    {say('usedOf', {
                      used: money(used),
                      limit: money(limit),
                      left: money(Math.max(0, limit - used)),
                    })}
                  </p>
                </li>
              ))}
          </ul>
        </div>
      ))}
    </Section>
  )
}

const KIND_WORDS = {
  deductible: 'limitDeductible',
  cap: 'limitCap',
  'eligible-cap': 'limitEligible',
} as const

function limitsOf(
  steps: readonly Step[],
  year: string,
  titleOf: (tier: string) => string,
): Limit[] {
  return steps.flatMap((step): Limit[] => {
    if (!('tier' in step)) return []
    const shared = { tier: titleOf(step.tier), year }
    const key = `${year} ${step.tier} ${step.step}`
    if (step.step === 'deductible' && step.ordinal === undefined)
      return [
        {
          ...shared,
          key,
          kind: 'deductible',
          limit: step.limit,
          used: Math.min(step.limit, step.met + step.offset + step.applied),
        },
      ]
    if (step.step === 'cap' && step.per === 'period') {
      const paid = steps.find((each) => each.step === 'paid' && each.tier === step.tier)
      const amount = paid?.step === 'paid' ? paid.amount : 0
      return [{ ...shared, key, kind: 'cap', limit: step.limit, used: step.used + amount }]
    }
    return []
  })
}
