import type { ReactNode } from 'react'
import { LIMIT_KINDS } from '#domains/catalogue/types.ts'
import {
  COMPONENT_TITLES,
  COMPONENTS,
  type Component,
  type LineItem,
  NATIVE_COMPONENTS,
  type NativeComponent,
  PAYERS,
} from '#domains/settlement/types.ts'
import { type Equation, workingOf } from '#web/parts/arithmetic.ts'
import { Badges } from '#web/parts/badges.tsx'
import { Citations } from '#web/parts/citations.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { money } from '#web/parts/money.ts'
import { PART_NOTES } from '#web/parts/part-notes.ts'
import { useVocabulary } from '#web/parts/use-book.ts'
import { Amount, useAsk, type Why } from '#web/parts/why.tsx'

/** The answer to one "why", with every figure in it open to the next. */
export default function WhyAnswer({ why }: { readonly why: Why }) {
  switch (why.of) {
    case 'total':
      return <TotalAnswer />
    case 'funds':
      return <FundsAnswer />
    case 'patient':
      return <PatientAnswer />
    case 'tier':
      return <TierAnswer tier={why.tier} {...(why.line === undefined ? {} : { line: why.line })} />
    case 'part':
      return <PartAnswer part={why.part} />
    case 'component':
      return <ComponentAnswer component={why.component} />
    case 'line':
      return <LineAnswer line={why.line} />
    case 'benefit':
      return <BenefitAnswer benefit={why.benefit} />
    case 'recovery':
      return <RecoveryAnswer tier={why.tier} />
  }
}

// --- a tier --------------------------------------------------------------------------------------

function TierAnswer({ tier, line }: { readonly tier: string; readonly line?: string }) {
  const { explained } = useAsk()
  const { lang, say } = useLanguage()
  const vocabulary = useVocabulary()
  const { settlement, steps } = explained
  const index = settlement.tiers.findIndex((each) => each.tier === tier)
  const result = settlement.tiers[index]
  if (!result) return null
  const ofLine = settlement.lines.find(({ id }) => id === line)
  const working = workingOf(tier, steps, { settlement, vocabulary, lang, say })
  return (
    <>
      <Head
        title={result.title[lang]}
        amount={ofLine ? (ofLine.paid[index] ?? 0) : result.paid}
        note={`${say('payer')}${say('colon')}${PAYERS[result.payer][lang]}`}
      />
      <Badges badges={result.badges} />
      {ofLine && (
        <p className="callout">
          {say('lineShare', {
            line: ofLine.id,
            amount: money(ofLine.paid[index] ?? 0),
            paid: money(result.paid),
          })}
        </p>
      )}
      <ol className="working-list">
        {working.map((equation, position) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the working of one tier never reorders
          <li key={position}>
            <EquationView equation={equation} />
          </li>
        ))}
      </ol>
      {working.length === 0 && <p className="quiet">{say('nothingToShow')}</p>}
    </>
  )
}

function EquationView({ equation }: { readonly equation: Equation }) {
  const { label, sum, result, note, citations } = equation
  return (
    <>
      <h4>{label}</h4>
      <p className="equation">
        {sum}
        {sum && result && ' = '}
        {result && <strong>{result}</strong>}
      </p>
      {note && <p className="quiet">{note}</p>}
      <Citations citations={citations} />
    </>
  )
}

// --- sums of other amounts -----------------------------------------------------------------------

function TotalAnswer() {
  const { explained } = useAsk()
  const { lang, say } = useLanguage()
  const { components, total } = explained.settlement
  return (
    <>
      <Head title={say('total')} amount={total} note={say('totalNote')} />
      <SumList
        rows={NATIVE_COMPONENTS.filter((native) => components[native].total > 0).map((native) => ({
          key: native,
          label: COMPONENT_TITLES[native].input[lang],
          amount: components[native].total,
          why: { of: 'component', component: native },
        }))}
        total={total}
      />
    </>
  )
}

function FundsAnswer() {
  const { explained } = useAsk()
  const { lang, say } = useLanguage()
  const { tiers, total, patient } = explained.settlement
  return (
    <>
      <Head title={say('paidByOthers')} amount={total - patient} note={say('fundsNote')} />
      <SumList
        rows={tiers
          .filter(({ paid }) => paid > 0)
          .map(({ tier, title, payer, paid }) => ({
            key: tier,
            label: `${title[lang]} · ${PAYERS[payer][lang]}`,
            amount: paid,
            why: { of: 'tier', tier },
          }))}
        total={total - patient}
      />
    </>
  )
}

function PatientAnswer() {
  const { explained } = useAsk()
  const { lang, say } = useLanguage()
  const { patientParts, patient } = explained.settlement
  return (
    <>
      <Head title={say('patient')} amount={patient} note={say('patientNote')} />
      <SumList
        rows={COMPONENTS.filter((part) => patientParts[part] > 0).map((part) => ({
          key: part,
          label: COMPONENT_TITLES[part].left[lang],
          amount: patientParts[part],
          why: { of: 'part', part },
        }))}
        total={patient}
      />
    </>
  )
}

/** What was named so, less what each tier paid of it, is what the patient is left with. */
function PartAnswer({ part }: { readonly part: Component }) {
  const { explained } = useAsk()
  const { lang, say } = useLanguage()
  const { settlement, steps } = explained
  const named = steps.flatMap((step) => {
    if (step.step !== 'paid' || !isNamedByTier(part)) return []
    return step[part] > 0 ? [{ tier: step.tier, amount: step[part] }] : []
  })
  const moved = steps.flatMap((step) => {
    if (step.step !== 'paid' || part !== 'inScope') return []
    const amount = step.transferUpfront + step.deductible + step.aboveCap
    return amount > 0 ? [{ tier: step.tier, amount }] : []
  })
  const titleOf = (tier: string) =>
    settlement.tiers.find((each) => each.tier === tier)?.title[lang] ?? tier
  const native = isNamedByTier(part) ? undefined : part
  return (
    <>
      <Head
        title={COMPONENT_TITLES[part].left[lang]}
        amount={settlement.patientParts[part]}
        note={say(PART_NOTES[part])}
      />
      <SumList
        rows={[
          ...(native && settlement.components[native].total > 0
            ? [
                {
                  key: 'native',
                  label: `${say('onTheBill')}${say('colon')}${COMPONENT_TITLES[native].input[lang]}`,
                  amount: settlement.components[native].total,
                  why: { of: 'component', component: native } as const,
                },
              ]
            : []),
          ...named.map(({ tier, amount }) => ({
            key: `named ${tier}`,
            label: say('namedBy', { tier: titleOf(tier) }),
            amount,
            why: { of: 'tier', tier } as const,
          })),
          ...moved.map(({ tier, amount }) => ({
            key: `moved ${tier}`,
            label: say('movedBy', { tier: titleOf(tier) }),
            amount: -amount,
            why: { of: 'tier', tier } as const,
          })),
          ...settlement.tiers.flatMap(({ tier, title, parts }) => {
            const paid = parts[part] ?? 0
            return paid > 0
              ? [
                  {
                    key: tier,
                    label: say('paidBy', { tier: title[lang] }),
                    amount: -paid,
                    why: { of: 'tier', tier } as const,
                  },
                ]
              : []
          }),
        ]}
        total={settlement.patientParts[part]}
      />
    </>
  )
}

/** Whether a part is no part of the bill but what a tier set apart of its in-scope cost. */
const isNamedByTier = (part: Component): part is Exclude<Component, NativeComponent> =>
  !NATIVE_COMPONENTS.some((native) => native === part)

function ComponentAnswer({ component }: { readonly component: NativeComponent }) {
  const { explained } = useAsk()
  const { lang, say } = useLanguage()
  const { tiers, components } = explained.settlement
  const { total, paid, patient } = components[component]
  return (
    <>
      <Head
        title={COMPONENT_TITLES[component].input[lang]}
        amount={total}
        note={say('componentNote')}
      />
      <SumList
        rows={[
          ...tiers.flatMap(({ tier, title }, index) => {
            const amount = paid[index] ?? 0
            return amount > 0
              ? [{ key: tier, label: title[lang], amount, why: { of: 'tier', tier } as const }]
              : []
          }),
          ...(patient > 0
            ? [
                {
                  key: 'patient',
                  label: say('patient'),
                  amount: patient,
                  why: { of: 'patient' } as const,
                },
              ]
            : []),
        ]}
        total={total}
      />
    </>
  )
}

function LineAnswer({ line }: { readonly line: string }) {
  const { explained } = useAsk()
  const { lang, say } = useLanguage()
  const { tiers, lines } = explained.settlement
  const found = lines.find(({ id }) => id === line)
  if (!found) return null
  return (
    <>
      <Head title={say('lineNumber', { line })} amount={found.amount} note={say('lineNote')} />
      {found.item && <ItemOfLine item={found.item} />}
      <SumList
        rows={[
          ...tiers.flatMap(({ tier, title }, index) => {
            const amount = found.paid[index] ?? 0
            return amount > 0
              ? [
                  {
                    key: tier,
                    label: title[lang],
                    amount,
                    why: { of: 'tier', tier, line } as const,
                  },
                ]
              : []
          }),
          {
            key: 'patient',
            label: say('patient'),
            amount: found.patient,
            why: { of: 'patient' } as const,
          },
        ]}
        total={found.amount}
      />
    </>
  )
}

/** What the catalogue said of the line's code, and whether somebody has to look at it. */
function ItemOfLine({ item }: { readonly item: LineItem }) {
  const { lang, say } = useLanguage()
  const { name, code, place, on, chargedAs, findings, review, citations } = item
  return (
    <div className="callout">
      <p>
        <strong>{say('lineItem', { name, code, class: item.class })}</strong>
        {chargedAs !== item.class && ` · ${say('lineItemCharged', { class: chargedAs })}`}
      </p>
      <p className="quiet">
        {say('lineItemAsked', { place: place || say('theNation'), day: on })}
        {item.limit && ` · ${say('limitedTo')}${say('colon')}${item.limit}`}
      </p>
      {review && (
        <>
          <p>
            <strong>{say('lineItemReview')}</strong>
          </p>
          <ul>
            {findings.map(({ limit, met, asked, found = '' }) => (
              <li key={limit}>
                {say(met === 'no' ? 'limitNotMet' : 'limitUnknown', {
                  limit: LIMIT_KINDS[limit][lang],
                  asked,
                  found,
                })}
              </li>
            ))}
          </ul>
        </>
      )}
      <Citations citations={citations} />
    </div>
  )
}

// --- beside the bill -----------------------------------------------------------------------------

function BenefitAnswer({ benefit }: { readonly benefit: string }) {
  const { explained } = useAsk()
  const { lang, say } = useLanguage()
  const found = explained.settlement.benefits.find((each) => each.benefit === benefit)
  if (!found) return null
  const { title, amount, days, payer, badges, citations } = found
  return (
    <>
      <Head
        title={title[lang]}
        amount={amount}
        note={`${say('payer')}${say('colon')}${PAYERS[payer][lang]}`}
      />
      <Badges badges={badges} />
      {days !== undefined && days > 0 && <p>{say('benefitDays', { days })}</p>}
      <p className="quiet">{say('benefitNote')}</p>
      <Citations citations={citations} />
    </>
  )
}

function RecoveryAnswer({ tier }: { readonly tier: string }) {
  const { explained } = useAsk()
  const { lang, say } = useLanguage()
  const { recoveries, tiers } = explained.settlement
  const found = recoveries.find((each) => each.tier === tier)
  const result = tiers.find((each) => each.tier === tier)
  if (!found || !result) return null
  return (
    <>
      <Head title={say('recovery')} amount={found.amount} note={say('recoveryNote')} />
      <SumList
        rows={[
          { key: tier, label: result.title[lang], amount: result.paid, why: { of: 'tier', tier } },
        ]}
      />
    </>
  )
}

// --- shared --------------------------------------------------------------------------------------

function Head({
  title,
  amount,
  note,
}: {
  readonly title: string
  readonly amount: number
  readonly note: ReactNode
}) {
  return (
    <div className="why-head">
      <h3>{title}</h3>
      <p className="why-amount">{money(amount)}</p>
      <p className="quiet">{note}</p>
    </div>
  )
}

type SumRow = {
  readonly key: string
  readonly label: string
  readonly amount: number
  readonly why: Why
}

function SumList({ rows, total }: { readonly rows: readonly SumRow[]; readonly total?: number }) {
  const { say } = useLanguage()
  return (
    <table className="sum-list">
      <caption className="out-of-sight">{say('whyTitle')}</caption>
      <tbody>
        {rows.map(({ key, label, amount, why }) => (
          <tr key={key}>
            <th scope="row">{label}</th>
            <td className="numeric">
              <Amount fen={amount} why={why} label={label} />
            </td>
          </tr>
        ))}
        {total !== undefined && (
          <tr className="sum-row">
            <th scope="row">{say('sum')}</th>
            <td className="numeric">
              <strong className="money">{money(total)}</strong>
            </td>
          </tr>
        )}
      </tbody>
    </table>
  )
}
