import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { App, Button } from 'antd'
import { api } from '#web/api.ts'
import { PasswordForm } from '#web/pages/password.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Page, Section } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { ROLE_WORDS, scopeText } from '#web/parts/role-and-scope.tsx'
import { SecondFactorSettings } from '#web/parts/second-factor.tsx'
import { useSession } from '#web/parts/session.tsx'
import { SessionList } from '#web/parts/session-list.tsx'
import { Await } from '#web/parts/waiting.tsx'

/** What everybody may do with their own account. */
export default function AccountPage() {
  const { say } = useLanguage()
  const { user, tenant, method } = useSession()
  const facts = [
    [say('user'), user.name],
    [say('role'), say(ROLE_WORDS[user.role])],
    [say('scope'), scopeText(user.scope) || say('scopeWhole')],
    [say('organisation'), tenant.name],
  ]
  return (
    <Page title={say('accountPage')} lead={say('accountLead')}>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <MySessions />
      {method === 'password' && (
        <>
          <Section title={say('secondFactor')} note={say('factorNote')}>
            <SecondFactorSettings />
          </Section>
          <Section title={say('changePassword')} note={say('changePasswordNote')}>
            <PasswordForm words={[user.name, tenant.id, tenant.name]} />
          </Section>
        </>
      )}
    </Page>
  )
}

function MySessions() {
  const { say } = useLanguage()
  const { modal, message } = App.useApp()
  const client = useQueryClient()
  const mine = useQuery({ queryKey: ['my-sessions'], queryFn: api.mySessions })
  const end = useMutation({
    mutationFn: (session: string | undefined) => api.endMySession(session),
    onSuccess: async ({ ended }) => {
      await client.invalidateQueries({ queryKey: ['my-sessions'] })
      void message.success(say('sessionsEnded', { n: ended }))
    },
  })
  const ask = (session?: string) =>
    modal.confirm({
      title: say(session ? 'endSessionQuestion' : 'endOthersQuestion'),
      content: say('endSessionExplains'),
      okText: say('endSession'),
      cancelText: say('cancel'),
      onOk: () => end.mutate(session),
    })
  return (
    <Section title={say('mySessions')} note={say('sessionsNote')}>
      <Await query={mine}>
        {({ current, sessions }) => (
          <>
            <SessionList
              sessions={sessions}
              current={current}
              ending={end.isPending}
              end={(session) => ask(session)}
            />
            <ProblemAlert error={end.error} />
            {sessions.length > 1 && (
              <Button danger loading={end.isPending} onClick={() => ask()}>
                {say('endOthers')}…
              </Button>
            )}
          </>
        )}
      </Await>
    </Section>
  )
}
