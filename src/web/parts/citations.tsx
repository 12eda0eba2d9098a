import type { Citation } from '#domains/settlement/types.ts'
import { GradeTag } from '#web/parts/badges.tsx'
import { useLanguage } from '#web/parts/language.tsx'

/** Where a figure stands written: rule, first day, document, article, address and how far to trust it. */
export function Citations({ citations }: { readonly citations: readonly Citation[] }) {
  const distinct = citations.filter(
    ({ rule }, index) => citations.findIndex((other) => other.rule === rule) === index,
  )
  if (distinct.length === 0) return null
  return (
    <ul className="citations">
      {distinct.map((citation) => (
        <li key={citation.rule}>
          <OneCitation citation={citation} />
        </li>
      ))}
    </ul>
  )
}

function OneCitation({ citation }: { readonly citation: Citation }) {
  const { say } = useLanguage()
  const { rule, from, observed, article, source } = citation
  return (
    <>
      <div className="citation-rule">
        <code>{rule}</code>{' '}
        <span>
          {from === 'unknown'
            ? say('undatedSeen', { date: observed ?? '?' })
            : say('inForceFrom', { date: from })}
        </span>
      </div>
      <div>
        {source.title}
        {article && <strong> {article}</strong>}
      </div>
      <div className="citation-source">
        <Address address={source.address} /> <GradeTag grade={source.grade} />
      </div>
      {source.note && <div className="quiet">{source.note}</div>}
    </>
  )
}

/** An address is a link where it is one; some sources kept none, and say why. */
export function Address({ address }: { readonly address: string }) {
  const link = /^https?:\/\//.test(address)
    ? address
    : /^[\w-]+(\.[\w-]+)+(\/\S*)?$/.test(address)
      ? `https://${address}`
      : undefined
  if (!link) return <span className="quiet">{address}</span>
  return (
    <a href={link} target="_blank" rel="noreferrer noopener" className="address">
      {address}
    </a>
  )
}
