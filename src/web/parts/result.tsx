import { Alert } from 'antd'
import type { ReactNode } from 'react'
import { PAYERS } from '#domains/settlement/types.ts'
import type { Explained, SettlementView } from '#web/api.ts'
import { Badges, TeachingTag } from '#web/parts/badges.tsx'
import { BillFindings } from '#web/parts/bill-findings.tsx'
import { PATIENT_COLOUR, PAYER_COLOURS } from '#web/parts/colours.ts'
import { useLanguage } from '#web/parts/language.tsx'
import { money } from '#web/parts/money.ts'
import { payersInOrder } from '#web/parts/payers-in-order.ts'
import {
  BenefitTable,
  LineTable,
  PatientParts,
  RecoveryTable,
  TierTable,
} from '#web/parts/result-tables.tsx'
import { Sankey } from '#web/parts/sankey.tsx'
import { Waterfall } from '#web/parts/waterfall.tsx'
import { Amount, WhyProvider } from '#web/parts/why.tsx'

/** One bill settled, or tried out: the answer first, then where it comes from. */
export function Result({
  explained,
  trial,
}: {
  readonly explained: Explained
  readonly trial: boolean
}) {
  const { say } = useLanguage()
  const { settlement } = explained
  return (
    <WhyProvider explained={explained}>
      <div className={trial ? 'result result-trial' : 'result'}>
        {trial && <Alert type="warning" showIcon title={say('trialBanner')} />}
        <BillFindings findings={explained.findings} />
        <Headline settlement={settlement} />
        <TierTable settlement={settlement} />
        <PatientParts settlement={settlement} />
        <Waterfall settlement={settlement} />
        <Sankey settlement={settlement} />
        {settlement.lines.length > 0 && <LineTable settlement={settlement} />}
        {settlement.benefits.length > 0 && <BenefitTable settlement={settlement} />}
        {settlement.recoveries.length > 0 && <RecoveryTable settlement={settlement} />}
      </div>
    </WhyProvider>
  )
}

function Headline({ settlement }: { readonly settlement: SettlementView }) {
  const { lang, say } = useLanguage()
  const { total, patient, title, teaching, badges, scheme } = settlement
  return (
    <section className="headline" aria-label={say('result')}>
      <p className="headline-scheme">
        <span>{title[lang]}</span>
        {teaching && <TeachingTag />}
        <Badges badges={teaching ? badges.filter((badge) => badge !== 'invented') : badges} />
        <code className="quiet">{scheme}</code>
      </p>
      <dl className="headline-amounts">
        <Figure name={say('total')}>
          <Amount fen={total} why={{ of: 'total' }} label={say('total')} />
        </Figure>
        <Figure name={say('paidByOthers')}>
          <Amount fen={total - patient} why={{ of: 'funds' }} label={say('paidByOthers')} />
        </Figure>
        <Figure name={say('patient')} patient>
          <Amount fen={patient} why={{ of: 'patient' }} label={say('patient')} />
        </Figure>
      </dl>
      <ShareBar settlement={settlement} />
      <p className="quiet check">
        {say('checkSum', {
          paid: money(total - patient),
          patient: money(patient),
          total: money(total),
        })}
      </p>
    </section>
  )
}

function Figure({
  name,
  patient,
  children,
}: {
  readonly name: string
  readonly patient?: boolean
  readonly children: ReactNode
}) {
  return (
    <div className={patient ? 'figure figure-patient' : 'figure'}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

/** How the bill divides, at a glance; the tables below say the same in figures. */
function ShareBar({ settlement }: { readonly settlement: SettlementView }) {
  const { lang, say } = useLanguage()
  const { payers, patient, total } = settlement
  if (total === 0) return null
  const shares = [
    ...payersInOrder(settlement).map((payer) => ({
      name: PAYERS[payer][lang],
      amount: payers[payer] ?? 0,
      colour: PAYER_COLOURS[payer],
    })),
    ...(patient > 0 ? [{ name: say('patient'), amount: patient, colour: PATIENT_COLOUR }] : []),
  ]
  return (
    <div className="share">
      <div className="share-bar" aria-hidden="true">
        {shares.map(({ name, amount, colour }) => (
          <span key={name} style={{ flexGrow: amount, background: colour }} />
        ))}
      </div>
      <ul className="share-key">
        {shares.map(({ name, amount, colour }) => (
          <li key={name}>
            <span className="dot" style={{ background: colour }} aria-hidden="true" />
            {name} {((amount / total) * 100).toFixed(1)}%
          </li>
        ))}
      </ul>
    </div>
  )
}
