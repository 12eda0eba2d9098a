import { App, Drawer, Tabs } from 'antd'
import { useRef } from 'react'
import type { Book, Explained, PersonRow } from '#web/api.ts'
import { BillForm } from '#web/parts/bill-form.tsx'
import { BillUpload } from '#web/parts/bill-upload.tsx'
import { useLanguage } from '#web/parts/language.tsx'

/** A bill that is not known yet: typed, or uploaded as a file. */
export default function NewBill({
  onClose,
  ...props
}: {
  readonly person: PersonRow | undefined
  readonly book: Book | undefined
  readonly onClose: () => void
  readonly onSaved: (person: string | undefined, bill: string | undefined) => void
  readonly onTrial: (explained: Explained) => void
}) {
  const { say } = useLanguage()
  const { modal } = App.useApp()
  const typed = useRef(false)
  const close = () => {
    if (!typed.current) return onClose()
    modal.confirm({
      title: say('discardQuestion'),
      content: say('discardExplains'),
      okText: say('discard'),
      okButtonProps: { danger: true },
      cancelText: say('keepEditing'),
      onOk: onClose,
    })
  }
  const onTyped = () => {
    typed.current = true
  }
  return (
    <Drawer
      open
      onClose={close}
      size={Math.min(1080, window.innerWidth)}
      title={say('newBill')}
      closable={{ 'aria-label': say('close') }}
    >
      <Tabs
        items={[
          {
            key: 'type',
            label: say('typeBill'),
            children: <BillForm {...props} onTyped={onTyped} />,
          },
          {
            key: 'upload',
            label: say('uploadBill'),
            children: <BillUpload onSaved={props.onSaved} onTrial={props.onTrial} />,
          },
        ]}
      />
    </Drawer>
  )
}
