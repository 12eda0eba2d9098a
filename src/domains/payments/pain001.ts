import { formatYuan } from '#base/money.ts'
import type { Message, Order, OrdersOfFund } from './types.ts'

export const PAIN_001 = 'urn:iso:std:iso:20022:tech:xsd:pain.001.001.09'

/** ISO 20022 allows names of 140 characters; a longer one is cut there, as banks would. */
const MOST_NAME = 140

/**
 * The order as ISO 20022 has it, a customer credit transfer initiation: one group of orders for each fund, which leaves
 * one account. Names stay as they are. The same message gives the same bytes.
 */
export function pain001({ id, at, payOn, initiator, funds }: Message): string {
  const orders = funds.flatMap((each) => each.orders)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<Document xmlns="${PAIN_001}">`,
    '  <CstmrCdtTrfInitn>',
    '    <GrpHdr>',
    `      <MsgId>${text(id)}</MsgId>`,
    `      <CreDtTm>${at}</CreDtTm>`,
    ...sumsOf(orders, '      '),
    `      <InitgPty><Nm>${name(initiator)}</Nm></InitgPty>`,
    '    </GrpHdr>',
    ...funds.flatMap((fund, i) => groupOf(fund, `${id}-${i + 1}`, payOn)),
    '  </CstmrCdtTrfInitn>',
    '</Document>',
    '',
  ].join('\n')
}

function groupOf({ debtor, orders }: OrdersOfFund, id: string, payOn: string): string[] {
  return [
    '    <PmtInf>',
    `      <PmtInfId>${text(id)}</PmtInfId>`,
    '      <PmtMtd>TRF</PmtMtd>',
    '      <BtchBookg>false</BtchBookg>',
    ...sumsOf(orders, '      '),
    `      <ReqdExctnDt><Dt>${payOn}</Dt></ReqdExctnDt>`,
    `      <Dbtr><Nm>${name(debtor.name)}</Nm></Dbtr>`,
    `      <DbtrAcct>${accountOf(debtor)}<Ccy>CNY</Ccy></DbtrAcct>`,
    `      <DbtrAgt>${bankOf(debtor)}</DbtrAgt>`,
    '      <ChrgBr>SLEV</ChrgBr>',
    ...orders.flatMap(orderOf),
    '    </PmtInf>',
  ]
}

const orderOf = ({ endToEnd, amount, payee }: Order): string[] => [
  '      <CdtTrfTxInf>',
  `        <PmtId><EndToEndId>${text(endToEnd)}</EndToEndId></PmtId>`,
  `        <Amt><InstdAmt Ccy="CNY">${formatYuan(amount)}</InstdAmt></Amt>`,
  `        <CdtrAgt>${bankOf(payee)}</CdtrAgt>`,
  `        <Cdtr><Nm>${name(payee.name)}</Nm></Cdtr>`,
  `        <CdtrAcct>${accountOf(payee)}</CdtrAcct>`,
  '      </CdtTrfTxInf>',
]

/** CtrlSum is the sum of the amounts, added up in fen. */
const sumsOf = (orders: readonly Order[], indent: string): string[] => [
  `${indent}<NbOfTxs>${orders.length}</NbOfTxs>`,
  `${indent}<CtrlSum>${formatYuan(orders.reduce((sum, { amount }) => sum + amount, 0))}</CtrlSum>`,
]

const accountOf = ({ number }: Order['payee']): string =>
  `<Id><Othr><Id>${text(number)}</Id></Othr></Id>`

/** CNAPS is the external code of China's payment system. */
const bankOf = ({ bankCode, bankName }: Order['payee']): string =>
  `<FinInstnId><ClrSysMmbId><ClrSysId><Cd>CNAPS</Cd></ClrSysId><MmbId>${text(bankCode)}</MmbId></ClrSysMmbId>` +
  `<Nm>${name(bankName)}</Nm></FinInstnId>`

const name = (full: string): string => text([...full].slice(0, MOST_NAME).join(''))

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}

/** Characters that XML knows no way to write are left out. */
const text = (plain: string): string =>
  plain
    .replace(/[^\P{Cc}\t\n\r]|[\uFFFE\uFFFF]/gu, '')
    .replace(/[&<>"]/g, (character) => ESCAPES[character] as string)
