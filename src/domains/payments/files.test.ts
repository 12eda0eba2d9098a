import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { formatYuan } from '#base/money.ts'
import { plainDate } from '#base/plain-date.ts'
import { workingDayAfter } from '#base/working-days.ts'
import { faultsOf, hasBankCodeCheck, hasCardCheck } from './account-number.ts'
import { gather } from './gather.ts'
import { pain001 } from './pain001.ts'
import { readSent, readStatusFile, StatusFileFault } from './status-file.ts'
import type { Message } from './types.ts'
import { readXml, textAt } from './xml.ts'

const payee = (name: string, number: string) => ({
  name,
  number,
  bankCode: '999000000006',
  bankName: '示例银行',
})
const MESSAGE: Message = {
  id: 'KY01',
  at: '2026-11-27T09:30:00+08:00',
  payOn: plainDate('2026-11-27'),
  initiator: '示例市医疗保障局',
  funds: [
    {
      fund: 'basicPool@teaching/shifan',
      debtor: payee('基本医保基金专户', '20010000000001'),
      orders: [
        { endToEnd: 'KYA', amount: 8_000_00, payee: payee('示例市第一人民医院', '10010000000001') },
        { endToEnd: 'KYB', amount: 10, payee: payee('王 & 李 <诊所>', '10010000000002') },
      ],
    },
    {
      fund: 'criticalIllness@teaching/shifan',
      debtor: payee('大病基金专户', '20010000000002'),
      orders: [{ endToEnd: 'KYC', amount: 20, payee: payee('张三', '6200000000000000018') }],
    },
  ],
}

describe('pain.001.001.09', () => {
  const xml = pain001(MESSAGE)
  test('its namespace, its sums, its names as they are', () => {
    const root = readXml(xml)
    assert.equal(root.namespace, 'urn:iso:std:iso:20022:tech:xsd:pain.001.001.09')
    const header = ['CstmrCdtTrfInitn', 'GrpHdr'] as const
    assert.equal(textAt(root, ...header, 'NbOfTxs'), '3')
    // In floating point 8000 + 0.1 + 0.2 would not be it.
    assert.equal(textAt(root, ...header, 'CtrlSum'), '8000.30')
    assert.match(xml, /<Nm>示例市第一人民医院<\/Nm>/)
    assert.match(xml, /<Nm>王 &amp; 李 &lt;诊所&gt;<\/Nm>/)
    assert.equal(xml.match(/<PmtInf>/g)?.length, 2)
    assert.equal(pain001(MESSAGE), xml, 'the same again')
  })
  test('what was sent can be read back', () => {
    const { id, orders } = readSent(xml)
    assert.equal(id, 'KY01')
    assert.deepEqual(orders[1], {
      endToEnd: 'KYB',
      amount: 10,
      debtorAccount: '20010000000001',
      account: '10010000000002',
    })
  })
  test('property: CtrlSum is the sum to the fen, and any name survives', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 10_000_000_000 }), { minLength: 1, maxLength: 30 }),
        fc
          .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
          .filter((name) => /^[^\p{Cc}\ufffe\uffff\s]+$/u.test(name)),
        (amounts, name) => {
          const orders = amounts.map((amount, i) => ({
            endToEnd: `E${i}`,
            amount,
            payee: payee(name, '10010000000001'),
          }))
          const [fund] = MESSAGE.funds
          const text = pain001({
            ...MESSAGE,
            funds: [{ ...(fund as (typeof MESSAGE.funds)[number]), orders }],
          })
          const root = readXml(text)
          const sum = amounts.reduce((all, each) => all + each, 0)
          assert.equal(textAt(root, 'CstmrCdtTrfInitn', 'GrpHdr', 'CtrlSum'), formatYuan(sum))
          assert.equal(
            textAt(root, 'CstmrCdtTrfInitn', 'PmtInf', 'CdtTrfTxInf', 'Cdtr', 'Nm'),
            name,
          )
          assert.deepEqual(
            readSent(text).orders.map(({ amount }) => amount),
            amounts,
          )
        },
      ),
      { numRuns: 50 },
    )
  })
})

const PAIN_002 = (body: string) => `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>
<GrpHdr><MsgId>S1</MsgId><CreDtTm>2026-11-27T12:00:00+08:00</CreDtTm></GrpHdr>${body}</CstmrPmtStsRpt></Document>`
const ORDER = (id: string, status: string, more = '') =>
  `<TxInfAndSts><OrgnlEndToEndId>${id}</OrgnlEndToEndId><TxSts>${status}</TxSts>${more}</TxInfAndSts>`
const ORDERS = (orders: string) =>
  PAIN_002(`<OrgnlGrpInfAndSts><OrgnlMsgId>KY01</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId></OrgnlGrpInfAndSts>
<OrgnlPmtInfAndSts><OrgnlPmtInfId>KY01-1</OrgnlPmtInfId>${orders}</OrgnlPmtInfAndSts>`)

describe('a status file', () => {
  test('pain.002.001.10: accepted, settled with its amount, refused with its reason, and what waits is left out', () => {
    const why = '<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>账户已销户</AddtlInf></StsRsnInf>'
    const amount = '<OrgnlTxRef><Amt><InstdAmt Ccy="CNY">0.10</InstdAmt></Amt></OrgnlTxRef>'
    const text = ORDERS(
      ORDER('KYA', 'ACSP') +
        ORDER('KYB', 'ACSC', amount) +
        ORDER('KYC', 'RJCT', why) +
        ORDER('KYD', 'PDNG'),
    )
    assert.deepEqual(readStatusFile(text).answers, [
      { endToEnd: 'KYA', status: 'accepted', amount: undefined, reason: undefined },
      { endToEnd: 'KYB', status: 'settled', amount: 10, reason: undefined },
      { endToEnd: 'KYC', status: 'failed', amount: undefined, reason: 'AC04 账户已销户' },
    ])
  })
  test('a message that was refused as a whole answers all its orders', () => {
    const group = `<OrgnlGrpInfAndSts><OrgnlMsgId>KY01</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>
      <GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>FF01</Cd></Rsn></StsRsnInf></OrgnlGrpInfAndSts>`
    assert.deepEqual(readStatusFile(PAIN_002(group)).messages, [
      { message: 'KY01', status: 'failed', reason: 'FF01' },
    ])
  })
  test('CSV: the same, with what came back', () => {
    const text =
      '\uFEFFend_to_end_id,status,amount,reason\nKYA,settled,8000.00,\nKYC,returned,,账户已冻结\n'
    assert.deepEqual(readStatusFile(text).answers, [
      { endToEnd: 'KYA', status: 'settled', amount: 800_000, reason: undefined },
      { endToEnd: 'KYC', status: 'returned', amount: undefined, reason: '账户已冻结' },
    ])
  })
  const wrong = [
    ['not_xml', '<Document><a></Document>'],
    ['not_xml', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
    ['other_message', '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"/>'],
    ['no_answers', ORDERS(ORDER('KYA', 'PDNG'))],
    ['no_end_to_end', ORDERS('<TxInfAndSts><TxSts>ACSC</TxSts></TxInfAndSts>')],
    ['unknown_status', ORDERS(ORDER('KYA', 'DONE'))],
    ['missing_column', 'id,status\nKYA,settled\n'],
    ['unknown_status', 'end_to_end_id,status\nKYA,paid\n'],
    ['bad_amount', 'end_to_end_id,status,amount\nKYA,settled,1.234\n'],
    ['not_csv', 'end_to_end_id,status\nKYA,settled,more\n'],
  ] as const
  for (const [fault, text] of wrong)
    test(`${fault} is refused: ${text.slice(0, 60)}`, () => {
      assert.throws(
        () => readStatusFile(text),
        (thrown) => thrown instanceof StatusFileFault && thrown.fault === fault,
      )
    })
  test('another currency is refused', () => {
    const amount = '<OrgnlTxRef><Amt><InstdAmt Ccy="EUR">0.10</InstdAmt></Amt></OrgnlTxRef>'
    assert.throws(() => readStatusFile(ORDERS(ORDER('KYA', 'ACSC', amount))), /other_currency/)
  })
})

describe('accounts', () => {
  test('bank codes of head offices hold, and none with one digit changed', () => {
    // The numbers that these banks publish: ICBC, ABC, BOC, CCB.
    for (const code of ['102100099996', '103100000026', '104100000004', '105100000017']) {
      assert(hasBankCodeCheck(code))
      for (let i = 0; i < 12; i++) {
        const other = String((Number(code[i]) + 1) % 10)
        assert(!hasBankCodeCheck(code.slice(0, i) + other + code.slice(i + 1)))
      }
    }
  })
  test('a card number with two digits swapped is refused', () => {
    assert(hasCardCheck('6200000000000000018'))
    assert(!hasCardCheck('6200000000000000081'))
  })
  test('each fault names its field', () => {
    const good = {
      holder: 'person' as const,
      holderId: 'P1',
      from: plainDate('2026-01-01'),
      kind: 'card' as const,
      name: '张三',
      number: '6200000000000000018',
      bankCode: '999000000006',
      bankName: '示例银行',
      document: '登记表',
    }
    assert.deepEqual(faultsOf(good), [])
    const wrong = [
      [{ number: '62 00' }, 'number', 'not_digits'],
      [{ number: '620000' }, 'number', 'card_length'],
      [{ number: '6200000000000000019' }, 'number', 'card_check'],
      [{ bankCode: '12' }, 'bankCode', 'bank_code_form'],
      [{ bankCode: '999000000007' }, 'bankCode', 'bank_code_check'],
      [{ answerDays: 3 }, 'answerDays', 'answer_days'],
      [{ holder: 'fund' as const, answerDays: 3 }, 'holderId', 'fund_form'],
    ] as const
    for (const [change, field, fault] of wrong)
      assert.deepEqual(faultsOf({ ...good, ...change }), [{ field, fault }])
  })
})

describe('gathering', () => {
  const entry = (subject: string, payee: string, amount: number, fund = 'f') => ({
    subject,
    kind: amount > 0 ? 'settled' : 'ended',
    fund,
    payee,
    amount,
  })
  test('by fund and payee; what takes back is netted, and what falls below zero waits', () => {
    const { owed, below } = gather([
      entry('s1', 'institution/H1', 800_00),
      entry('s2', 'institution/H1', 200_00),
      entry('s1', 'institution/H1', -800_00),
      entry('s3', 'person/P1', 50_00),
      entry('s4', 'institution/H2', -20_00),
      entry('s5', 'institution/H1', 7_00, 'g'),
      entry('s6', 'institution/H3', 5_00),
      entry('s6', 'institution/H3', -5_00),
    ])
    assert.deepEqual(
      owed.map(({ fund, payee, amount, entries }) => [fund, payee, amount, entries.length]),
      [
        ['f', 'institution/H1', 200_00, 3],
        ['f', 'person/P1', 50_00, 1],
        ['g', 'institution/H1', 7_00, 1],
      ],
    )
    assert.deepEqual(below, [{ fund: 'f', payee: 'institution/H2', amount: -20_00 }])
  })
})

describe('working days', () => {
  const calendar = {
    years: [2026],
    holidays: new Set(['2026-10-01', '2026-10-02', '2026-10-05', '2026-10-06', '2026-10-07']),
    madeUp: new Set(['2026-10-10']),
  }
  const after = (day: string, count: number) => workingDayAfter(calendar, plainDate(day), count)
  test('weekends and holidays do not count, made-up Saturdays do', () => {
    assert.equal(after('2026-11-26', 1), '2026-11-27')
    assert.equal(after('2026-11-27', 1), '2026-11-30')
    assert.equal(after('2026-09-30', 1), '2026-10-08')
    assert.equal(after('2026-09-30', 3), '2026-10-10')
  })
  test('of a year whose holidays nobody has given no day is told', () => {
    assert.equal(after('2026-12-31', 1), undefined)
  })
})
