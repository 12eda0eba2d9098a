import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Form, Input, QRCode } from 'antd'
import { useState } from 'react'
import { api, type SecondFactor } from '#web/api.ts'
import { useLanguage } from '#web/parts/language.tsx'
import { moment } from '#web/parts/moment.ts'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { Await } from '#web/parts/waiting.tsx'

/** The second factor of whoever is signed in: set it up, take it away, make recovery codes. */
export function SecondFactorSettings({ onSet }: { readonly onSet?: () => void }) {
  const state = useQuery({ queryKey: ['second-factor'], queryFn: api.secondFactor })
  const [codes, setCodes] = useState<readonly string[]>()
  if (codes)
    return (
      <RecoveryCodes
        codes={codes}
        done={() => {
          setCodes(undefined)
          onSet?.()
        }}
      />
    )
  return (
    <Await query={state}>
      {(data) =>
        data.since === undefined ? (
          <SetUp onCodes={setCodes} />
        ) : (
          <IsSet state={data} since={data.since} onCodes={setCodes} />
        )
      }
    </Await>
  )
}

type OnCodes = (codes: readonly string[]) => void

/** First the password, then the picture for the authenticator, then a code of it. */
function SetUp({ onCodes }: { readonly onCodes: OnCodes }) {
  const { say } = useLanguage()
  const client = useQueryClient()
  const begin = useMutation({
    mutationFn: ({ password }: { readonly password: string }) => api.beginSecondFactor(password),
  })
  const confirm = useMutation({
    mutationFn: ({ code }: { readonly code: string }) => api.confirmSecondFactor(code.trim()),
    onSuccess: async ({ recoveryCodes }) => {
      onCodes(recoveryCodes)
      await client.invalidateQueries({ queryKey: ['second-factor'] })
    },
  })
  const required = [{ required: true, message: say('required') }]
  if (!begin.data)
    return (
      <Form name="begin" layout="vertical" className="narrow" onFinish={begin.mutate}>
        <p>{say('factorWhat')}</p>
        <Form.Item name="password" label={say('currentPassword')} rules={required}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        <ProblemAlert error={begin.error} />
        <Button type="primary" htmlType="submit" loading={begin.isPending}>
          {say('factorBegin')}
        </Button>
      </Form>
    )
  const { secret, address } = begin.data
  return (
    <Form name="confirm" layout="vertical" className="narrow" onFinish={confirm.mutate}>
      <p>{say('factorScan')}</p>
      <QRCode
        type="svg"
        value={address}
        size={192}
        errorLevel="M"
        aria-label={say('factorPicture')}
      />
      <p>
        {say('factorSecret')}
        <br />
        <code className="secret">{secret.replace(/(.{4})(?=.)/g, '$1 ')}</code>
      </p>
      <Form.Item name="code" label={say('code')} rules={required}>
        <Input autoComplete="one-time-code" inputMode="numeric" maxLength={6} />
      </Form.Item>
      <ProblemAlert error={confirm.error} />
      <Button type="primary" htmlType="submit" loading={confirm.isPending}>
        {say('factorConfirm')}
      </Button>
    </Form>
  )
}

function RecoveryCodes({
  codes,
  done,
}: {
  readonly codes: readonly string[]
  readonly done: () => void
}) {
  const { say } = useLanguage()
  return (
    <div role="status">
      <Alert
        type="success"
        showIcon
        title={say('factorSet')}
        description={say('recoveryExplains')}
      />
      <ol className="recovery">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <div className="actions">
        <Button onClick={() => void navigator.clipboard?.writeText(codes.join('\n'))}>
          {say('copy')}
        </Button>
        <Button type="primary" onClick={done}>
          {say('recoveryKept')}
        </Button>
      </div>
    </div>
  )
}

type Proof = { readonly password: string; readonly code: string }

function IsSet({
  state,
  since,
  onCodes,
}: {
  readonly state: SecondFactor
  readonly since: string
  readonly onCodes: OnCodes
}) {
  const { say } = useLanguage()
  const client = useQueryClient()
  const [form] = Form.useForm<Proof>()
  const fresh = async () => {
    form.resetFields()
    await client.invalidateQueries({ queryKey: ['second-factor'] })
    await client.invalidateQueries({ queryKey: ['session'] })
    await client.invalidateQueries({ queryKey: ['my-sessions'] })
  }
  const renew = useMutation({
    mutationFn: api.renewRecoveryCodes,
    onSuccess: async ({ recoveryCodes }) => {
      onCodes(recoveryCodes)
      await fresh()
    },
  })
  const remove = useMutation({ mutationFn: api.removeSecondFactor, onSuccess: fresh })
  const required = [{ required: true, message: say('required') }]
  return (
    <>
      <p>
        {say('factorSince', { since: moment(since), left: state.recoveryCodes })}{' '}
        {state.required && say('factorRequired')}
      </p>
      <details className="more">
        <summary>{say('factorChange')}</summary>
        <Form<Proof>
          name="factor"
          form={form}
          layout="vertical"
          className="narrow"
          onFinish={renew.mutate}
        >
          <Form.Item name="password" label={say('currentPassword')} rules={required}>
            <Input.Password autoComplete="current-password" />
          </Form.Item>
          <Form.Item name="code" label={say('codeOrRecovery')} rules={required}>
            <Input autoComplete="one-time-code" maxLength={60} />
          </Form.Item>
          <ProblemAlert error={renew.error ?? remove.error} />
          <div className="actions">
            <Button htmlType="submit" loading={renew.isPending}>
              {say('recoveryRenew')}
            </Button>
            <Button
              danger
              loading={remove.isPending}
              onClick={() => void form.validateFields().then((proof) => remove.mutate(proof))}
            >
              {say('factorRemove')}
            </Button>
          </div>
        </Form>
      </details>
    </>
  )
}
