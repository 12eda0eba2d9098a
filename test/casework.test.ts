/**
 * Cases on a real PostgreSQL: from the counter to the last word, with a cut that two people decide, an objection that a
 * third one decides, and a refusal that pays nothing; a bill that a case holds; two people who ask for work at once.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { printNotice } from '#app/case-notice.ts'
import { readWorkingDays } from '#app/working-days.ts'
import { fen } from '#base/money.ts'
import { type PlainDate, plainDate } from '#base/plain-date.ts'
import type { Result } from '#base/result.ts'
import { createDocumentService } from '#domains/casework/documents.service.ts'
import { type ActAsked, type CaseService, createCaseService } from '#domains/casework/service.ts'
import { checkLedger } from '#domains/ledger/service.ts'
import { createMonthService } from '#domains/monthend/service.ts'
import { createSettlementService, type SettlementService } from '#domains/settlement/service.ts'
import {
  createStatementService,
  type StatementService,
} from '#domains/settlement/statements.service.ts'
import type { Actor, Role } from '#platform/actor.ts'
import type { Database } from '#platform/database.ts'
import { createSecrets } from '#platform/secrets.ts'
import { seeded } from './chance.ts'
import { migratedDatabase } from './crash/database.ts'
import { readUpload, SCHEME_FILES, teachingUpload } from './crash/teaching.ts'

const secrets = createSecrets(Buffer.alloc(32, 1))
const TENANT = 'city'
const who = (name: string, role: Role, scope?: Actor['scope']): Actor => ({
  tenant: TENANT,
  user: name,
  name,
  role,
  ...(scope ? { scope } : {}),
})
const [LIN, CHEN] = [who('lin', 'handler'), who('chen', 'handler')]
const [WANG, LI, ZHAO] = [who('wang', 'reviewer'), who('li', 'reviewer'), who('zhao', 'supervisor')]
const SUN = who('sun', 'investigator')
const ADMIN = who('admin', 'admin')
let today: PlainDate = plainDate('2026-11-02')

function granted<T>(done: Result<T, { readonly code: string }>): T {
  assert(done.ok, done.ok ? '' : JSON.stringify(done.error))
  return done.value
}
const refusal = (done: Result<unknown, { readonly code: string }>): string =>
  done.ok ? 'granted' : done.error.code

let keys = 0
const key = () => `key ${keys++}`

describe('casework', { timeout: 120_000 }, () => {
  let database: Database
  let close: () => Promise<void>
  let settlement: SettlementService
  let statements: StatementService
  let cases: CaseService

  before(async () => {
    const opened = await migratedDatabase({ max: 6 })
    database = opened.database
    close = opened.close
    await database.query(`insert into tenants (id, name) values ($1, '示例市医疗保障局')`, [TENANT])
    settlement = createSettlementService({
      database,
      today: () => today,
      allowUndated: () => true,
      secrets,
    })
    await settlement.ensureRules(TENANT, SCHEME_FILES, 'test')
    statements = createStatementService({ database, settlement })
    cases = createCaseService({
      database,
      settlement,
      statements,
      today: () => today,
      workingDays: readWorkingDays(),
    })
    granted(
      await cases.setLimit(ADMIN, key(), {
        from: plainDate('2026-01-01'),
        amount: 1,
        document: '虚构',
      }),
    )
  })
  after(() => close?.())

  let persons = 0
  /** A person with one bill nobody has settled yet. */
  async function aBill() {
    const upload = readUpload(
      teachingUpload(`case${persons++}`, { persons: 1, billsEach: 1 }, seeded(persons)),
    )
    granted(await settlement.addBills(LIN, key(), upload))
    const [bill] = upload.bills
    assert(bill)
    return bill
  }

  async function accepted() {
    const bill = await aBill()
    const { id } = granted(await cases.accept(LIN, key(), { bill: bill.id, channel: 'counter' }))
    return { bill, id }
  }

  const file = async (id: string) => granted(await cases.file(ZHAO, id))

  /** Does an act as somebody who has seen the case as it is. */
  async function act(actor: Actor, id: string, asked: Omit<ActAsked, 'seen'>) {
    const { acts } = await file(id)
    return cases.act(actor, key(), id, { ...asked, seen: acts })
  }

  /** What the tiers pay of a bill today. */
  async function paidOf(bill: string): Promise<number | undefined> {
    const rows = await database.query<{ paid: number }>(
      `select total - patient as paid from settlements where tenant_id = $1 and bill_id = $2 and state = 'settled'`,
      [TENANT, bill],
    )
    return rows[0]?.paid
  }

  test('from the counter to the last word: a cut by two, an objection decided by a third', async () => {
    today = plainDate('2026-11-02')
    const { bill, id } = await accepted()
    const whole = granted(await settlement.trial(WANG, bill)).settlement
    assert.equal(
      refusal(await act(WANG, id, { act: 'ask-documents', why: '缺出院小结' })),
      'other_desk',
    )
    granted(await act(LIN, id, { act: 'ask-documents', why: '缺出院小结' }))
    today = plainDate('2026-11-06')
    granted(await act(CHEN, id, { act: 'receive-documents' }))
    granted(await act(WANG, id, { act: 'query-hospital', why: '材料费两次' }))
    granted(await act(WANG, id, { act: 'hospital-answers', why: '重复一次' }))
    granted(await act(WANG, id, { act: 'investigate', why: '请核实' }))
    granted(await act(SUN, id, { act: 'report', why: '属实' }))

    const [line] = (await file(id)).lines.toSorted((a, b) => b.inScope - a.inScope)
    assert(line)
    const cut = {
      outcome: 'cut',
      rules: ['teaching/shifan/employee-inpatient'],
      cuts: [{ line: line.line, amount: fen(line.inScope) }],
    } as const
    const why = '同一材料费记了两次'
    const alone = await act(WANG, id, { act: 'decide', decision: cut, why })
    assert.equal(refusal(alone), 'above_limit')
    granted(await act(WANG, id, { act: 'propose', decision: cut, why }))
    assert.equal(refusal(await act(WANG, id, { act: 'approve' })), 'other_person_needed')
    assert.equal(await paidOf(bill.id), undefined, 'a proposal pays nothing')
    granted(await act(LI, id, { act: 'approve', why: '同意' }))
    const afterCut = await paidOf(bill.id)
    assert(afterCut !== undefined && afterCut < whole.total - whole.patient)
    assert.equal(refusal(await settlement.settle(LIN, key(), bill.id)), 'already_settled')
    const [settled] = await database.query<{ id: string }>(
      `select id from settlements where bill_id = $1 and state = 'settled'`,
      [bill.id],
    )
    assert(settled)
    assert.equal(refusal(await settlement.reverse(LIN, key(), settled.id, '撤销')), 'under_case')

    granted(await act(LIN, id, { act: 'notify' }))
    today = plainDate('2026-11-20')
    granted(await act(LIN, id, { act: 'object', why: '两次手术，各用一次' }))
    const worse = await act(ZHAO, id, { act: 'revise', decision: cut, why })
    assert.equal(refusal(worse), 'not_in_favour')
    assert.equal(
      refusal(await act(LI, id, { act: 'revise', decision: { outcome: 'pay' }, why })),
      'other_person_needed',
    )
    const revised = granted(
      await act(ZHAO, id, { act: 'revise', decision: { outcome: 'pay' }, why: '病历证实两次手术' }),
    )
    assert(revised.statement, 'the bill was settled again, and a statement says what changed')
    assert.equal(await paidOf(bill.id), whole.total - whole.patient)
    granted(await act(LIN, id, { act: 'close' }))
    const { state, outcome, history, desk } = await file(id)
    assert.deepEqual({ state, outcome, desk }, { state: 'closed', outcome: 'pay', desk: null })
    assert.deepEqual(
      history.map(({ act: each, by }) => `${each} ${by}`),
      [
        'accept lin',
        'ask-documents lin',
        'receive-documents chen',
        'query-hospital wang',
        'hospital-answers wang',
        'investigate wang',
        'report sun',
        'propose wang',
        'approve li',
        'notify lin',
        'object lin',
        'revise zhao',
        'close lin',
      ],
    )
    const versions = granted(await statements.versions(ZHAO, bill.id))
    assert.equal(versions.length, 3, 'as it came, as it was cut, as it was paid')
    const { debit, credit, days } = await database.snapshot((sql) => checkLedger(sql, TENANT))
    assert.equal(debit, credit)
    assert.deepEqual(days, [])
  })

  test('a cut that the hospital bears: the person’s share stays, the funds owe the hospital less, and an objection gives it back', async () => {
    today = plainDate('2026-11-02')
    await database.query(
      `insert into institutions (tenant_id, id, name, kind) values ($1, 'H1', '一院', 'hospital') on conflict do nothing`,
      [TENANT],
    )
    const upload = readUpload(teachingUpload('borne', { persons: 1, billsEach: 1 }, seeded(77)))
    const bill = { ...upload.bills[0], institution: 'H1' } as (typeof upload.bills)[number]
    granted(await settlement.addBills(LIN, key(), { ...upload, bills: [bill] }))
    const { id } = granted(await cases.accept(LIN, key(), { bill: bill.id, channel: 'counter' }))
    const whole = granted(await settlement.trial(WANG, bill)).settlement
    granted(await act(WANG, id, { act: 'review' }))
    const [line] = (await file(id)).lines.toSorted((a, b) => b.inScope - a.inScope)
    assert(line)
    const decision = {
      outcome: 'cut',
      rules: ['定点协议 第三十条'],
      cuts: [{ line: line.line, amount: fen(line.inScope) }],
      bearer: 'hospital',
    } as const
    const tried = granted(await cases.trial(WANG, id, decision.cuts))
    const less = tried.whole.settlement.patient - tried.after.settlement.patient
    assert(less < 0, 'as the person’s own cut it would be theirs to pay')
    granted(await act(WANG, id, { act: 'propose', decision, why: '串换项目' }))
    granted(await act(LI, id, { act: 'approve', why: '同意' }))

    const [standing] = await database.query<{ patient: number; total: number }>(
      `select patient, total from settlements where bill_id = $1 and state = 'settled'`,
      [bill.id],
    )
    assert.equal(standing?.patient, whole.patient, 'settled as it was handed in')
    const owed = async () =>
      (
        await database.query<{ owed: number }>(
          `select coalesce(sum(case when credit = 'owed/institution/H1' then amount else -amount end), 0)::bigint as owed
             from ledger_entries, unnest(debits, credits, amounts) as leg (debit, credit, amount)
            where tenant_id = $1 and 'owed/institution/H1' in (debit, credit)`,
          [TENANT],
        )
      )[0]?.owed
    const { deductions, history } = await file(id)
    const sum = deductions.reduce((all, { amount }) => all + amount, 0)
    // What the funds pay less after the cut is what the person would pay more.
    assert.equal(sum, -less)
    assert.equal(await owed(), whole.total - whole.patient - sum)
    assert.deepEqual(
      deductions.map(({ state, madeBy, bill: of, case: from, rule, reason }) => [
        state,
        madeBy,
        of,
        from,
        rule,
        reason,
      ]),
      deductions.map(() => ['confirmed', 'wang', bill.id, id, '定点协议 第三十条', '串换项目']),
    )
    const last = history.at(-1)?.decision
    assert(last?.outcome === 'cut' && last.bearer === 'hospital')
    assert.equal((await printNotice(granted(await cases.notice(LIN, id)))).length > 1_000, true)

    granted(await act(LIN, id, { act: 'notify' }))
    granted(await act(LIN, id, { act: 'object', why: '项目确已实施' }))
    const theirs = { ...decision, bearer: 'patient' } as const
    assert.equal(
      refusal(await act(ZHAO, id, { act: 'revise', decision: theirs, why: '改由个人' })),
      'not_in_favour',
    )
    granted(await act(ZHAO, id, { act: 'revise', decision: { outcome: 'pay' }, why: '查实已实施' }))
    assert.deepEqual(
      new Set((await file(id)).deductions.map(({ state }) => state)),
      new Set(['restored']),
    )
    assert.equal(await owed(), whole.total - whole.patient)
    const { debit, credit, days } = await database.snapshot((sql) => checkLedger(sql, TENANT))
    assert.equal(debit, credit)
    assert.deepEqual(days, [])
  })

  test('within the limit one person decides that the hospital bears it, and another takes it off; a hospital that nobody knows bears nothing', async () => {
    const upload = readUpload(teachingUpload('alone', { persons: 1, billsEach: 1 }, seeded(78)))
    const bill = { ...upload.bills[0], institution: 'H1' } as (typeof upload.bills)[number]
    granted(await settlement.addBills(LIN, key(), { ...upload, bills: [bill] }))
    const { id } = granted(await cases.accept(LIN, key(), { bill: bill.id, channel: 'counter' }))
    granted(await act(WANG, id, { act: 'review' }))
    granted(
      await cases.setLimit(ADMIN, key(), {
        from: plainDate('2026-03-01'),
        amount: 100_000_000_00,
        document: '虚构',
      }),
    )
    const [line] = (await file(id)).lines.toSorted((a, b) => b.inScope - a.inScope)
    assert(line)
    const cuts = [{ line: line.line, amount: fen(line.inScope) }]
    const decision = { outcome: 'cut', rules: ['协议'], cuts, bearer: 'hospital' } as const
    granted(await act(WANG, id, { act: 'decide', decision, why: '串换项目' }))
    const [waiting] = (await file(id)).deductions
    assert.equal(waiting?.state, 'proposed')
    const months = createMonthService({ database })
    const confirmed = { act: 'confirm', reason: '同意' } as const
    assert(waiting)
    assert.equal(
      refusal(await months.decide(WANG, key(), waiting.id, confirmed)),
      'second_person_needed',
    )
    granted(await months.decide(ZHAO, key(), waiting.id, confirmed))
    // Whoever took it off does not give it back, whichever way they come.
    granted(await act(LIN, id, { act: 'notify' }))
    granted(await act(LIN, id, { act: 'object', why: '不服' }))
    const pay = { act: 'revise', decision: { outcome: 'pay' }, why: '查实' } as const
    assert.equal(refusal(await act(ZHAO, id, pay)), 'second_person_needed')
    granted(await act(LI, id, pay))

    const elsewhere = await accepted()
    granted(await act(WANG, elsewhere.id, { act: 'review' }))
    const [none] = (await file(elsewhere.id)).lines.toSorted((a, b) => b.inScope - a.inScope)
    assert(none)
    const own = { ...decision, cuts: [{ line: none.line, amount: fen(none.inScope) }] } as const
    const refused = await act(WANG, elsewhere.id, { act: 'decide', decision: own, why: '试' })
    assert.equal(refusal(refused), 'institution_unknown', 'the bill names nobody who is kept here')
    assert.equal(await paidOf(elsewhere.bill.id), undefined, 'and nothing was settled')
    granted(
      await cases.setLimit(ADMIN, key(), {
        from: plainDate('2026-04-01'),
        amount: 1,
        document: '虚构',
      }),
    )
  })

  test('a person hands in, answers and objects, a hospital follows its own bills, and nobody else sees them', async () => {
    today = plainDate('2026-11-02')
    const upload = readUpload(teachingUpload('own', { persons: 1, billsEach: 1 }, seeded(79)))
    const bill = { ...upload.bills[0], institution: 'H1' } as (typeof upload.bills)[number]
    granted(await settlement.addBills(LIN, key(), { ...upload, bills: [bill] }))
    const insured = who('own', 'insured', { persons: [{ person: bill.person }] })
    const agent = who('helper', 'agent', { persons: [{ person: bill.person }] })
    const other = who('other', 'insured', { persons: [{ person: 'nobody' }] })
    const hospital = who('h1', 'hospital', { institutions: ['H1'] })
    const elsewhere = who('h2', 'hospital', { institutions: ['H2'] })

    assert.deepEqual(
      (await cases.ownCases(insured, 50)).bills.map((each) => each.bill),
      [bill.id],
    )
    const handIn = { bill: bill.id, channel: 'counter' } as const
    assert.equal(refusal(await cases.accept(other, key(), handIn)), 'unknown_bill')
    assert.equal(refusal(await cases.accept(elsewhere, key(), handIn)), 'unknown_bill')
    assert.equal(refusal(await cases.accept(SUN, key(), handIn)), 'other_desk')
    const { id } = granted(await cases.accept(insured, key(), handIn))
    assert.equal((await file(id)).channel, 'online', 'by their own way, whatever they say')
    for (const actor of [other, elsewhere, WANG])
      assert.equal(refusal(await cases.ownCase(actor, id)), 'unknown_case')

    const documents = createDocumentService({ database, secrets })
    const picture = (text: string) =>
      Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from(text)])
    const handed = (text: string) =>
      ({ name: `${text}.png`, kind: 'invoice', content: picture(text) }) as const
    const own = granted(await documents.add(insured, key(), id, handed('票据')))
    const office = granted(await documents.add(LIN, key(), id, handed('内部')))
    const named = async (actor: Actor) =>
      granted(await documents.list(actor, id)).map(({ name }) => name)
    assert.deepEqual(await named(insured), ['票据.png'])
    assert.deepEqual(await named(hospital), [])
    assert.deepEqual(await named(WANG), ['票据.png', '内部.png'])
    assert.equal(refusal(await documents.open(insured, id, office.id)), 'unknown_document')
    assert.equal(refusal(await documents.open(hospital, id, own.id)), 'unknown_document')
    assert.equal(refusal(await documents.add(other, key(), id, handed('别人'))), 'unknown_case')

    const seenBy = async (actor: Actor) => granted(await cases.ownCase(actor, id))
    const does = async (actor: Actor, asked: Omit<ActAsked, 'seen'>) =>
      cases.act(actor, key(), id, { ...asked, seen: (await seenBy(actor)).acts })
    granted(await act(LIN, id, { act: 'ask-documents', why: '缺出院小结' }))
    assert.equal((await seenBy(insured)).asked?.why, '缺出院小结')
    assert.equal(refusal(await does(hospital, { act: 'withdraw', why: '撤' })), 'other_desk')
    assert.equal(refusal(await does(insured, { act: 'review' })), 'illegal_case_move')
    granted(await does(agent, { act: 'receive-documents' }))
    granted(await act(WANG, id, { act: 'query-hospital', why: '材料费两次' }))
    assert.equal((await seenBy(insured)).asked, undefined)
    assert.equal(refusal(await does(insured, { act: 'hospital-answers', why: '是' })), 'other_desk')
    granted(await does(hospital, { act: 'hospital-answers', why: '重复一次' }))
    const decision = { outcome: 'refuse', rules: ['teaching/shifan/employee'] } as const
    for (const outside of [insured, hospital, agent])
      assert.equal(
        refusal(await does(outside, { act: 'propose', decision, why: '试' })),
        'other_desk',
      )
    granted(await act(WANG, id, { act: 'propose', decision, why: '非参保期间' }))
    granted(await act(LI, id, { act: 'approve', why: '同意' }))
    assert.equal((await seenBy(insured)).decision, undefined, 'decided, and not sent yet')
    granted(await act(LIN, id, { act: 'notify' }))
    assert.equal((await seenBy(insured)).decision?.why, '非参保期间')
    granted(await does(insured, { act: 'object', why: '那时已参保' }))
    assert.equal((await seenBy(hospital)).state, 'objected')
    assert.deepEqual(
      (await cases.ownCases(insured, 50)).cases.map((each) => each.id),
      [id],
    )
    assert.deepEqual((await cases.ownCases(elsewhere, 50)).cases, [])
    assert.deepEqual(await cases.ownCases(WANG, 50), { cases: [], bills: [] })
  })

  test('a case is scored when it comes in and when something new is known; of two due on a day the one that stands out comes first', async () => {
    today = plainDate('2025-06-02')
    const upload = readUpload(teachingUpload('risk', { persons: 1, billsEach: 3 }, seeded(80)))
    const [first, second, third] = upload.bills
    assert(first && second && third)
    // The second is of the same amount as the first, on the day after.
    const stays = [
      {
        ...first,
        total: second.total,
        parts: second.parts,
        lines: second.lines,
        admitted: second.admitted,
        discharged: second.discharged,
      },
      second,
    ]
    granted(await settlement.addBills(LIN, key(), { ...upload, bills: stays }))
    const plain = await accepted()
    const { id } = granted(await cases.accept(LIN, key(), { bill: second.id, channel: 'counter' }))
    const scored = await file(id)
    const { riskWhy } = scored
    assert(riskWhy)
    const same = riskWhy.factors.find(({ factor }) => factor === 'same-amount')
    assert.deepEqual(same?.bills, [first.id], JSON.stringify(riskWhy))
    assert.equal(scored.risk, riskWhy.score)
    const lower = await file(plain.id)
    assert(lower.risk < scored.risk)
    assert.equal(lower.dueOn, scored.dueOn)

    const order = async (how: 'due' | 'risk', more: object = {}) =>
      (await cases.queue(ZHAO, { desk: 'review', order: how, limit: 50, ...more })).map(
        (each) => each.id,
      )
    const both = (ids: readonly string[]) => ids.filter((each) => each === id || each === plain.id)
    for (const how of ['due', 'risk'] as const)
      assert.deepEqual(both(await order(how)), [id, plain.id])
    const band = { risk: { from: scored.risk, below: 101 } }
    assert.deepEqual(both(await order('due', band)), [id])
    // Every case once, page by page, in either order.
    for (const how of ['due', 'risk', 'amount'] as const) {
      const all = await cases.queue(ZHAO, { desk: 'review', order: how, limit: 50 })
      const paged: string[] = []
      let after: { due: string; risk: number; amount: number; no: number } | undefined
      for (let i = 0; i < all.length; i++) {
        const [next] = await cases.queue(ZHAO, { desk: 'review', order: how, limit: 1, after })
        assert(next)
        paged.push(next.id)
        after = { due: next.dueOn ?? 'infinity', risk: next.risk, amount: next.amount, no: next.no }
      }
      assert.deepEqual(
        paged,
        all.map((each) => each.id),
      )
    }
    const taken = granted(await cases.next(WANG))
    assert.equal(taken.id, id, 'the most urgent, and of those of one day the one that stands out')

    granted(await act(LIN, id, { act: 'ask-documents', why: '缺发票' }))
    granted(await act(LIN, id, { act: 'receive-documents' }))
    const { history } = await file(id)
    assert.deepEqual(
      history.map(({ act: each, risk }) => [each, risk?.version]),
      [
        ['accept', '2026-11'],
        ['ask-documents', undefined],
        ['receive-documents', '2026-11'],
      ],
    )
    for (const each of [id, plain.id])
      granted(await act(LIN, each, { act: 'withdraw', why: '撤回' }))
  })

  test('a refusal pays nothing and holds the bill; upheld by another person, it stays so', async () => {
    today = plainDate('2026-11-02')
    const { bill, id } = await accepted()
    granted(await act(WANG, id, { act: 'review' }))
    const refuse = { outcome: 'refuse', rules: ['teaching/shifan/employee'] } as const
    granted(await act(WANG, id, { act: 'propose', decision: refuse, why: '非参保期间' }))
    assert.equal(refusal(await cases.notice(LIN, id)), 'case_not_decided')
    granted(await act(LI, id, { act: 'approve', why: '同意' }))
    const notice = granted(await cases.notice(LIN, id))
    const { outcome, rules } = { rules: [], ...notice.decision }
    assert.deepEqual({ outcome, rules }, refuse)
    assert.equal(notice.decided.why, '非参保期间', 'the reasons of whoever proposed it')
    assert.deepEqual(
      notice.decided.acts.map(({ act: each, by }) => `${each} ${by}`),
      ['propose wang', 'approve li'],
    )
    assert.equal((await printNotice(notice)).subarray(0, 5).toString(), '%PDF-')
    granted(await act(LIN, id, { act: 'notify' }))
    granted(await act(LIN, id, { act: 'object', why: '不服' }))
    granted(await act(ZHAO, id, { act: 'uphold', why: '查实非参保期间' }))
    granted(await act(LIN, id, { act: 'close' }))
    assert.equal(await paidOf(bill.id), undefined)
    assert.equal(refusal(await settlement.settle(LIN, key(), bill.id)), 'under_case')
    const again = granted(await cases.accept(LIN, key(), { bill: bill.id, channel: 'counter' }))
    assert.notEqual(again.id, id, 'new facts are a new case, with people of its own')
    granted(await act(LIN, again.id, { act: 'withdraw', why: '申请人撤回' }))
    assert.equal(
      refusal(await settlement.settle(LIN, key(), bill.id)),
      'under_case',
      'what was refused stays refused where the new case is withdrawn',
    )
  })

  test('what is handed in is kept sealed, once, shown as it was, and taken out where it was a mistake', async () => {
    today = plainDate('2026-11-02')
    const { id } = await accepted()
    const documents = createDocumentService({ database, secrets })
    const picture = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from('票据')])
    const handed = { name: '张三的票据.png', kind: 'invoice', content: picture } as const
    const own = granted(await documents.add(LIN, key(), id, handed))
    assert.equal(refusal(await documents.add(WANG, key(), id, handed)), 'document_known')
    const script = { ...handed, content: Buffer.from('<svg onload="alert(1)">') }
    assert.equal(refusal(await documents.add(LIN, key(), id, script)), 'document_type_unknown')
    assert.deepEqual(granted(await documents.open(WANG, id, own.id)), {
      type: 'image/png',
      content: picture,
    })
    const [kept] = await database.query<{ name: Buffer; content: Buffer }>(
      'select name_sealed as name, content_sealed as content from case_documents where id = $1',
      [own.id],
    )
    assert(kept && !kept.content.includes(picture) && !kept.name.includes('张三'))
    const elsewhere = { ...WANG, tenant: 'other' }
    assert.equal(refusal(await documents.open(elsewhere, id, own.id)), 'unknown_document')
    assert.equal(refusal(await documents.list(elsewhere, id)), 'unknown_case')
    granted(await documents.remove(LIN, key(), id, { document: own.id, why: '别人的票据' }))
    assert.equal(refusal(await documents.open(WANG, id, own.id)), 'unknown_document')
    const [row] = granted(await documents.list(WANG, id))
    assert.deepEqual(
      [row?.name, row?.removedBy, row?.removedWhy],
      ['张三的票据.png', LIN.name, '别人的票据'],
    )
    granted(await documents.add(LIN, key(), id, handed))
    granted(await act(LIN, id, { act: 'withdraw', why: '撤回' }))
    assert.equal(
      refusal(await documents.add(LIN, key(), id, { ...handed, content: Buffer.from('%PDF-1.7') })),
      'case_is_over',
    )
  })

  test('a bill that a case holds is settled, corrected and reversed by nobody else', async () => {
    const { bill, id } = await accepted()
    assert.equal(refusal(await settlement.settle(LIN, key(), bill.id)), 'under_case')
    const corrected = await statements.correct(LIN, key(), bill.id, bill, '更正')
    assert.equal(refusal(corrected), 'under_case')
    assert.equal(
      refusal(await cases.accept(CHEN, key(), { bill: bill.id, channel: 'online' })),
      'bill_in_case',
    )
    granted(await act(LIN, id, { act: 'withdraw', why: '申请人撤回' }))
    granted(await settlement.settle(LIN, key(), bill.id))
    assert.equal(
      refusal(await cases.accept(LIN, key(), { bill: bill.id, channel: 'counter' })),
      'already_settled',
    )
  })

  test('the same key does an act once; whoever saw an older case is told so', async () => {
    const { id } = await accepted()
    const once = key()
    const review = { act: 'review', seen: 1 } as const
    granted(await cases.act(WANG, once, id, review))
    granted(await cases.act(WANG, once, id, review))
    assert.equal((await file(id)).history.length, 2)
    assert.equal(refusal(await cases.act(LI, key(), id, review)), 'case_changed')
  })

  test('two who decide at once: one decides', async () => {
    const { bill, id } = await accepted()
    granted(await act(WANG, id, { act: 'review' }))
    granted(await act(WANG, id, { act: 'propose', decision: { outcome: 'pay' } }))
    const both = await Promise.all(
      [LI, ZHAO].map((actor) => cases.act(actor, key(), id, { act: 'approve', seen: 3 })),
    )
    assert.deepEqual(both.map(refusal).toSorted(), ['case_changed', 'granted'])
    const made = await database.query('select from settlements where bill_id = $1', [bill.id])
    assert.equal(made.length, 1)
  })

  test('a cut beyond what is in scope, of no line, or of a line twice is refused by name, and nothing is done', async () => {
    const { id } = await accepted()
    granted(await act(WANG, id, { act: 'review' }))
    granted(
      await cases.setLimit(ADMIN, key(), {
        from: plainDate('2026-06-01'),
        amount: 100_000_000_00,
        document: '虚构',
      }),
    )
    const [line] = (await file(id)).lines
    assert(line)
    const tried = async (cuts: readonly { line: string; amount: number }[]) => {
      const named = cuts.map(({ line: each, amount }) => ({ line: each, amount: fen(amount) }))
      const decision = { outcome: 'cut', rules: ['x'], cuts: named } as const
      return refusal(await act(WANG, id, { act: 'decide', decision, why: '试' }))
    }
    assert.equal(await tried([{ line: line.line, amount: line.inScope + 1 }]), 'cut_too_large')
    assert.equal(await tried([{ line: 'no line', amount: 1 }]), 'unknown_line')
    assert.equal(
      await tried([
        { line: line.line, amount: 1 },
        { line: line.line, amount: 1 },
      ]),
      'cut_twice',
    )
    assert.equal(await tried([]), 'cuts_missing')
    assert.equal((await file(id)).history.length, 2)
    // Within the limit one person decides alone.
    granted(await act(WANG, id, { act: 'decide', decision: { outcome: 'pay' } }))
  })

  test('the queue goes by deadline; two who ask for work at once get two cases', async () => {
    await database.query('update cases set assignee = $1', ['somebody else'])
    today = plainDate('2026-11-10')
    const late = await accepted()
    today = plainDate('2026-11-03')
    const early = await accepted()
    const queue = await cases.queue(WANG, { desk: 'review', order: 'due', limit: 100 })
    const mine = queue.filter(({ id }) => [late.id, early.id].includes(id))
    assert.deepEqual(
      mine.map(({ id, dueOn }) => [id, dueOn]),
      [
        [early.id, '2026-12-03'],
        [late.id, '2026-12-10'],
      ],
    )
    const [one, two] = await Promise.all([cases.next(WANG), cases.next(LI)])
    assert.deepEqual([granted(one).id, granted(two).id].toSorted(), [late.id, early.id].toSorted())
    assert.equal(refusal(await cases.next(WANG)), 'no_case_waits')
    const held = granted(one).id
    assert.equal(refusal(await cases.assign(LI, held, 'me')), 'assigned_to_another')
    granted(await cases.assign(WANG, held, 'nobody'))
    assert.equal(granted(await cases.next(LI)).id, held)
  })

  test('a clock stops while documents are asked for', async () => {
    today = plainDate('2026-11-02')
    const { id } = await accepted()
    granted(await act(LIN, id, { act: 'ask-documents', why: '缺发票' }))
    const { clocks, dueOn } = await file(id)
    const clockOf = (name: string) => clocks.find(({ rule }) => rule.id === name)?.clock
    assert.deepEqual(clockOf('decide'), { kind: 'stopped', left: 30 })
    assert.deepEqual(clockOf('certain-part'), { kind: 'running', due: '2027-01-01' })
    assert.equal(dueOn, '2027-01-01')
  })

  test('a case of another region or tenant does not exist', async () => {
    const { id } = await accepted()
    const elsewhere = who('far', 'reviewer', { regions: ['elsewhere'] })
    assert.equal(refusal(await cases.file(elsewhere, id)), 'unknown_case')
    assert.equal(
      refusal(await cases.act(elsewhere, key(), id, { act: 'review', seen: 1 })),
      'unknown_case',
    )
    const foreign = { ...WANG, tenant: 'other' }
    assert.equal(refusal(await cases.file(foreign, id)), 'unknown_case')
  })

  test('what was done to a case is never changed', async () => {
    await accepted()
    await assert.rejects(database.query(`update case_acts set why = 'x'`), /never changed/)
    await assert.rejects(database.query('delete from case_acts'), /never changed/)
  })
})
