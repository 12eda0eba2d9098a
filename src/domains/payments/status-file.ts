import { parse } from 'csv-parse/sync'
import { parseYuan } from '#base/money.ts'
import { PAIN_001 } from './pain001.ts'
import { ANSWERS, type Answer, type AnswerStatus, type MessageAnswer } from './types.ts'
import { all, type Element, find, readXml, textAt, XmlFault } from './xml.ts'

export const PAIN_002 = 'urn:iso:std:iso:20022:tech:xsd:pain.002.001.10'

/** What a bank's file says: of single orders, and of whole messages. */
export type StatusFile = {
  readonly format: 'pain.002' | 'csv'
  readonly answers: readonly Answer[]
  readonly messages: readonly MessageAnswer[]
}

/** What is wrong with a file: nothing of it is taken in. */
export class StatusFileFault extends Error {
  readonly line: number | undefined
  readonly fault:
    | 'not_xml'
    | 'other_message'
    | 'no_answers'
    | 'missing_column'
    | 'no_end_to_end'
    | 'unknown_status'
    | 'bad_amount'
    | 'other_currency'
    | 'not_csv'
  readonly value: string
  constructor(fault: StatusFileFault['fault'], value: string, line?: number) {
    super(`${fault}: ${value}`)
    this.name = 'StatusFileFault'
    this.fault = fault
    this.value = value
    this.line = line
  }
}

/** Reads a status file, pain.002.001.10 or CSV, told apart by how it begins. Throws a `StatusFileFault`. */
export function readStatusFile(text: string): StatusFile {
  const plain = text.replace(/^\uFEFF/, '')
  const file = plain.trimStart().startsWith('<') ? readPain002(plain) : readCsv(plain)
  if (file.answers.length + file.messages.length === 0) throw new StatusFileFault('no_answers', '')
  return file
}

// --- pain.002 ------------------------------------------------------------------------------------

/** The codes of ISO 20022 for the state of an order, as what they mean here. PDNG and RCVD say that it waits. */
const CODES: Readonly<Record<string, AnswerStatus | 'waits'>> = {
  RCVD: 'waits',
  PDNG: 'waits',
  ACTC: 'accepted',
  ACCP: 'accepted',
  ACSP: 'accepted',
  ACWC: 'accepted',
  ACFC: 'accepted',
  ACSC: 'settled',
  ACCC: 'settled',
  RJCT: 'failed',
  CANC: 'failed',
}

function readPain002(text: string): StatusFile {
  const root = rootOf(text, PAIN_002)
  const report = find(root, 'CstmrPmtStsRpt')
  const group = find(report, 'OrgnlGrpInfAndSts')
  const message = textAt(group, 'OrgnlMsgId')
  const answers: Answer[] = []
  for (const payment of all(report, 'OrgnlPmtInfAndSts'))
    for (const order of all(payment, 'TxInfAndSts')) {
      const endToEnd = textAt(order, 'OrgnlEndToEndId')
      if (endToEnd === undefined) throw new StatusFileFault('no_end_to_end', '')
      const status = statusOf(textAt(order, 'TxSts') ?? textAt(payment, 'PmtInfSts') ?? '')
      if (status === 'waits') continue
      const amount = amountAt(find(order, 'OrgnlTxRef', 'Amt', 'InstdAmt'))
      answers.push({ endToEnd, status, amount, reason: reasonOf(order) ?? reasonOf(payment) })
    }
  // A message refused or taken as a whole names none of its orders.
  const whole = answers.length === 0 ? textAt(group, 'GrpSts') : undefined
  const status = whole === undefined || whole === 'PART' ? 'waits' : statusOf(whole)
  const messages: MessageAnswer[] =
    status === 'waits' || message === undefined
      ? []
      : [{ message, status, reason: reasonOf(group) }]
  return { format: 'pain.002', answers, messages }
}

function rootOf(text: string, namespace: string): Element {
  try {
    const root = readXml(text)
    if (root.name !== 'Document' || root.namespace !== namespace)
      throw new StatusFileFault('other_message', root.namespace || root.name)
    return root
  } catch (thrown) {
    if (!(thrown instanceof XmlFault)) throw thrown
    throw new StatusFileFault('not_xml', thrown.message, thrown.line)
  }
}

function statusOf(code: string): AnswerStatus | 'waits' {
  const status = CODES[code]
  if (status === undefined) throw new StatusFileFault('unknown_status', code)
  return status
}

function reasonOf(element: Element | undefined): string | undefined {
  const why = find(element, 'StsRsnInf')
  const code = textAt(why, 'Rsn', 'Cd') ?? textAt(why, 'Rsn', 'Prtry')
  const words = all(why, 'AddtlInf').map((each) => each.text.trim())
  return [code, ...words].filter((each) => each !== undefined && each !== '').join(' ') || undefined
}

function amountAt(element: Element | undefined): number | undefined {
  if (!element) return undefined
  const { Ccy = 'CNY' } = element.attributes
  if (Ccy !== 'CNY') throw new StatusFileFault('other_currency', Ccy)
  return amountIn(element.text.trim())
}

function amountIn(text: string, line?: number): number {
  const amount = parseYuan(text)
  if (amount === undefined || amount < 0) throw new StatusFileFault('bad_amount', text, line)
  return amount
}

// --- CSV -----------------------------------------------------------------------------------------

export const STATUS_COLUMNS = ['end_to_end_id', 'status', 'amount', 'reason'] as const

function readCsv(text: string): StatusFile {
  let rows: { readonly record: Record<string, string>; readonly info: { readonly lines: number } }[]
  try {
    rows = parse(text, { columns: true, info: true, trim: true, skip_empty_lines: true }) as never
  } catch (thrown) {
    throw new StatusFileFault('not_csv', (thrown as Error).message)
  }
  const [first] = rows
  for (const column of ['end_to_end_id', 'status'])
    if (first && !(column in first.record)) throw new StatusFileFault('missing_column', column, 1)
  const answers = rows.map(({ record, info: { lines } }): Answer => {
    const { end_to_end_id: endToEnd = '', status = '', amount = '', reason = '' } = record
    if (endToEnd === '') throw new StatusFileFault('no_end_to_end', '', lines)
    if (!isStatus(status)) throw new StatusFileFault('unknown_status', status, lines)
    return {
      endToEnd,
      status,
      amount: amount === '' ? undefined : amountIn(amount, lines),
      reason: reason || undefined,
    }
  })
  return { format: 'csv', answers, messages: [] }
}

const isStatus = (text: string): text is AnswerStatus =>
  (ANSWERS as readonly string[]).includes(text)

// --- what was sent -------------------------------------------------------------------------------

/** An order as a file has it that was sent to a bank. */
export type SentOrder = {
  readonly endToEnd: string
  readonly amount: number
  readonly debtorAccount: string
  readonly account: string
}

/** The orders of a pain.001 that was sent: what a database that was restored from before it knows nothing of. */
export function readSent(text: string): {
  readonly id: string
  readonly orders: readonly SentOrder[]
} {
  const initiation = find(rootOf(text.replace(/^\uFEFF/, ''), PAIN_001), 'CstmrCdtTrfInitn')
  const orders = all(initiation, 'PmtInf').flatMap((payment) =>
    all(payment, 'CdtTrfTxInf').map((order): SentOrder => {
      const endToEnd = textAt(order, 'PmtId', 'EndToEndId')
      if (endToEnd === undefined) throw new StatusFileFault('no_end_to_end', '')
      return {
        endToEnd,
        amount: amountAt(find(order, 'Amt', 'InstdAmt')) ?? amountIn(''),
        debtorAccount: textAt(payment, 'DbtrAcct', 'Id', 'Othr', 'Id') ?? '',
        account: textAt(order, 'CdtrAcct', 'Id', 'Othr', 'Id') ?? '',
      }
    }),
  )
  if (orders.length === 0) throw new StatusFileFault('no_answers', '')
  return { id: textAt(initiation, 'GrpHdr', 'MsgId') ?? '', orders }
}
