import { COMPONENT_TITLES, COMPONENTS, PAYERS, type TierResult } from '#domains/settlement/types.ts'
import type { SettlementView } from '#web/api.ts'
import { reasonWords } from '#web/parts/arithmetic.ts'
import { Badges, TeachingTag } from '#web/parts/badges.tsx'
import { PATIENT_COLOUR, PAYER_COLOURS } from '#web/parts/colours.ts'
import { type Column, DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Money } from '#web/parts/money-text.tsx'
import { Section } from '#web/parts/page.tsx'
import { PART_NOTES } from '#web/parts/part-notes.ts'
import { useVocabulary } from '#web/parts/use-book.ts'
import { Amount } from '#web/parts/why.tsx'

type Props = { readonly settlement: SettlementView }

/** What each tier paid, in the order in which they were asked. */
export function TierTable({ settlement }: Props) {
  const { lang, say } = useLanguage()
  const vocabulary = useVocabulary()
  const { tiers, patient, total, teaching } = settlement
  const asked = tiers.filter(({ notApplicable }) => notApplicable === undefined)
  const notAsked = tiers.filter(({ notApplicable }) => notApplicable !== undefined)
  const columns: Column<TierResult>[] = [
    {
      key: 'payer',
      title: say('payer'),
      heading: true,
      cell: ({ payer }) => (
        <span className="payer">
          <span className="dot" style={{ background: PAYER_COLOURS[payer] }} aria-hidden="true" />
          {PAYERS[payer][lang]}
        </span>
      ),
    },
    { key: 'tier', title: say('tier'), cell: ({ title }) => title[lang] },
    {
      key: 'paid',
      title: say('amountYuan'),
      numeric: true,
      cell: ({ tier, title, paid }) => (
        <Amount fen={paid} why={{ of: 'tier', tier }} label={title[lang]} />
      ),
    },
    {
      key: 'badges',
      title: say('restsOn'),
      cell: ({ badges }) => (
        <>
          {teaching && <TeachingTag />}
          <Badges badges={teaching ? badges.filter((badge) => badge !== 'invented') : badges} />
        </>
      ),
    },
  ]
  return (
    <Section title={say('whoPays')} note={say('whoPaysNote')}>
      <DataTable
        caption={say('whoPays')}
        cards
        columns={columns}
        rows={asked}
        rowKey={({ tier }) => tier}
        rowClass={({ paid }) => (paid === 0 ? 'row-idle' : undefined)}
        footer={
          <>
            <tr>
              <th scope="row">
                <span className="payer">
                  <span className="dot" style={{ background: PATIENT_COLOUR }} aria-hidden="true" />
                  {say('patient')}
                </span>
              </th>
              <td />
              <td className="numeric">
                <Amount fen={patient} why={{ of: 'patient' }} label={say('patient')} />
              </td>
              <td />
            </tr>
            <tr className="sum-row">
              <th scope="row">{say('sum')}</th>
              <td />
              <td className="numeric">
                <Amount fen={total} why={{ of: 'total' }} label={say('total')} />
              </td>
              <td />
            </tr>
          </>
        }
      />
      {notAsked.length > 0 && (
        <details className="more">
          <summary>{say('tiersNotAsked', { n: notAsked.length })}</summary>
          <ul className="plain">
            {notAsked.map(({ tier, title, notApplicable }) => (
              <li key={tier}>
                {title[lang]}
                {notApplicable && (
                  <span className="quiet">
                    {' — '}
                    {reasonWords(notApplicable, { vocabulary, lang, say })}
                  </span>
                )}
              </li>
            ))}
          </ul>
        </details>
      )}
    </Section>
  )
}

/** The patient's share by name, and what each name means. */
export function PatientParts({ settlement }: Props) {
  const { lang, say } = useLanguage()
  const { patientParts, patient } = settlement
  const parts = COMPONENTS.filter((part) => patientParts[part] > 0)
  return (
    <Section title={say('patientParts')} note={say('patientPartsNote')}>
      <DataTable
        caption={say('patientParts')}
        cards
        rows={parts}
        rowKey={(part) => part}
        empty={say('patientNothing')}
        columns={[
          {
            key: 'part',
            title: say('part'),
            heading: true,
            cell: (part) => COMPONENT_TITLES[part].left[lang],
          },
          {
            key: 'amount',
            title: say('amountYuan'),
            numeric: true,
            cell: (part) => (
              <Amount
                fen={patientParts[part]}
                why={{ of: 'part', part }}
                label={COMPONENT_TITLES[part].left[lang]}
              />
            ),
          },
          {
            key: 'note',
            title: say('meaning'),
            cell: (part) => <span className="quiet">{say(PART_NOTES[part])}</span>,
          },
        ]}
        footer={
          <tr className="sum-row">
            <th scope="row">{say('sum')}</th>
            <td className="numeric">
              <Amount fen={patient} why={{ of: 'patient' }} label={say('patient')} />
            </td>
            <td />
          </tr>
        }
      />
    </Section>
  )
}

/** Every line of the bill against every tier that paid something. */
export function LineTable({ settlement }: Props) {
  const { lang, say } = useLanguage()
  const { tiers, lines } = settlement
  const paying = tiers.flatMap((tier, index) => (tier.paid > 0 ? [{ ...tier, index }] : []))
  return (
    <Section title={say('linesByPayer')} note={say('linesNote')}>
      <DataTable
        caption={say('linesByPayer')}
        rows={lines}
        rowKey={({ id }) => id}
        columns={[
          {
            key: 'line',
            title: say('line'),
            heading: true,
            cell: ({ id, name }) => (name ? `${id} ${name}` : id),
          },
          {
            key: 'amount',
            title: say('amountYuan'),
            numeric: true,
            cell: ({ id, amount }) => (
              <Amount
                fen={amount}
                why={{ of: 'line', line: id }}
                label={say('lineNumber', { line: id })}
              />
            ),
          },
          ...paying.map(
            ({ tier, title, index }): Column<(typeof lines)[number]> => ({
              key: tier,
              title: title[lang],
              numeric: true,
              cell: ({ id, paid }) => (
                <Amount
                  fen={paid[index] ?? 0}
                  why={{ of: 'tier', tier, line: id }}
                  label={`${say('lineNumber', { line: id })} ${title[lang]}`}
                />
              ),
            }),
          ),
          {
            key: 'patient',
            title: say('patient'),
            numeric: true,
            cell: ({ id, patient }) => (
              <Amount
                fen={patient}
                why={{ of: 'line', line: id }}
                label={`${say('lineNumber', { line: id })} ${say('patient')}`}
              />
            ),
          },
        ]}
        footer={
          <tr className="sum-row">
            <th scope="row">{say('sum')}</th>
            <td className="numeric">
              <Money fen={lines.reduce((sum, { amount }) => sum + amount, 0)} />
            </td>
            {paying.map(({ tier, paid }) => (
              <td key={tier} className="numeric">
                <Money fen={paid} />
              </td>
            ))}
            <td className="numeric">
              <Money fen={lines.reduce((sum, { patient }) => sum + patient, 0)} />
            </td>
          </tr>
        }
      />
    </Section>
  )
}

/** What stands beside the bill and never in it. */
export function BenefitTable({ settlement }: Props) {
  const { lang, say } = useLanguage()
  return (
    <Section title={say('benefits')} note={say('benefitNote')}>
      <DataTable
        caption={say('benefits')}
        cards
        rows={settlement.benefits}
        rowKey={({ benefit }) => benefit}
        columns={[
          {
            key: 'title',
            title: say('benefit'),
            heading: true,
            cell: ({ title }) => title[lang],
          },
          { key: 'payer', title: say('payer'), cell: ({ payer }) => PAYERS[payer][lang] },
          { key: 'days', title: say('days'), numeric: true, cell: ({ days }) => days ?? '—' },
          {
            key: 'amount',
            title: say('amountYuan'),
            numeric: true,
            cell: ({ benefit, title, amount }) => (
              <Amount fen={amount} why={{ of: 'benefit', benefit }} label={title[lang]} />
            ),
          },
          {
            key: 'badges',
            title: say('restsOn'),
            cell: ({ badges }) => <Badges badges={badges} />,
          },
        ]}
      />
    </Section>
  )
}

/** What funds paid in advance for somebody who is liable. */
export function RecoveryTable({ settlement }: Props) {
  const { lang, say } = useLanguage()
  return (
    <Section title={say('recoveries')} note={say('recoveryNote')}>
      <DataTable
        caption={say('recoveries')}
        rows={settlement.recoveries}
        rowKey={({ tier }) => tier}
        columns={[
          {
            key: 'payer',
            title: say('payer'),
            heading: true,
            cell: ({ payer }) => PAYERS[payer][lang],
          },
          {
            key: 'amount',
            title: say('amountYuan'),
            numeric: true,
            cell: ({ tier, payer, amount }) => (
              <Amount fen={amount} why={{ of: 'recovery', tier }} label={PAYERS[payer][lang]} />
            ),
          },
        ]}
      />
    </Section>
  )
}
