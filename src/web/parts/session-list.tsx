import { Button } from 'antd'
import type { SignedInPlace } from '#web/api.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { moment } from '#web/parts/moment.ts'

/** Where somebody is signed in, each with a way to end it. */
export function SessionList({
  sessions,
  current,
  ending,
  end,
}: {
  readonly sessions: readonly SignedInPlace[]
  /** The one that looks. */
  readonly current?: string
  readonly ending: boolean
  readonly end: (session: string) => void
}) {
  const { say } = useLanguage()
  return (
    <DataTable
      caption={say('sessions')}
      cards
      rows={sessions}
      rowKey={({ id }) => id}
      empty={say('noSessions')}
      columns={[
        {
          key: 'device',
          title: say('device'),
          heading: true,
          cell: ({ id, device }) => (
            <>
              {device || say('deviceUnknown')}
              {id === current && <span className="quiet"> {say('thisSession')}</span>}
            </>
          ),
        },
        { key: 'address', title: say('networkAddress'), cell: ({ address }) => address },
        {
          key: 'method',
          title: say('signedInBy'),
          cell: ({ method }) => say(method === 'provider' ? 'byProvider' : 'byPassword'),
        },
        { key: 'since', title: say('signedInSince'), cell: ({ since }) => moment(since) },
        { key: 'seen', title: say('lastSeen'), cell: ({ seenAt }) => moment(seenAt) },
        { key: 'ends', title: say('endsAtLatest'), cell: ({ endsAt }) => moment(endsAt) },
        {
          key: 'end',
          title: say('help'),
          cell: ({ id, device }) =>
            id === current ? (
              ''
            ) : (
              <Button
                size="small"
                loading={ending}
                aria-label={say('endSessionOf', { device: device || say('deviceUnknown') })}
                onClick={() => end(id)}
              >
                {say('endSession')}
              </Button>
            ),
        },
      ]}
    />
  )
}
