import { Button, Drawer } from 'antd'
import { createContext, lazy, type ReactNode, Suspense, use, useMemo, useState } from 'react'
import type { Component, NativeComponent } from '#domains/settlement/types.ts'
import type { Explained } from '#web/api.ts'
import { useLanguage } from '#web/parts/language.tsx'
import { Money } from '#web/parts/money-text.tsx'
import { Waiting } from '#web/parts/waiting.tsx'

/** An amount that can be asked why. */
export type Why =
  | { readonly of: 'total' | 'funds' | 'patient' }
  | { readonly of: 'tier'; readonly tier: string; readonly line?: string }
  | { readonly of: 'part'; readonly part: Component }
  | { readonly of: 'component'; readonly component: NativeComponent }
  | { readonly of: 'line'; readonly line: string }
  | { readonly of: 'benefit'; readonly benefit: string }
  | { readonly of: 'recovery'; readonly tier: string }

type Asking = { readonly explained: Explained; readonly ask: (why: Why) => void }
const AskContext = createContext<Asking | undefined>(undefined)

export function useAsk(): Asking {
  const asking = use(AskContext)
  if (!asking) throw new Error('useAsk needs a WhyProvider')
  return asking
}

const WhyAnswer = lazy(() => import('#web/parts/why-answer.tsx'))

/** Lets every amount inside open a drawer that explains it; answers lead on to one another, and back. */
export function WhyProvider({
  explained,
  children,
}: {
  readonly explained: Explained
  readonly children: ReactNode
}) {
  const { say } = useLanguage()
  const [trail, setTrail] = useState<readonly Why[]>([])
  const asking = useMemo(
    () => ({
      explained,
      ask: (why: Why) => setTrail((trail) => [...trail, why]),
    }),
    [explained],
  )
  const why = trail.at(-1)
  const close = () => setTrail([])
  return (
    <AskContext value={asking}>
      {children}
      <Drawer
        open={why !== undefined}
        onClose={close}
        size={Math.min(640, window.innerWidth)}
        title={say('whyTitle')}
        closable={{ 'aria-label': say('close') }}
        extra={
          trail.length > 1 && (
            <Button onClick={() => setTrail((trail) => trail.slice(0, -1))}>{say('back')}</Button>
          )
        }
      >
        {why && (
          <Suspense fallback={<Waiting />}>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
            <section tabIndex={0} aria-label={say('whyTitle')}>
              <WhyAnswer why={why} />
            </section>
          </Suspense>
        )}
      </Drawer>
    </AskContext>
  )
}

/** An amount as a button: pressing it explains it. `label` says what it is to those who cannot see where. */
export function Amount({
  fen,
  why,
  label,
  className = '',
}: {
  readonly fen: number
  readonly why: Why
  readonly label: string
  readonly className?: string
}) {
  const { ask } = useAsk()
  const { say } = useLanguage()
  return (
    <button
      type="button"
      className={`amount ${className}`}
      onClick={() => ask(why)}
      title={say('explainThis')}
    >
      <span className="out-of-sight">{label} </span>
      <Money fen={fen} />
    </button>
  )
}
