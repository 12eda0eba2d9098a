import { money } from '#web/parts/money.ts'

/** An amount in tabular figures; a zero stands back. */
export function Money({ fen }: { readonly fen: number }) {
  return <span className={fen === 0 ? 'money money-zero' : 'money'}>{money(fen)}</span>
}
