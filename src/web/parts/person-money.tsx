import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { api, type Book, type EnrolmentFile } from '#web/api.ts'
import { ACCOUNT_KINDS } from '#web/parts/access-actions.ts'
import type { Act, ActField } from '#web/parts/act-dialog.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { money } from '#web/parts/money.ts'
import { Money } from '#web/parts/money-text.tsx'
import { Section } from '#web/parts/page.tsx'
import { useActs } from '#web/parts/person-acts.tsx'
import { RowActs } from '#web/parts/row-acts.tsx'
import { useSchemeTitle } from '#web/parts/use-book.ts'

export const PREMIUM_PAYER_WORDS = {
  self: 'payerSelf',
  employer: 'payerEmployer',
  government: 'payerGovernment',
  assistance: 'payerAssistance',
} as const
type Props = { readonly file: EnrolmentFile; readonly book: Book | undefined }
type Premium = EnrolmentFile['premiums'][number]

/** Premiums and accounts, with everything that can happen to them. */
export function PersonMoney(props: Props) {
  return (
    <>
      <Premiums {...props} />
      <Accounts {...props} />
    </>
  )
}

function Premiums({ file, book }: Props) {
  const { say } = useLanguage()
  const title = useSchemeTitle(book)
  const { may, ask, send } = useActs()
  const post = (
    { scheme, from, payer }: Pick<Premium, 'scheme' | 'from' | 'payer'>,
    posting: 'due' | 'collected' | 'refunded',
    amount: number | undefined,
  ) =>
    ask({
      title: say(POSTINGS[posting], {
        scheme: title(scheme),
        payer: say(PREMIUM_PAYER_WORDS[payer]),
      }),
      ok: say('record'),
      danger: posting === 'refunded',
      fields: [
        { name: 'amount', label: say('amountYuan'), kind: 'yuan', needed: true, value: amount },
        { name: 'reason', label: say('changeReason'), kind: 'text' },
      ],
      send: ({ amount: sum, reason }) =>
        send('premiums', {
          scheme,
          from,
          payer,
          posting,
          amount: sum,
          ...(reason ? { reason } : {}),
        }),
    })
  const addDue = (): Act => ({
    title: say('addPremium'),
    ok: say('record'),
    fields: [
      {
        name: 'membership',
        label: say('covers'),
        kind: 'choice',
        needed: true,
        options: file.memberships.map(({ scheme, from }) => ({
          value: `${from} ${scheme}`,
          label: `${title(scheme)} ${from}`,
        })),
      },
      {
        name: 'payer',
        label: say('premiumPayer'),
        kind: 'choice',
        needed: true,
        options: Object.entries(PREMIUM_PAYER_WORDS).map(([value, word]) => ({
          value,
          label: say(word),
        })),
      },
      { name: 'amount', label: say('premiumDueYuan'), kind: 'yuan', needed: true },
    ],
    send: ({ membership, payer, amount }) => {
      const [from = '', scheme = ''] = String(membership).split(' ')
      return send('premiums', { scheme, from, payer, posting: 'due', amount })
    },
  })
  return (
    <Section
      title={say('premiums')}
      actions={
        may &&
        file.memberships.length > 0 && (
          <Button onClick={() => ask(addDue())}>{say('addPremium')}…</Button>
        )
      }
    >
      <DataTable
        caption={say('premiums')}
        cards
        rows={file.premiums}
        rowKey={({ scheme, from, payer }) => `${scheme} ${from} ${payer}`}
        empty={say('nothingYet')}
        columns={[
          {
            key: 'scheme',
            title: say('scheme'),
            heading: true,
            cell: ({ scheme, from }) => `${title(scheme)} ${from}`,
          },
          {
            key: 'payer',
            title: say('premiumPayer'),
            cell: ({ payer }) => say(PREMIUM_PAYER_WORDS[payer]),
          },
          {
            key: 'due',
            title: say('premiumDue'),
            numeric: true,
            cell: ({ due }) => <Money fen={due} />,
          },
          {
            key: 'collected',
            title: say('premiumCollected'),
            numeric: true,
            cell: ({ collected }) => <Money fen={collected} />,
          },
          {
            key: 'refunded',
            title: say('premiumRefunded'),
            numeric: true,
            cell: ({ refunded }) => <Money fen={refunded} />,
          },
          {
            key: 'state',
            title: say('state'),
            cell: (premium) => {
              const open = openOf(premium)
              if (open === 0) return say('premiumSettled')
              return say(open > 0 ? 'premiumOpen' : 'premiumTooMuch', {
                sum: money(Math.abs(open)),
              })
            },
          },
          ...(may
            ? [
                {
                  key: 'action',
                  title: say('action'),
                  cell: (each: Premium) => (
                    <RowActs
                      of={`${say('premiums')} ${title(each.scheme)} ${each.from}`}
                      acts={[
                        {
                          word: 'premiumCollect' as const,
                          start: () => post(each, 'collected', Math.max(0, openOf(each))),
                        },
                        {
                          word: 'premiumRefund' as const,
                          start: () => post(each, 'refunded', undefined),
                        },
                        {
                          word: 'premiumSetDue' as const,
                          start: () => post(each, 'due', each.due),
                        },
                      ]}
                    />
                  ),
                },
              ]
            : []),
        ]}
      />
    </Section>
  )
}

const POSTINGS = {
  due: 'premiumDueLead',
  collected: 'premiumCollectLead',
  refunded: 'premiumRefundLead',
} as const

/** What is still to come in; below zero, what is held beyond what is due. */
const openOf = ({ due, collected, refunded }: Premium): number => due - (collected - refunded)

/** What can be asked of an account; the last two once its owner has died. */
const LIVING = ['credit', 'use', 'refund', 'share', 'transfer-in', 'transfer-out'] as const
const DEAD = ['left', 'paid-out'] as const

function Accounts({ file }: Props) {
  const { say } = useLanguage()
  const { may, ask, send } = useActs()
  const uses = useQuery({ queryKey: ['account-uses'], queryFn: api.accountUses, enabled: may })
  const { personal, family, entries } = file.accounts
  const purposes = [...new Set((uses.data?.uses ?? []).map(({ purpose }) => purpose))]
  const relatives = file.family.filter(({ owner }) => owner === file.id)
  const actOf = (act: (typeof LIVING)[number] | (typeof DEAD)[number]): Act => {
    const closing = act === 'left' || act === 'paid-out'
    const fields: ActField[] = [
      {
        name: 'amount',
        label: say('amountYuan'),
        kind: 'yuan',
        needed: true,
        value: closing ? (personal ?? 0) : undefined,
        fixed: closing,
      },
      { name: 'on', label: say('accountDay'), kind: 'day', needed: true },
    ]
    if (act === 'use')
      fields.push({
        name: 'purpose',
        label: say('purposeOfUse'),
        kind: 'choice',
        needed: true,
        options: purposes.map((value) => ({ value, label: value })),
        note: say('purposeNote'),
      })
    if (act === 'share')
      fields.push({
        name: 'counterpart',
        label: say('familyMember'),
        kind: 'choice',
        needed: true,
        options: relatives.map(({ member }) => ({ value: member, label: member })),
        note: say('shareNote'),
      })
    if (act === 'left')
      fields.push({ name: 'counterpart', label: say('heir'), kind: 'text', needed: true })
    fields.push({ name: 'reference', label: say('accountReference'), kind: 'text', needed: true })
    return {
      title: `${say('account')}${say('colon')}${say(ACCOUNT_KINDS[act])}`,
      ok: say('record'),
      note: say('accountBalanceNow', { sum: money(personal ?? 0) }),
      danger: closing || act === 'transfer-out',
      fields,
      send: (typed) => send('account', { act, ...typed }),
    }
  }
  const possible = file.died === null ? LIVING : DEAD
  return (
    <Section
      title={say('accounts')}
      note={say('accountsNote')}
      actions={
        may && (
          <RowActs
            of={say('accounts')}
            acts={possible.map((act) => ({
              word: ACCOUNT_KINDS[act],
              start: () => ask(actOf(act)),
            }))}
          />
        )
      }
    >
      <dl className="facts">
        <div>
          <dt>{say('accountPersonal')}</dt>
          <dd>{personal === null ? say('noAccount') : <Money fen={personal} />}</dd>
        </div>
        {family !== null && (
          <div>
            <dt>{say('accountFamily')}</dt>
            <dd>
              <Money fen={family} />
            </dd>
          </div>
        )}
      </dl>
      <DataTable
        caption={say('accounts')}
        cards
        rows={entries}
        rowKey={({ on, kind, reference }, i) => `${on} ${kind} ${reference} ${i}`}
        empty={say('nothingYet')}
        columns={[
          { key: 'on', title: say('accountDay'), heading: true, cell: ({ on }) => on },
          { key: 'kind', title: say('action'), cell: ({ kind }) => say(ACCOUNT_KINDS[kind]) },
          {
            key: 'amount',
            title: say('amountYuan'),
            numeric: true,
            cell: ({ amount }) => <Money fen={amount} />,
          },
          {
            key: 'balance',
            title: say('accountBalance'),
            numeric: true,
            cell: ({ balance }) => <Money fen={balance} />,
          },
          {
            key: 'purpose',
            title: say('accountPurpose'),
            cell: ({ purpose, counterpart }) => purpose ?? counterpart ?? '—',
          },
          {
            key: 'reference',
            title: say('accountReference'),
            cell: ({ reference }) => reference,
          },
          { key: 'user', title: say('user'), cell: ({ user }) => user },
        ]}
      />
    </Section>
  )
}
