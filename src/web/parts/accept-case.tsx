import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from 'react-router'
import { CHANNELS, type Channel } from '#domains/casework/types.ts'
import { api } from '#web/api.ts'
import { ActDialog } from '#web/parts/act-dialog.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { useCommand } from '#web/parts/use-command.ts'

/** 案件受理: takes a bill in as a case, and opens it. */
export function AcceptCase({
  bill,
  onClose,
}: {
  readonly bill: string
  readonly onClose: () => void
}) {
  const { lang, say } = useLanguage()
  const go = useNavigate()
  const client = useQueryClient()
  const accept = useCommand(api.acceptCase, async ({ id }) => {
    await client.invalidateQueries()
    void go(`/cases/${id}`)
  })
  return (
    <ActDialog
      onClose={onClose}
      act={{
        title: say('caseAccept'),
        ok: say('caseAccept'),
        note: say('caseAcceptNote'),
        fields: [
          {
            name: 'channel',
            label: say('caseChannel'),
            kind: 'choice',
            needed: true,
            value: 'counter',
            options: Object.entries(CHANNELS).map(([value, title]) => ({
              value,
              label: title[lang],
            })),
          },
          { name: 'why', label: say('caseReason'), kind: 'text' },
        ],
        send: ({ channel, why }) =>
          accept.mutateAsync({
            bill,
            channel: channel as Channel,
            ...(why === undefined ? {} : { why: String(why) }),
          }),
      }}
    />
  )
}
