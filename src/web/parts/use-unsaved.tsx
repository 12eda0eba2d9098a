import { App } from 'antd'
import { useEffect, useRef } from 'react'
import { useBlocker } from 'react-router'
import { useLanguage } from '#web/parts/language.tsx'

/**
 * Asks before leaving a page with unsaved work. The answer is a function that lets the next step pass:
 * for the step that saving itself takes.
 */
export function useUnsaved(unsaved: boolean): () => void {
  const { say } = useLanguage()
  const { modal } = App.useApp()
  const passing = useRef(false)
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      unsaved && !passing.current && currentLocation.pathname !== nextLocation.pathname,
  )
  useEffect(() => {
    if (blocker.state !== 'blocked') return
    modal.confirm({
      title: say('discardQuestion'),
      content: say('discardExplains'),
      okText: say('discard'),
      okButtonProps: { danger: true },
      cancelText: say('keepEditing'),
      onOk: () => blocker.proceed(),
      onCancel: () => blocker.reset(),
    })
  }, [blocker, modal, say])
  useEffect(() => {
    if (!unsaved) return
    const warn = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', warn)
    return () => window.removeEventListener('beforeunload', warn)
  }, [unsaved])
  return () => {
    passing.current = true
  }
}
