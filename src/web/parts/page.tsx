import { type ReactNode, useEffect } from 'react'
import { useLanguage } from '#web/parts/language.tsx'

/** One page: its only `h1`, its title in the browser, and what it holds. */
export function Page({
  title,
  lead,
  actions,
  children,
}: {
  readonly title: string
  readonly lead?: ReactNode
  readonly actions?: ReactNode
  readonly children: ReactNode
}) {
  const { say } = useLanguage()
  useEffect(() => {
    document.title = `${title} · ${say('product')}`
  }, [title, say])
  return (
    <div className="page">
      <header className="page-head">
        <div>
          <h1>{title}</h1>
          {lead && <p className="lead">{lead}</p>}
        </div>
        {actions && <div className="actions">{actions}</div>}
      </header>
      {children}
    </div>
  )
}

/** A titled part of a page. */
export function Section({
  title,
  note,
  actions,
  children,
}: {
  readonly title: ReactNode
  readonly note?: ReactNode
  readonly actions?: ReactNode
  readonly children: ReactNode
}) {
  return (
    <section className="section">
      <header className="section-head">
        <h2>{title}</h2>
        {actions && <div className="actions">{actions}</div>}
      </header>
      {note && <p className="quiet section-note">{note}</p>}
      {children}
    </section>
  )
}
