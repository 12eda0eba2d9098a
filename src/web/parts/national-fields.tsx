import { useQuery } from '@tanstack/react-query'
import { Button, Modal } from 'antd'
import { useState } from 'react'
import { PAYERS, type Payer, type Title } from '#domains/settlement/types.ts'
import { api, type NationalFieldsView } from '#web/api.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Await } from '#web/parts/waiting.tsx'

/** What the fields are called that no payer has a name for. */
const FIELDS: Readonly<Record<string, Title>> = {
  medfee_sumamt: { zh: '医疗费总额', en: 'Total' },
  fulamt_ownpay_amt: { zh: '全自费金额', en: 'Out of scope' },
  overlmt_selfpay: { zh: '超限价自费费用', en: 'Over limit price' },
  preselfpay_amt: { zh: '先行自付金额', en: 'Upfront share' },
  inscp_scp_amt: { zh: '符合政策范围金额', en: 'In-scope cost' },
  act_pay_dedc: { zh: '实际支付起付线', en: 'Deductible applied' },
  fund_pay_sumamt: { zh: '基金支付总额', en: 'Paid by funds' },
  psn_part_amt: { zh: '个人负担总金额', en: "Person's part" },
  psn_cash_pay: { zh: '个人现金支出', en: "Person's cash" },
}

/** The same settlement under the field names of the national interface. */
export function NationalFields({ settlement }: { readonly settlement: string }) {
  const { lang, say } = useLanguage()
  const [open, setOpen] = useState(false)
  const fields = useQuery({
    queryKey: ['national', settlement],
    queryFn: () => api.national(settlement),
    enabled: open,
  })
  return (
    <>
      <Button onClick={() => setOpen(true)}>{say('nationalFields')}</Button>
      <Modal
        open={open}
        title={say('nationalFields')}
        onCancel={() => setOpen(false)}
        footer={null}
        width={640}
      >
        <div className="dialog">
          <p className="quiet">{say('nationalNote')}</p>
          <Await query={fields}>
            {(data) => (
              <DataTable
                caption={say('nationalFields')}
                rows={rowsOf(data)}
                rowKey={({ field }) => field}
                columns={[
                  {
                    key: 'field',
                    title: say('field'),
                    heading: true,
                    cell: ({ field }) => <code>{field}</code>,
                  },
                  { key: 'name', title: say('meaning'), cell: ({ name }) => name?.[lang] ?? '' },
                  {
                    key: 'amount',
                    title: say('amountYuan'),
                    numeric: true,
                    cell: ({ amount }) => <span className="money">{amount}</span>,
                  },
                ]}
              />
            )}
          </Await>
        </div>
      </Modal>
    </>
  )
}

function rowsOf({ withoutField = [], ...fields }: NationalFieldsView) {
  const payers = Object.keys(PAYERS) as Payer[]
  return [
    ...Object.entries(fields).map(([field, amount]) => ({
      field,
      amount: String(amount),
      name:
        FIELDS[field] ?? payers.map((payer) => PAYERS[payer]).find((each) => each.field === field),
    })),
    ...withoutField.map(({ payer, amount }) => ({
      field: `withoutField: ${payer}`,
      amount,
      name: PAYERS[payer],
    })),
  ]
}
