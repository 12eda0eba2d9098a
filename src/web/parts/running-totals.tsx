import { dateOfDay } from '#base/plain-date.ts'
import type { Book, PersonFile } from '#web/api.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { type Say, useLanguage } from '#web/parts/language.tsx'
import { Money } from '#web/parts/money-text.tsx'
import { Section } from '#web/parts/page.tsx'
import type { WordKey } from '#web/words.ts'

const NAMES: Readonly<Record<string, WordKey>> = {
  met: 'totalMet',
  axis: 'totalAxis',
  paid: 'totalPaid',
  eligible: 'totalEligible',
  admissions: 'totalAdmissions',
  ordinal: 'totalOrdinal',
  admission: 'totalAdmission',
  began: 'totalBegan',
  ended: 'totalEnded',
  period: 'totalSince',
  times: 'totalTimes',
  status: 'totalStatus',
  personal: 'totalPersonal',
  family: 'totalFamily',
  currentYear: 'totalCurrentYear',
  previousYears: 'totalPreviousYears',
}
/** Totals that count things, not fen. */
const COUNTS = ['admissions', 'ordinal', 'admission', 'period', 'times']
/** Totals that are days, kept as numbers. */
const DAYS = ['began', 'ended', 'status']

/** Every running total as it is kept: what the next bill will be settled from. */
export function RunningTotals({
  totals,
  book,
}: {
  readonly totals: PersonFile['totals']
  readonly book: Book | undefined
}) {
  const { lang, say } = useLanguage()
  const sharers = (pool: string): string => {
    const titles = (book?.tiers ?? [])
      .filter(({ pools }) => pools.includes(pool))
      .map(({ title }) => title[lang])
    return titles.length > 0 ? say('sharedBy', { tiers: titles.join(say('listComma')) }) : pool
  }
  const rows = totals
    .map(({ slot, period, value }) => {
      const at = slot.lastIndexOf(':')
      const [owner, name] = [slot.slice(0, at), slot.slice(at + 1)]
      const known = NAMES[name]
      return {
        slot,
        period,
        value,
        title:
          owner === 'account'
            ? say('account')
            : (book?.tiers.find(({ id }) => id === owner)?.title[lang] ?? sharers(owner)),
        name: known ? say(known) : name,
        counts: COUNTS.includes(name),
        isDay: DAYS.includes(name),
      }
    })
    .toSorted((a, b) => orderOf(a).localeCompare(orderOf(b)))
  return (
    <Section title={say('runningTotals')} note={say('runningTotalsNote')}>
      <DataTable
        caption={say('runningTotals')}
        cards
        rows={rows}
        rowKey={({ slot, period }) => `${slot} ${period}`}
        empty={say('noTotals')}
        columns={[
          { key: 'title', title: say('tierOrAccount'), heading: true, cell: ({ title }) => title },
          { key: 'name', title: say('whatCounts'), cell: ({ name }) => name },
          { key: 'period', title: say('period'), cell: ({ period }) => periodWords(period, say) },
          {
            key: 'value',
            title: say('value'),
            numeric: true,
            cell: ({ value, counts, isDay }) =>
              isDay ? dateOfDay(value) : counts ? value : <Money fen={value} />,
          },
        ]}
      />
    </Section>
  )
}

/** Years first, the latest on top; then stays; then what never starts again. */
function orderOf({ period, title }: { readonly period: string; readonly title: string }): string {
  const year = /^\d{4}/.exec(period)
  const rank = year ? `0${9999 - Number(year[0])}` : period.startsWith('stay:') ? '1' : '2'
  return `${rank} ${period} ${title}`
}

function periodWords(period: string, say: Say): string {
  if (period === 'lifetime') return say('lifetime')
  if (period.startsWith('stay:')) return say('ofStay', { stay: period.slice(5) })
  if (period.startsWith('admission:')) return say('ofAdmission', { n: period.slice(10) })
  const [once, year = '', group = ''] = period.split(':')
  if (once === 'once') return say('onceInPeriod', { group, period: year })
  return period
}
