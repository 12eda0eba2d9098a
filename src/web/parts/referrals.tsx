import { useQuery, useQueryClient } from '@tanstack/react-query'
import { App, Button } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { REFERRAL_ACTS, REFERRAL_STATES, type ReferralAct } from '#domains/enrolment/types.ts'
import { api, type Referral } from '#web/api.ts'
import { type Act, ActDialog, type ActField } from '#web/parts/act-dialog.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Section } from '#web/parts/page.tsx'
import { useChoices } from '#web/parts/person-covers.tsx'
import { RowActs } from '#web/parts/row-acts.tsx'
import { useMay, useSession } from '#web/parts/session.tsx'
import { useAnswers, useBook } from '#web/parts/use-book.ts'
import { useCommand } from '#web/parts/use-command.ts'
import { Await } from '#web/parts/waiting.tsx'
import type { WordKey } from '#web/words.ts'

const ACT_WORDS = {
  extend: 'referralExtend',
  end: 'referralEnd',
  withdraw: 'referralWithdraw',
} as const satisfies Readonly<Record<Exclude<ReferralAct, 'enter'>, WordKey>>

/** Referrals of one person, or all that whoever looks may see; entered, extended, ended and withdrawn here. */
export function Referrals({ person }: { readonly person?: string }) {
  const { say, lang } = useLanguage()
  const answer = useAnswers()
  const client = useQueryClient()
  const { message } = App.useApp()
  const may = useMay('referrals enter')
  const asked = person === undefined ? {} : { person }
  const list = useQuery({
    queryKey: ['referrals', person ?? ''],
    queryFn: () => api.referrals(asked),
  })
  const [act, setAct] = useState<Act>()
  const fields = useReferralFields(person)
  const done = async ({ replay = [] }: { readonly replay?: readonly string[] }) => {
    void message.success(
      replay.length > 0
        ? say('replayNeeded', { bills: replay.join(say('listComma')) })
        : say('changeDone'),
    )
    await client.invalidateQueries()
  }
  const enter = useCommand(api.enterReferral, done)
  const change = useCommand(api.changeReferral, done)
  const start = ({ id, record, until }: Referral, kind: Exclude<ReferralAct, 'enter'>) =>
    setAct({
      title: say('referralActLead', { act: REFERRAL_ACTS[kind][lang], record }),
      ok: say(ACT_WORDS[kind]),
      danger: kind !== 'extend',
      note: say(kind === 'withdraw' ? 'referralWithdrawNote' : 'referralUntilNote', { until }),
      fields: [
        ...(kind === 'withdraw'
          ? []
          : [{ name: 'until', label: say('lastDay'), kind: 'day', needed: true } as const]),
        { name: 'why', label: say('changeReason'), kind: 'text', needed: true },
      ],
      send: (typed) => change.mutateAsync({ referral: id, act: kind, ...typed }),
    })
  return (
    <Section
      title={say('referrals')}
      note={say('referralsNote')}
      actions={
        may && (
          <Button
            onClick={() =>
              setAct({
                title: say('addReferral'),
                ok: say('record'),
                fields,
                send: (typed) => enter.mutateAsync({ ...asked, ...typed }),
              })
            }
          >
            {say('addReferral')}…
          </Button>
        )
      }
    >
      <Await query={list}>
        {({ referrals }) => (
          <DataTable
            caption={say('referrals')}
            cards
            rows={referrals}
            rowKey={({ id }) => id}
            empty={say('nothingYet')}
            columns={[
              {
                key: 'record',
                title: say('referralRecord'),
                heading: true,
                cell: ({ record }) => record,
              },
              ...(person === undefined
                ? [
                    {
                      key: 'person',
                      title: say('person'),
                      cell: (each: Referral) => <PersonLink person={each.person} />,
                    },
                  ]
                : []),
              {
                key: 'kind',
                title: say('registrationKind'),
                cell: ({ kind }) => answer('remote', kind),
              },
              {
                key: 'way',
                title: say('referralWay'),
                cell: ({ fromName, toName, place }) =>
                  `${fromName} → ${toName ?? say('referralAnywhere')}（${place}）`,
              },
              {
                key: 'days',
                title: say('referralDays'),
                cell: ({ since, until }) => `${since} — ${until}`,
              },
              { key: 'reason', title: say('referralReason'), cell: ({ reason }) => reason },
              { key: 'document', title: say('evidence'), cell: ({ document }) => document },
              {
                key: 'state',
                title: say('state'),
                cell: ({ state, history }) => (
                  <>
                    {REFERRAL_STATES[state][lang]}
                    {history.slice(1).map(({ no, act: kind, on, by, why }) => (
                      <div key={no} className="quiet">
                        {`${on} ${REFERRAL_ACTS[kind][lang]} · ${by}${say('colon')}${why}`}
                      </div>
                    ))}
                  </>
                ),
              },
              ...(may
                ? [
                    {
                      key: 'action',
                      title: say('action'),
                      cell: (each: Referral) => {
                        const acts = (Object.keys(ACT_WORDS) as (keyof typeof ACT_WORDS)[]).filter(
                          (kind) =>
                            (REFERRAL_ACTS[kind].from as readonly string[]).includes(each.state),
                        )
                        return (
                          acts.length > 0 && (
                            <RowActs
                              of={each.record}
                              acts={acts.map((kind) => ({
                                word: ACT_WORDS[kind],
                                start: () => start(each, kind),
                              }))}
                            />
                          )
                        )
                      },
                    },
                  ]
                : []),
            ]}
          />
        )}
      </Await>
      {act && <ActDialog key={act.title} act={act} onClose={() => setAct(undefined)} />}
    </Section>
  )
}

function PersonLink({ person }: { readonly person: string }) {
  const opens = useMay('files read')
  return opens ? (
    <Link to={`/persons/${encodeURIComponent(person)}?tab=health`}>{person}</Link>
  ) : (
    person
  )
}

/** What a referral says. At a hospital the person shows their card, and the hospital refers itself. */
function useReferralFields(person: string | undefined): ActField[] {
  const { say } = useLanguage()
  const book = useBook().data
  const choices = useChoices(book)
  const { user } = useSession()
  const institutions = useQuery({
    queryKey: ['institutions', ''],
    queryFn: () => api.institutions(''),
  }).data?.institutions
  const named = (institutions ?? []).map(({ id, name }) => ({ value: id, label: `${name} ${id}` }))
  const own = user.scope.institutions
  const remote = book?.vocabulary.find(({ name }) => name === 'remote')
  const kinds = choices('remote').filter(
    ({ value }) => value !== remote?.whenAbsent && value !== remote?.unregistered,
  )
  return [
    ...(person === undefined
      ? [{ name: 'idNumber', label: say('idNumber'), kind: 'text', needed: true } as const]
      : []),
    {
      name: 'kind',
      label: say('registrationKind'),
      kind: 'choice',
      needed: true,
      options: kinds,
      value: kinds[0]?.value,
    },
    {
      name: 'from',
      label: say('referralFrom'),
      kind: 'choice',
      needed: true,
      options: own ? named.filter(({ value }) => own.includes(value)) : named,
      value: own?.length === 1 ? own[0] : undefined,
    },
    {
      name: 'to',
      label: say('referralTo'),
      kind: 'choice',
      options: named,
      note: say('referralToNote'),
    },
    {
      name: 'place',
      label: say('registrationPlace'),
      kind: 'text',
      needed: true,
      note: say('referralPlaceNote'),
    },
    { name: 'since', label: say('coverFrom'), kind: 'day', needed: true },
    { name: 'until', label: say('lastDay'), kind: 'day', needed: true },
    { name: 'reason', label: say('referralReason'), kind: 'text', needed: true },
    { name: 'document', label: say('evidence'), kind: 'text', needed: true },
  ]
}
