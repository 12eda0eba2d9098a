/**
 * Contracts with an insurer on a real PostgreSQL: written by one and confirmed by another; a year stated from what is on
 * the books, confirmed and posted once, stated again for a bill that came late; what a change of policy cost, proven by
 * replaying the year, in pieces, twice, and whatever happened since.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { rate, yuan } from '#base/money.ts'
import { plainDate } from '#base/plain-date.ts'
import type { Result } from '#base/result.ts'
import { type ContractService, createContractService } from '#domains/contracts/service.ts'
import { checkLedger } from '#domains/ledger/service.ts'
import { createSettlementService, type SettlementService } from '#domains/settlement/service.ts'
import type { Actor, Role } from '#platform/actor.ts'
import type { Database } from '#platform/database.ts'
import { createSecrets } from '#platform/secrets.ts'
import { migratedDatabase } from './crash/database.ts'
import { readUpload, SCHEME_FILES } from './crash/teaching.ts'

const TENANT = 'city'
const who = (name: string, role: Role): Actor => ({ tenant: TENANT, user: name, name, role })
const LIN = who('lin', 'handler')
const [QIAN, ZHAO] = [who('qian', 'actuary'), who('zhao', 'supervisor')]
const today = () => plainDate('2026-11-27')

const ID = 'shifan-critical-illness'
const FUND = 'residentCriticalIllness@teaching/shifan'
const TIER = 'teaching/shifan/resident-critical-illness.tier.yaml'
/** 4,000 yuan a head in 2024, for twelve heads: 48,000. */
const CONTRACT = readFileSync('samples/critical-illness.contract.yaml', 'utf8').replace(
  'value: 1200元',
  'value: 4000元',
)

const RESIDENTS = Array.from({ length: 12 }, (_, i) => ({
  id: `r${i}`,
  born: '1960-01-01',
  covers: [
    {
      scheme: 'teaching/shifan/resident',
      from: '2019-01-01',
      answers: { class: '成年居民', continuousYears: 5 },
    },
  ],
}))

function granted<T>(done: Result<T, { readonly code: string }>): T {
  assert(done.ok, done.ok ? '' : JSON.stringify(done.error))
  return done.value
}
const refusal = (done: Result<unknown, { readonly code: string }>): string =>
  done.ok ? 'granted' : done.error.code

let keys = 0
const key = () => `key ${keys++}`

describe('contracts', { timeout: 120_000 }, () => {
  let database: Database
  let close: () => Promise<void>
  let settlement: SettlementService
  let contracts: ContractService

  before(async () => {
    const opened = await migratedDatabase({ max: 6 })
    database = opened.database
    close = opened.close
    await database.query(`insert into tenants (id, name) values ($1, '示例市医疗保障局')`, [TENANT])
    settlement = createSettlementService({
      database,
      today,
      allowUndated: () => true,
      secrets: createSecrets(Buffer.alloc(32, 1)),
    })
    await settlement.ensureRules(TENANT, SCHEME_FILES, 'test')
    contracts = createContractService({ database, settlement, today, personsAtOnce: 2 })
    const { persons } = readUpload({ amounts: 'yuan', persons: RESIDENTS, bills: [] })
    granted(await settlement.addBills(LIN, key(), { persons, bills: [] }))
    // Three people with two stays in 2024, and one of them with a third in 2025.
    for (const [i, person] of ['r0', 'r1', 'r2'].entries())
      for (const month of ['03', '09'])
        await settled(`${person}-${month}`, person, month, 90_000 + i * 7_000)
    await settled('r0-2025', 'r0', '03', 80_000, 2025)
  })
  after(() => close?.())

  async function settled(id: string, person: string, month: string, amount: number, year = 2024) {
    const day = `${year}-${month}-10`
    const bill = {
      id,
      person,
      admitted: day,
      discharged: day,
      settled: day,
      institution: 'H1',
      answers: { medical: '住院', level: '三级' },
      lines: [{ id: '1', class: '甲', amount: `${amount}.00` }],
    }
    const { bills } = readUpload({ amounts: 'yuan', persons: RESIDENTS, bills: [bill] })
    granted(await settlement.addBills(LIN, key(), { persons: [], bills }))
    granted(await settlement.settle(LIN, key(), id))
  }

  const balance = async (fund: string, account: string): Promise<number> => {
    const [row] = await database.query<{ sum: number }>(
      `select coalesce(sum(case when credited like $3 then amount else 0 end - case when debited like $3 then amount else 0 end), 0)::bigint as sum
         from ledger_entries cross join lateral unnest(funds, debits, credits, amounts) as t (fund, debited, credited, amount)
        where tenant_id = $1 and t.fund = $2`,
      [TENANT, fund, `${account}%`],
    )
    return row?.sum ?? 0
  }
  const balanced = async () => {
    const { debit, credit } = await database.snapshot((sql) => checkLedger(sql, TENANT))
    assert.equal(debit, credit)
  }

  test('a contract waits for a second person, and an amendment is another version', async () => {
    const broken = CONTRACT.replace('line: critical-illness', 'line: lottery')
    assert.equal(refusal(await contracts.draftContract(QIAN, key(), broken)), 'bad_contract')
    const elsewhere = CONTRACT.replace('[teaching/shifan/resident]', '[teaching/shifan/nobody]')
    assert.equal(refusal(await contracts.draftContract(QIAN, key(), elsewhere)), 'unknown_scheme')
    const first = granted(await contracts.draftContract(QIAN, key(), CONTRACT))
    assert.deepEqual(first, { id: ID, version: 1 })
    assert.equal(
      refusal(await contracts.draftContract(ZHAO, key(), CONTRACT)),
      'contract_draft_open',
    )
    assert.equal(
      refusal(await contracts.trialYear(QIAN, ID, 2024, { cost: 0 })),
      'contract_not_confirmed',
    )
    const confirm = { act: 'confirm' } as const
    assert.equal(
      refusal(await contracts.decideContract(QIAN, key(), first, confirm)),
      'second_person_confirms',
    )
    granted(await contracts.decideContract(ZHAO, key(), first, confirm))
    assert.equal(
      refusal(await contracts.decideContract(ZHAO, key(), first, confirm)),
      'not_waiting',
    )
    assert.equal(
      refusal(await contracts.draftContract(QIAN, key(), CONTRACT)),
      'contract_unchanged',
    )
    const other = CONTRACT.replace('financedBy: basicPool', 'financedBy: medicalAid')
    assert.equal(refusal(await contracts.draftContract(QIAN, key(), other)), 'contract_of_another')
    const amended = granted(
      await contracts.draftContract(
        QIAN,
        key(),
        CONTRACT.replace('value: 1300元', 'value: 5000元'),
      ),
    )
    assert.equal(amended.version, 2)
    granted(await contracts.decideContract(ZHAO, key(), amended, confirm))
  })

  test('heads are counted by memberships where somebody is enrolled, by covers otherwise', async () => {
    const heads = async () =>
      granted(await contracts.trialYear(QIAN, ID, 2024, { cost: 0 })).facts.heads
    assert.deepEqual(await heads(), { sum: 12, days: 1 })
    // Enrolled since the middle of 2024: not there on the first day, whatever the covers of the bills said.
    await database.query(`update persons set enrolled = true where tenant_id = $1 and id = 'r11'`, [
      TENANT,
    ])
    await database.query(
      `insert into memberships (tenant_id, person_id, scheme, from_day, enrolled_on, answers)
       values ($1, 'r11', 'teaching/shifan/resident', '2024-07-01', '2024-07-01', '{}')`,
      [TENANT],
    )
    assert.deepEqual(await heads(), { sum: 11, days: 1 })
    await database.query(
      `update memberships set from_day = '2024-01-01' where tenant_id = $1 and person_id = 'r11'`,
      [TENANT],
    )
    assert.deepEqual(await heads(), { sum: 12, days: 1 })
  })

  let proof = ''

  test('a year replayed under the old rules and the new: in pieces, and again to the same figures', async () => {
    // Before the change the fund paid ten in a hundred less in its first band.
    const old = SCHEME_FILES[TIER]?.replace('upTo: 50000元, rate: 60%', 'upTo: 50000元, rate: 50%')
    assert(old && old !== SCHEME_FILES[TIER])
    const draft = await settlement.addDraft(QIAN, '调整前', { [TIER]: old })
    const of = { contract: ID, year: 2024 }
    const sides = { before: { draft: draft.id }, after: { version: 1 } }
    const same = { before: { version: 1 }, after: { version: 1 } }
    assert.equal(refusal(await contracts.proofs.open(QIAN, key(), of, same)), 'same_rules')
    const none = { before: { version: 9 }, after: { version: 1 } }
    assert.equal(refusal(await contracts.proofs.open(QIAN, key(), of, none)), 'unknown_rules')
    const { id } = granted(await contracts.proofs.open(QIAN, key(), of, sides))
    proof = id
    assert.equal(
      refusal(await contracts.trialYear(QIAN, ID, 2024, { cost: 0, proof })),
      'proof_not_done',
    )
    const steps: (readonly [number, number])[] = []
    const done = await contracts.proofs.run(TENANT, id, (persons, all) =>
      steps.push([persons, all]),
    )
    assert.deepEqual(steps, [
      [2, 3],
      [3, 3],
      [3, 3],
    ])
    assert(done)
    const { stood, sumBefore, sumAfter, persons, bills, refused, state } = done
    assert.deepEqual(
      { persons, bills, refused, state },
      { persons: 3, bills: 6, refused: 0, state: 'done' },
    )
    const { claims } = granted(await contracts.trialYear(QIAN, ID, 2024, { cost: 0 })).facts
    assert.equal(stood, claims)
    assert.equal(sumAfter, claims)
    // What each met of the first band, 50,000 at most, at 10 %.
    const met = await database.query<{ axis: number }>(
      `select (value)::bigint as axis from persons p cross join jsonb_each_text(p.totals)
        where tenant_id = $1 and key like '%resident-critical-illness:axis%2024'`,
      [TENANT],
    )
    assert.equal(met.length, 3)
    assert(sumAfter > sumBefore)
    const tenth = met.reduce((sum, { axis }) => sum + Math.min(axis, 50_000_00) / 10, 0)
    assert.equal(sumAfter - sumBefore, tenth)

    // A bill that comes late and a draft that changes are no part of what was proven.
    await settled('r5-06', 'r5', '06', 120_000)
    granted(await settlement.changeDraft(QIAN, draft.id, 1, { name: '调整前', files: {} }))
    const again = granted(await contracts.proofs.again(ZHAO, key(), id))
    // Whoever is at it is killed after a piece; somebody else goes on from there.
    const killed = contracts.proofs.run(TENANT, again.id, () => {
      throw new Error('killed')
    })
    await assert.rejects(killed, /killed/)
    const another = createContractService({ database, settlement, today, personsAtOnce: 2 })
    const rest: number[] = []
    await another.proofs.run(TENANT, again.id, (persons) => rest.push(persons))
    assert.deepEqual(rest, [3, 3])
    const second = granted(await contracts.proofs.proof(ZHAO, again.id))
    assert.equal(second.same, true)
    assert.equal(second.sumBefore, sumBefore)
    await database.query(
      'update contract_proofs set sum_after = sum_after + 1 where tenant_id = $1 and id = $2',
      [TENANT, again.id],
    )
    assert.equal(granted(await contracts.proofs.proof(ZHAO, again.id)).same, false)
  })

  test('bills that one side refuses are counted apart, and no year is stated on that', async () => {
    const late = SCHEME_FILES[TIER]?.replaceAll('from: 2024-01-01', 'from: 2024-06-01')
    assert(late)
    const draft = await settlement.addDraft(QIAN, '自六月起', { [TIER]: late })
    const of = { contract: ID, year: 2024 }
    const sides = { before: { draft: draft.id }, after: { version: 1 } }
    const { id } = granted(await contracts.proofs.open(QIAN, key(), of, sides))
    const done = await contracts.proofs.run(TENANT, id)
    assert(done)
    // Three stays of March; those of June and September were settled under both.
    assert.deepEqual([done.persons, done.bills, done.refused], [4, 7, 3])
    assert(done.sumAfter > 0 && done.stood === done.sumAfter)
    // Without the stays of March the others meet the deductible once more, and so the old rules pay less.
    assert(done.sumBefore < done.sumAfter)
    assert.equal(
      refusal(await contracts.trialYear(QIAN, ID, 2024, { cost: 0, proof: id })),
      'proof_not_whole',
    )
  })

  test('a year is stated by one, confirmed by another and posted once; stated again, the difference', async () => {
    const said = { cost: yuan('3000'), proof }
    assert.equal(refusal(await contracts.trialYear(QIAN, ID, 2026, said)), 'year_not_over')
    assert.equal(refusal(await contracts.trialYear(QIAN, ID, 2030, said)), 'no_such_contract_year')
    assert.equal(
      refusal(await contracts.trialYear(QIAN, ID, 2025, { cost: 0, proof })),
      'proof_of_another_year',
    )
    assert.equal(
      refusal(await contracts.trialYear(QIAN, ID, 2025, { cost: 0 })),
      'year_before_open',
    )

    const first = granted(await contracts.draftYear(QIAN, key(), { id: ID, year: 2024 }, said))
    assert.equal(
      refusal(await contracts.draftYear(ZHAO, key(), { id: ID, year: 2024 }, said)),
      'statement_open',
    )
    const confirm = { act: 'confirm' } as const
    assert.equal(
      refusal(await contracts.decideYear(QIAN, key(), first.id, confirm)),
      'second_person_confirms',
    )
    // Something is settled in between: what is confirmed would not be what was drafted.
    await settled('r6-06', 'r6', '06', 60_000)
    assert.equal(
      refusal(await contracts.decideYear(ZHAO, key(), first.id, confirm)),
      'year_changed',
    )
    granted(
      await contracts.decideYear(QIAN, key(), first.id, { act: 'withdraw', reason: '有新账单' }),
    )
    const second = granted(await contracts.draftYear(QIAN, key(), { id: ID, year: 2024 }, said))
    const [one, two] = await Promise.all(
      [0, 1].map(() => contracts.decideYear(ZHAO, key(), second.id, confirm)),
    )
    assert(one && two)
    assert.deepEqual([refusal(one), refusal(two)].toSorted(), ['granted', 'not_waiting'])

    const { statement } = granted(await contracts.statement(ZHAO, second.id))
    const { amounts } = statement
    assert.equal(amounts.premium, yuan('48000'))
    // The books of the contract's own fund: what it took in and paid out besides is what was claimed.
    assert.equal(await balance(FUND, `contract/${ID}/`), amounts.claims)
    assert.equal(await balance(FUND, 'insurer/'), amounts['to-insurer'] + amounts['held-back'])
    assert.equal(
      await balance(FUND, 'between/basicPool'),
      -(await balance('basicPool@teaching/shifan', 'between/residentCriticalIllness')),
    )
    await balanced()

    // The score comes later: the year is stated again, and only what it moves is posted.
    const score = { points: 85, released: rate('80%'), reason: '回访完成率不足' }
    const third = granted(
      await contracts.draftYear(ZHAO, key(), { id: ID, year: 2024 }, { ...said, score }),
    )
    granted(await contracts.decideYear(QIAN, key(), third.id, confirm))
    const [entry] = await database.query<{ debits: string[]; amounts: number[] }>(
      `select debits, to_jsonb(amounts) as amounts from ledger_entries where tenant_id = $1 and subject = $2`,
      [TENANT, third.id],
    )
    assert.deepEqual(entry, {
      debits: [`held/${ID}`, `held/${ID}`, 'between/basicPool', 'insurer/demo-insurer'],
      amounts: [yuan('1920'), yuan('480'), yuan('1920'), yuan('480')],
    })
    assert.equal(await balance(FUND, 'held/'), 0)
    assert.equal(await balance(FUND, `contract/${ID}/`), amounts.claims)
    await balanced()

    // The next year goes on from the reserve that this one left; this one is closed by it.
    const next = granted(
      await contracts.draftYear(QIAN, key(), { id: ID, year: 2025 }, { cost: 0 }),
    )
    granted(await contracts.decideYear(ZHAO, key(), next.id, confirm))
    const { facts, version } = granted(await contracts.statement(ZHAO, next.id))
    assert.equal(facts.reserveBefore, amounts['reserve-after'])
    assert.equal(version, 2)
    assert.equal(
      refusal(await contracts.draftYear(QIAN, key(), { id: ID, year: 2024 }, said)),
      'later_year_confirmed',
    )
    await balanced()
  })

  test('the database lets nobody confirm their own, whatever a program forgets', async () => {
    await assert.rejects(
      database.query(
        `update contract_years set decided_by = author where tenant_id = $1 and state = 'confirmed'`,
        [TENANT],
      ),
      /check constraint/,
    )
  })
})
