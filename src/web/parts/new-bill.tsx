import { Drawer, Tabs } from 'antd'
import type { Book, Explained, PersonRow } from '#web/api.ts'
import { BillForm } from '#web/parts/bill-form.tsx'
import { BillUpload } from '#web/parts/bill-upload.tsx'
import { useLanguage } from '#web/parts/language.tsx'

/** A bill that is not known yet: typed, or uploaded as a file. */
export default function NewBill(props: {
  readonly person: PersonRow | undefined
  readonly book: Book | undefined
  readonly onClose: () => void
  readonly onSaved: (person: string | undefined, bill: string | undefined) => void
  readonly onTrial: (explained: Explained) => void
}) {
  const { say } = useLanguage()
  const { onClose, onSaved, onTrial } = props
  return (
    <Drawer
      open
      onClose={onClose}
      size={Math.min(1080, window.innerWidth)}
      title={say('newBill')}
      closable={{ 'aria-label': say('close') }}
      // Typed figures must not be lost to a slip of the mouse.
      mask={{ closable: false }}
    >
      <Tabs
        items={[
          { key: 'type', label: say('typeBill'), children: <BillForm {...props} /> },
          {
            key: 'upload',
            label: say('uploadBill'),
            children: <BillUpload onSaved={onSaved} onTrial={onTrial} />,
          },
        ]}
      />
    </Drawer>
  )
}
