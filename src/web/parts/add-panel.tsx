import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Form, Input, Modal, Select } from 'antd'
import { useState } from 'react'
import { formatRate } from '#base/money.ts'
import { SOURCE_GRADES } from '#domains/coinsurance/types.ts'
import { api } from '#web/api.ts'
import { GRADE_WORDS } from '#web/parts/badges.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { readMembers } from '#web/parts/read-members.ts'
import { useCommand } from '#web/parts/use-command.ts'
import { Working } from '#web/parts/waiting.tsx'

type Typed = {
  readonly product: string
  readonly from: string
  readonly until: string
  readonly source: string
  readonly grade: string
}

/** What insurers agreed, as it is entered: one line for each, pasted or typed. */
export function AddPanel({ onClose }: { readonly onClose: () => void }) {
  const { lang, say } = useLanguage()
  const client = useQueryClient()
  const [form] = Form.useForm<Typed>()
  const [text, setText] = useState('')
  const products = useQuery({
    queryKey: ['coinsurance products'],
    queryFn: api.coinsuranceProducts,
  })
  const add = useCommand(api.addCoinsurancePanel, async () => {
    await client.invalidateQueries()
    onClose()
  })
  const read = readMembers(text)
  const members = 'members' in read ? read.members : []
  const shown = (products.data?.products ?? []).map(({ scheme, fund, title }) => ({
    value: `${scheme} ${fund}`,
    label: `${title[lang]} · ${scheme}`,
  }))
  const send = ({ product, ...typed }: Typed) => {
    const [scheme, fund] = product.split(' ')
    add.mutate({ ...typed, scheme, fund, lead: members[0]?.insurer, members })
  }
  const needed = [{ required: true, whitespace: true, message: say('required') }]
  return (
    <Modal
      open
      width={640}
      title={say('shareAdd')}
      okText={say('shareAdd')}
      cancelText={say('cancel')}
      okButtonProps={{ disabled: add.isPending || members.length === 0 }}
      onCancel={onClose}
      onOk={() => form.submit()}
    >
      <p className="quiet act-note">{say('sharePanelsNote')}</p>
      <Form
        form={form}
        name="panel"
        layout="vertical"
        initialValues={{ grade: 'C' }}
        onFinish={send}
      >
        <Form.Item name="product" label={say('shareProduct')} rules={needed}>
          <Select showSearch={{ optionFilterProp: 'label' }} options={shown} />
        </Form.Item>
        <Form.Item name="from" label={say('shareFrom')} rules={needed}>
          <Input type="date" />
        </Form.Item>
        <Form.Item name="until" label={say('shareUntil')} rules={needed}>
          <Input type="date" />
        </Form.Item>
        <Form.Item
          label={say('shareMembers')}
          htmlFor="panel-members"
          extra={say('shareMembersNote')}
        >
          <Input.TextArea
            id="panel-members"
            rows={6}
            maxLength={20_000}
            value={text}
            status={'line' in read ? 'error' : ''}
            onChange={({ target }) => setText(target.value)}
          />
        </Form.Item>
        <p aria-live="polite">
          {'line' in read
            ? say('shareMembersWrong', { line: String(read.line) })
            : say('shareMembersSum', {
                n: String(members.length),
                sum: formatRate(members.reduce((sum, { share }) => sum + share, 0)),
              })}
        </p>
        <Form.Item name="source" label={say('shareSourceOf')} rules={needed}>
          <Input maxLength={500} autoComplete="off" />
        </Form.Item>
        <Form.Item name="grade" label={say('shareGrade')} rules={needed}>
          <Select
            options={SOURCE_GRADES.map((value) => ({ value, label: say(GRADE_WORDS[value]) }))}
          />
        </Form.Item>
      </Form>
      {add.isPending && <Working text={say('workingAct')} />}
      <ProblemAlert error={add.error} />
    </Modal>
  )
}
