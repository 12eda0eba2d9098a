import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Alert, App, Button } from 'antd'
import { api, type Draft } from '#web/api.ts'
import { ComparisonTable } from '#web/parts/comparison-table.tsx'
import { FindingTable } from '#web/parts/findings.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Section } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { useSession } from '#web/parts/session.tsx'
import { useCommand } from '#web/parts/use-command.ts'
import { Working } from '#web/parts/waiting.tsx'

/** Check a draft, see what it would change, and put it in force. */
export function DraftActions({ draft }: { readonly draft: Draft }) {
  const { say } = useLanguage()
  const { user } = useSession()
  const { modal, message } = App.useApp()
  const client = useQueryClient()
  const check = useMutation({ mutationFn: () => api.checkDraft(draft.id) })
  const compare = useMutation({ mutationFn: () => api.compareDraft(draft.id) })
  const publish = useCommand(api.publishDraft, async ({ version }) => {
    await client.invalidateQueries()
    void message.success(say('publishedDone', { version }))
  })
  const confirm = () =>
    modal.confirm({
      title: say('publishQuestion'),
      content: say('publishExplains', { name: draft.name }),
      okText: say('publish'),
      cancelText: say('cancel'),
      onOk: () => publish.mutate({ draft: draft.id, revision: draft.revision }),
    })
  const own = draft.author === user.name
  const open = draft.state === 'open'
  return (
    <>
      <div className="actions draft-actions">
        <Button loading={check.isPending} onClick={() => check.mutate()}>
          {say('check')}
        </Button>
        <Button loading={compare.isPending} onClick={() => compare.mutate()}>
          {say('compare')}
        </Button>
        {open && user.role === 'admin' && !own && (
          <Button type="primary" loading={publish.isPending} onClick={confirm}>
            {say('publish')}…
          </Button>
        )}
      </div>
      {open && (user.role !== 'admin' || own) && (
        <p className="quiet">{say(own ? 'publishNotOwn' : 'publishByAdmin')}</p>
      )}
      {compare.isPending && <Working text={say('workingCompare')} />}
      {publish.isPending && <Working text={say('workingPublish')} />}
      <ProblemAlert error={check.error} retry={() => check.mutate()} />
      <ProblemAlert error={compare.error} retry={() => compare.mutate()} />
      <ProblemAlert error={publish.error} />
      {check.data && (
        <Section title={say('checkResult')}>
          {check.data.fault ? (
            <Alert
              type="error"
              showIcon
              role="alert"
              title={
                <code>
                  {check.data.fault.file}:{check.data.fault.line}
                </code>
              }
              description={
                <>
                  <p>{check.data.fault.message}</p>
                  <p className="quiet">
                    {say('faultRemedy')} <code>{check.data.fault.code}</code>
                  </p>
                </>
              }
            />
          ) : (
            <>
              <Alert type="success" showIcon title={say('checkOk')} />
              <FindingTable findings={check.data.findings ?? []} />
            </>
          )}
        </Section>
      )}
      {compare.data && (
        <Section title={say('compareResult')} note={say('compareNote')}>
          <ComparisonTable rows={compare.data.rows} />
        </Section>
      )}
    </>
  )
}
