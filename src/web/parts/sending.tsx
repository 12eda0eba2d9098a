import { Progress } from 'antd'
import { useState } from 'react'
import { useLanguage } from '#web/parts/language.tsx'
import { Working } from '#web/parts/waiting.tsx'

/** How much of a file has been sent: `onSent` for whoever sends it, and the share for `Sending`. */
export function useSent() {
  const [sent, setSent] = useState(0)
  return { sent, onSent: setSent }
}

/** A file on its way, and then what is done with it there. */
export function Sending({ sent, then }: { readonly sent: number; readonly then: string }) {
  const { say } = useLanguage()
  if (sent >= 1) return <Working text={then} />
  const percent = Math.floor(sent * 100)
  return (
    <>
      <Working text={say('uploadingPart', { percent })} />
      <Progress percent={percent} showInfo={false} aria-label={say('uploading')} />
    </>
  )
}
