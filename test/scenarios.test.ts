/**
 * Scenarios on a real PostgreSQL: a year of the database and an invented city under a draft, by the page's own way; that
 * it comes to what the command comes to on the same files; what a kill, a stop and a cancel leave; and whose they are.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { readDraftOn } from '#app/whatif-parameters.ts'
import { createWhatifRunner } from '#app/whatif-runner.ts'
import { plainDate } from '#base/plain-date.ts'
import type { Result } from '#base/result.ts'
import { createEnrolmentService } from '#domains/enrolment/service.ts'
import type { ScenarioContent, Whatif } from '#domains/pricing/index.ts'
import {
  createScenarioService,
  type Runner,
  type ScenarioService,
} from '#domains/pricing/service.ts'
import { createSettlementService, type SettlementService } from '#domains/settlement/service.ts'
import type { Actor, Role } from '#platform/actor.ts'
import { ColumnFiles } from '#platform/columns.ts'
import type { Database } from '#platform/database.ts'
import { createSecrets } from '#platform/secrets.ts'
import { pick, seeded } from './chance.ts'
import { migratedDatabase } from './crash/database.ts'
import { readUpload, SCHEME_FILES, teachingUpload } from './crash/teaching.ts'
import { PLAIN, PRODUCT } from './invented-product.ts'

const BIN = fileURLToPath(new URL('../bin/kangyang', import.meta.url))
const who = (name: string, role: Role, tenant = 'city'): Actor => ({
  tenant,
  user: name,
  name,
  role,
})
const [HE, MA] = [who('he', 'actuary'), who('ma', 'actuary')]
const [ZHAO, LIN] = [who('zhao', 'supervisor'), who('lin', 'handler')]
const STRANGER = who('he', 'actuary', 'other')

function granted<T>(done: Result<T, { readonly code: string }>): T {
  assert(done.ok, done.ok ? '' : JSON.stringify(done.error))
  return done.value
}
const refusal = (done: Result<unknown, { readonly code: string }>): string =>
  done.ok ? 'granted' : done.error.code

let keys = 0
const key = () => `key ${keys++}`

const FILE = 'teaching/shifan/employee-inpatient.tier.yaml'
/** The employees' deductible at primary hospitals, as a draft has it. */
const draft = (
  value: string,
  more = '',
) => `title: { zh: 职工住院起付线, en: Employees' deductible }
${more}changes:
  - file: ${FILE}
    at: [rate, bands, 2024-01-01, value]
    set: ${value}
`
const content = (
  name: string,
  text: string,
  data: ScenarioContent['data'] = { kind: 'own', year: 2025 },
  assumptions: ScenarioContent['assumptions'] = {},
): ScenarioContent => ({ name, draft: text, data, assumptions })

const CITY = {
  kind: 'city',
  place: 'teaching/shifan',
  persons: 1_500,
  year: 2025,
  seed: 3,
} as const

/** The only one of a scheme of residents. */
const RESIDENT = {
  id: 'r-0',
  born: '1990-01-01',
  covers: [
    { scheme: 'teaching/shifan/resident', from: '2018-01-01', answers: { class: '成年居民' } },
  ],
}
const RESIDENTS_BILL = {
  ...{ id: 'r-0-0', person: 'r-0', admitted: '2025-03-01', discharged: '2025-03-09' },
  settled: '2025-03-09',
  answers: { medical: '住院', level: '三级' },
  parts: { total: '9000.00', inScope: '9000.00' },
}

describe('scenarios', { timeout: 600_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'kangyang-scenarios-'))
  let database: Database
  let close: () => Promise<void>
  let settlement: SettlementService
  let scenarios: ScenarioService
  /** Every folder of a run as it was when the run was over, before it was taken away. */
  const kept = join(folder, 'kept')

  const serviceWith = (change: (runner: Runner) => Runner = (runner) => runner) =>
    createScenarioService({
      database,
      runner: change(
        createWhatifRunner({ database, folder: join(folder, 'runs'), allowUndated: () => true }),
      ),
      rulesOf: settlement.rulesFor,
      readDraft: readDraftOn,
    })

  before(async () => {
    const opened = await migratedDatabase({ max: 6 })
    database = opened.database
    close = opened.close
    await database.query(
      `insert into tenants (id, name) values ('city', '示例市'), ('other', '另一市')`,
    )
    const secrets = createSecrets(Buffer.alloc(32, 1))
    settlement = createSettlementService({
      database,
      today: () => plainDate('2026-03-02'),
      allowUndated: () => true,
      secrets,
    })
    for (const tenant of ['city', 'other'])
      await settlement.ensureRules(tenant, SCHEME_FILES, 'test')
    scenarios = serviceWith((runner) => ({
      ...runner,
      async forget(run) {
        const own = join(folder, 'runs', run)
        if (existsSync(own)) {
          assert.equal(statSync(own).mode & 0o777, 0o700, 'nobody else reads it')
          cpSync(own, join(kept, run), { recursive: true })
        }
        await runner.forget(run)
      },
    }))
    const random = seeded(5)
    const employees = teachingUpload('e', { persons: 60, billsEach: 4 }, random)
    const upload = readUpload({
      ...employees,
      persons: [...employees.persons, RESIDENT],
      bills: [...employees.bills, RESIDENTS_BILL],
    })
    granted(await settlement.addBills(LIN, key(), upload))
    // In no order of their days, so that later ones are settled again.
    const waiting = upload.bills.map(({ id }) => id)
    while (waiting.length > 0) {
      const bill = pick(random, waiting)
      waiting.splice(waiting.indexOf(bill), 1)
      granted(await settlement.settle(LIN, key(), bill))
    }
    // Credits in the middle of the year: bills after them draw more, and are settled again.
    const today = () => plainDate('2026-03-02')
    const bookOf = async (actor: Actor) => (await settlement.rules(actor)).book
    const enrolment = createEnrolmentService({ database, today, bookOf, secrets, settlement })
    for (let i = 0; i < 24; i += 2)
      granted(
        await enrolment.family(LIN, key(), {
          ...{ owner: `e-${i}`, member: `e-${i + 1}`, relation: 'spouse' },
          ...{ from: plainDate('2025-01-01'), until: null },
        }),
      )
    for (let i = 0; i < 60; i += 3)
      granted(
        await enrolment.account(LIN, key(), `e-${i}`, {
          ...{ act: 'credit', amount: 300_00 + i, on: plainDate('2025-03-15') },
          ...{ purpose: undefined, counterpart: undefined, reference: '虚构' },
        }),
      )
  })
  after(async () => {
    await close?.()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Keeps a scenario, has it run, and answers with the run. */
  async function carriedOut(one: ScenarioContent, service = scenarios, actor = HE) {
    const { id } = granted(await service.create(actor, key(), one))
    const { id: run } = granted(await service.run(actor, key(), id))
    assert.equal(await service.workOff(), 1)
    return { ...granted(await service.runOf(actor, id, run)), id, run }
  }

  test('a year of the database: the baseline is to the fen what was settled, accounts and late bills and all', async () => {
    const { id, run, state, report, settled, fault, rules } = await carriedOut(
      content('职工报销比例', draft('50%')),
    )
    assert.equal(state, 'done', JSON.stringify(fault))
    assert.equal(rules, 1)
    assert(report?.comparison)
    const { paid, patient, bills } = report.comparison
    const [row] = await database.query<{ total: number; patient: number; bills: number }>(
      `select sum(total)::bigint as total, sum(patient)::bigint as patient, count(*) as bills from settlements
        where tenant_id = 'city' and state = 'settled'`,
    )
    assert(row)
    assert.deepEqual(settled, {
      persons: 61,
      bills: 241,
      together: 24,
      amounts: { paid: row.total - row.patient, patient: row.patient },
    })
    assert.deepEqual([bills.before, patient.before], [row.bills, row.patient])
    assert.equal(paid.before, row.total - row.patient)
    assert(patient.after > patient.before)
    assert.equal(paid.after + patient.after, row.total)
    // Bill by bill, whichever way it was settled; both ways are there.
    const files = await ColumnFiles.open({ threads: 1, memoryMb: 256, temporary: folder })
    const read = (...path: string[]) => `read_parquet('${join(kept, run, ...path)}')`
    const again = await files.rows(`SELECT d.known AS bill, b.patient::DOUBLE AS patient
      FROM ${read('out', 'before', 'bills', '*.parquet')} b
      JOIN ${read('data', 'bills-*.parquet')} d USING (bill) ORDER BY 1`)
    const live = await database.query<{ bill: string; patient: number }>(
      `select bill_id as bill, patient from settlements where tenant_id = 'city' and state = 'settled' order by bill_id collate "C"`,
    )
    assert.deepEqual(again, live)
    const [way] = await files.rows(
      `SELECT count(kept)::DOUBLE AS apart, count(*)::DOUBLE AS bills FROM ${read('data', 'bills-*.parquet')}`,
    )
    files.close()
    assert(
      way && Number(way.apart) > 0 && Number(way.apart) < Number(way.bills),
      JSON.stringify(way),
    )
    // The report names nobody, and nothing of the year is left on the disk.
    const [all] = await database.query<{ all: string }>(
      'select concat(report::text, settled::text, content::text) as all from scenario_runs',
    )
    assert.doesNotMatch(all?.all ?? '', /\be-\d/)
    assert.deepEqual(readdirSync(join(folder, 'runs')), [])
    assert.equal(
      granted(await scenarios.paper(HE, id, run))
        .subarray(0, 5)
        .toString(),
      '%PDF-',
    )
  })

  test('of a year of the database a premium is asked, households are told, and the source of what they can pay', async () => {
    const asked = { scheme: PLAIN, takeUp: 400_000, selection: 2_000, lossRatio: 900_000 }
    // One that pays many of so few persons, whichever way they are settled.
    const product = PRODUCT.replace('8000元', '100元')
    const { report, settled, fault } = await carriedOut(
      content('本地定价', `${product}${draft('50%').split('\n').slice(1).join('\n')}`, undefined, {
        ...{ capacity: 100_00, capacitySource: '虚构的统计', premium: asked },
      }),
    )
    assert(report?.premium && report.comparison?.catastrophic, JSON.stringify(fault))
    assert.equal(report.premium.persons, 61)
    assert(report.premium.claimants >= 10 && report.premium.claims > 0)
    assert.equal(report.capacitySource, '虚构的统计')
    // Twelve couples share an account; the others are taken to live alone.
    assert.equal(settled?.together, 24)
    assert.equal(report.comparison.catastrophic.households, 61 - 12)
  })

  test('the command comes to the same hash on the same files', async () => {
    const { run, report } = await carriedOut(
      content('再算一次', PRODUCT, CITY, {
        capacity: 12_000_00,
        elasticity: 200,
        premium: { scheme: PLAIN, takeUp: 400_000, selection: 2_500, lossRatio: 850_000 },
      }),
    )
    const own = join(kept, run)
    const out = join(folder, 'by-command')
    const args = [
      'whatif',
      join(own, 'draft.yaml'),
      '--schemes',
      join(own, 'schemes'),
      '--out',
      out,
    ]
    args.push('--bills', join(own, 'data', 'bills-*.parquet'), '--allow-undated')
    args.push('--persons', join(own, 'data', 'persons-*.parquet'), '--workers', '2')
    args.push('--premium', PLAIN, '--take-up', '40%', '--selection', '2.5', '--loss-ratio', '85%')
    execFileSync(BIN, [...args, '--capacity', '12000', '--elasticity', '0.2'])
    const again = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as Whatif
    assert.deepEqual(again, report)
    assert(report?.comparison?.catastrophic && report.comparison.induced && report.premium)
  })

  test('what concerns fewer than ten persons is in nothing that comes back', async () => {
    const { report, id, run } = await carriedOut(content('少数人', draft('52%'), CITY))
    assert(report?.comparison)
    const { groups, funds } = report.comparison
    const hidden = [...groups.flatMap(({ rows }) => rows), ...funds].filter(
      (row) => 'hidden' in row,
    )
    assert(hidden.length > 0, 'of 1,500 persons some rows are of a few')
    for (const { rows } of groups)
      for (const row of rows) {
        if ('hidden' in row) continue
        assert(row.persons === 0 || row.persons >= 10)
        for (const count of [row.gain, row.lose])
          assert(count === null || count === 0 || count >= 10)
      }
    assert.match(granted(await scenarios.paper(HE, id, run)).toString('latin1'), /^%PDF-/)
    // A rule that touches one of 61: the totals alone would tell of them, so there is no report at all.
    const few = draft('90%').replace('employee-inpatient', 'resident-inpatient')
    const none = await carriedOut(content('只涉及一个人', few))
    assert.equal(none.state, 'failed')
    assert.match(none.fault?.en ?? '', /fewer than 10 persons/)
    assert.equal(none.report, null)
    const empty = await carriedOut(content('没有账单', draft('50%'), { kind: 'own', year: 2024 }))
    assert.match(empty.fault?.en ?? '', /no bill was settled in 2024/)
  })

  test('a value is looked for, and a fan shows what each comes to', async () => {
    const unknown = draft('$x%', 'unknown: { from: 40, to: 90, step: 25 }\n')
    const fan = await carriedOut(content('扇形', unknown, CITY))
    assert.deepEqual(
      fan.report?.fan?.map(({ x }) => x),
      [40, 65, 90],
    )
    const [low, , high] = fan.report?.fan ?? []
    assert(low && high && 'paid' in low && 'paid' in high && high.paid > low.paid)
    const tier = FILE.replace('.tier.yaml', '')
    const keep = { tier, most: 9_000_000_000_000 }
    const solved = await carriedOut(content('求解', unknown, CITY, { keep }))
    assert.deepEqual(solved.report?.kept, { ...keep, best: 90 })
    assert(solved.report.comparison)
  })

  test('a draft that does not hold is refused before it waits, with its line; files of the server are not read', async () => {
    const nowhere = granted(
      await scenarios.create(HE, key(), content('无处', draft('50%').replace('bands', 'band'))),
    )
    const done = await scenarios.run(HE, key(), nowhere.id)
    assert(!done.ok && done.error.code === 'draft_refused')
    assert.equal(done.error.line, 4)
    assert.match(done.error.en, /nothing at \[rate, band\]; there: axis, over, bands/)
    assert.match(done.error.zh, /没有 \[rate, band\]；那里有：axis、over、bands/)
    const reads = `title: { zh: 读文件, en: Reads }\nfiles: { teaching/shifan/x.tier.yaml: ./package.json }\n`
    const read = await scenarios.check(HE, reads)
    assert(!read.ok && read.error.code === 'draft_refused')
    assert.match(read.error.en, /a draft on a page reads no file/)
    assert.match(read.error.zh, /页面上的草案不读取文件/)
    assert.equal(refusal(await scenarios.check(HE, 'title: [')), 'draft_refused')
    assert.deepEqual(granted(await scenarios.check(HE, draft('50%'))).changes, 1)
  })

  test('a server that is killed in the middle is gone on from where it was, and its persons stay nowhere', async () => {
    const one = content('中断', draft('$x%', 'unknown: { from: 40, to: 60, step: 10 }\n'))
    const { id } = granted(await scenarios.create(HE, key(), one))
    const { id: run } = granted(await scenarios.run(HE, key(), id))
    // The first server stops once two values are done; what a kill leaves is the same, with a lease that runs out.
    const first = serviceWith()
    const working = first.workOff()
    const out = join(folder, 'runs', run, 'out')
    while (!existsSync(join(out, 'x-50.json'))) await sleep(20)
    await first.stop()
    await working
    assert.equal(granted(await scenarios.runOf(HE, id, run)).state, 'running')
    const settledBefore = statSync(join(out, 'x-40.json')).mtimeMs
    let again = 0
    const second = serviceWith((runner) => ({
      ...runner,
      async forget(gone) {
        again = statSync(join(out, 'x-40.json')).mtimeMs
        await runner.forget(gone)
      },
    }))
    assert.equal(await second.workOff(), 1)
    const { state, report } = granted(await second.runOf(HE, id, run))
    assert.equal(state, 'done')
    assert.equal(again, settledBefore, 'what was settled is not settled again')
    const whole = await carriedOut(one)
    assert.equal(report?.hash, whole.report?.hash)
    assert.deepEqual(readdirSync(join(folder, 'runs')), [])
  })

  test('a run that is cancelled ends at once, and leaves nothing', async () => {
    const one = content('取消', draft('50%'), { ...CITY, persons: 20_000 })
    const { id } = granted(await scenarios.create(HE, key(), one))
    const { id: run } = granted(await scenarios.run(HE, key(), id))
    assert.equal(refusal(await scenarios.run(HE, key(), id)), 'scenario_run_open')
    const service = serviceWith()
    const working = service.workOff()
    while (!existsSync(join(folder, 'runs', run, 'job.json'))) await sleep(20)
    await sleep(300)
    // Asked of another server: the one at work learns of it when it next says that it is there.
    assert.equal(refusal(await scenarios.cancel(ZHAO, key(), id, run)), 'unknown_scenario')
    granted(await scenarios.cancel(HE, key(), id, run))
    await working
    assert.equal(granted(await service.runOf(HE, id, run)).state, 'cancelled')
    assert.equal(refusal(await scenarios.cancel(HE, key(), id, run)), 'scenario_run_over')
    assert.deepEqual(readdirSync(join(folder, 'runs')), [])
  })

  test('a scenario is its owner’s; shared, others read and copy it; of another tenant it is not there', async () => {
    const { id } = granted(await scenarios.create(HE, key(), content('我的', draft('50%'))))
    for (const other of [MA, ZHAO, STRANGER]) {
      assert.equal(refusal(await scenarios.one(other, id)), 'unknown_scenario')
      assert(!(await scenarios.list(other)).some((each) => each.id === id))
    }
    granted(
      await scenarios.change(HE, key(), id, { ...content('共享的', draft('51%')), shared: true }),
    )
    for (const other of [MA, ZHAO]) {
      const seen = granted(await scenarios.one(other, id))
      assert.deepEqual([seen.name, seen.mine, seen.version], ['共享的', false, 2])
    }
    assert.equal(refusal(await scenarios.one(STRANGER, id)), 'unknown_scenario')
    const change = { ...content('改', draft('51%')), shared: false }
    assert.equal(refusal(await scenarios.change(MA, key(), id, change)), 'not_your_scenario')
    assert.equal(refusal(await scenarios.run(MA, key(), id)), 'not_your_scenario')
    assert.equal(refusal(await scenarios.remove(MA, key(), id)), 'not_your_scenario')
    const copy = granted(await scenarios.copy(MA, key(), id, '我的一份'))
    const own = granted(await scenarios.one(MA, copy.id))
    assert.deepEqual([own.mine, own.shared, own.draft], [true, false, draft('51%')])
    granted(await scenarios.remove(HE, key(), id))
    assert.equal(refusal(await scenarios.one(HE, id)), 'unknown_scenario')
  })
})
