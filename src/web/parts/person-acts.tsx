import { useQueryClient } from '@tanstack/react-query'
import { Alert, App } from 'antd'
import { createContext, type ReactNode, use, useState } from 'react'
import { api, type EnrolmentFile, type PersonPath } from '#web/api.ts'
import { type Act, ActDialog } from '#web/parts/act-dialog.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useCommand } from '#web/parts/use-command.ts'

type PersonActs = {
  /** Whether the reader may change the file at all: a handler, of a file that was not merged away. */
  readonly may: boolean
  /** Opens the dialog of an act. */
  readonly ask: (act: Act) => void
  /** One change of who covers the person. */
  readonly change: (change: object, reason?: unknown) => Promise<unknown>
  readonly send: (path: PersonPath, body: object) => Promise<unknown>
  /** Reads everything about the person again. */
  readonly refresh: () => Promise<unknown>
}

const ActsContext = createContext<PersonActs | undefined>(undefined)

export function useActs(): PersonActs {
  const acts = use(ActsContext)
  if (!acts) throw new Error('useActs needs a PersonActsProvider')
  return acts
}

/** Everything that can be done to one file: one dialog at a time, and what has to be settled again afterwards. */
export function PersonActsProvider({
  file,
  children,
}: {
  readonly file: EnrolmentFile
  readonly children: ReactNode
}) {
  const { say } = useLanguage()
  const client = useQueryClient()
  const { message } = App.useApp()
  const may = useMay('files write') && file.mergedInto === null
  const [act, setAct] = useState<Act>()
  const [replay, setReplay] = useState<readonly string[]>([])
  const refresh = () => client.invalidateQueries()
  const command = useCommand(api.personCommand, async ({ replay = [] }) => {
    setReplay(replay)
    void message.success(say('changeDone'))
    await refresh()
  })
  const send = (path: PersonPath, body: object) =>
    command.mutateAsync({ person: file.id, path, body })
  const change = (asked: object, reason?: unknown) =>
    send('changes', { change: asked, ...(reason ? { reason } : {}) })
  return (
    <ActsContext value={{ may, ask: setAct, change, send, refresh }}>
      {replay.length > 0 && (
        <Alert
          type="warning"
          showIcon
          closable
          className="spaced"
          title={say('replayNeeded', { bills: replay.join(say('listComma')) })}
        />
      )}
      {children}
      {act && <ActDialog key={act.title} act={act} onClose={() => setAct(undefined)} />}
    </ActsContext>
  )
}
