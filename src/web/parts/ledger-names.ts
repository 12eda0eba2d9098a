import { type AccountClass, CHART } from '#domains/ledger/types.ts'
import { PAYERS, type Payer } from '#domains/settlement/types.ts'
import { useLanguage } from '#web/parts/language.tsx'

/** A fund by its payer's name and its place: `基本医保统筹基金 · teaching/shifan`. */
export function useFundName(): (fund: string) => string {
  const { lang } = useLanguage()
  return (fund) => {
    const [payer = '', place] = fund.split('@')
    const name = PAYERS[payer as Payer]?.[lang] ?? payer
    return place === undefined ? name : `${name} · ${place}`
  }
}

/** An account by what it is and whose: `应付待遇款 · H1`. */
export function useAccountName(): (account: string) => string {
  const { lang, say } = useLanguage()
  return (account) => {
    const [of = '', ...rest] = account.split('/')
    const name = CHART[of as AccountClass]?.[lang] ?? of
    const [kind, ...whose] = rest
    if (kind === 'person')
      return [name, ...(whose.length ? whose : [say('ledgerPersons')])].join(' · ')
    if (kind === 'institution') {
      const number = whose.join('/')
      return `${name} · ${number === '-' ? say('ledgerNoInstitution') : number}`
    }
    if (of === 'region') return `${name} · ${rest.join(' → ')}`
    if (of === 'between') return `${name} · ${PAYERS[kind as Payer]?.[lang] ?? kind}`
    return rest.length > 0 ? `${name} · ${rest.join('/')}` : name
  }
}
