import { useQuery } from '@tanstack/react-query'
import { Drawer } from 'antd'
import { api, type BillRow } from '#web/api.ts'
import { BillForm } from '#web/parts/bill-form.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { useBook } from '#web/parts/use-book.ts'
import { Await } from '#web/parts/waiting.tsx'

/** A bill that is known, typed as it should have been. */
export default function CorrectBill({
  bill,
  onClose,
}: {
  readonly bill: BillRow
  readonly onClose: () => void
}) {
  const { say } = useLanguage()
  const book = useBook()
  const kept = useQuery({
    queryKey: ['kept bill', bill.id],
    queryFn: () => api.keptBill(bill.id),
    staleTime: 0,
  })
  return (
    <Drawer
      open
      onClose={onClose}
      size={Math.min(1080, window.innerWidth)}
      title={`${say('correctBill')} ${bill.id}`}
      closable={{ 'aria-label': say('close') }}
    >
      <p>{say('correctExplains')}</p>
      <Await query={kept}>
        {({ versions }) => {
          const present = versions.at(-1)?.bill
          return (
            present && (
              <BillForm
                person={{ id: present.person, name: '', bills: 0, settled: 0 }}
                book={book.data}
                corrected={present}
                onSaved={onClose}
                onTrial={() => {}}
                onTyped={() => {}}
              />
            )
          )
        }}
      </Await>
    </Drawer>
  )
}
