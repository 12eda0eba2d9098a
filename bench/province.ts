/**
 * Nine months of a province's critical-illness book: everybody insured, their bills settled, posted, paid and reported.
 *
 *     npm run bench:province               100,000 insured
 *     npm run bench:province -- 23790000   a province
 *
 * The bills are settled by the very service that a server settles with, several at once, and paid month by month: gathered,
 * released by a second person, sent, answered by the bank. BENCH_FOLDER names a folder that is kept: persons that
 * `bench:persons` loaded there are taken as they are, and a run that was broken off goes on where it was. The report is a
 * PDF in that folder, or where BENCH_REPORT says.
 */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { todayInChina } from '#app/clock.ts'
import { groupBy } from '#app/group-by.ts'
import { readWorkingDays } from '#app/working-days.ts'
import { addDays, plainDate } from '#base/plain-date.ts'
import type { Result } from '#base/result.ts'
import { createLedgerService } from '#domains/ledger/service.ts'
import { pain001 } from '#domains/payments/index.ts'
import { createPaymentService } from '#domains/payments/service.ts'
import { placeOf } from '#domains/settlement/replay.ts'
import { createSettlementService } from '#domains/settlement/service.ts'
import type { Actor, Role } from '#platform/actor.ts'
import { type Database, openDatabase } from '#platform/database.ts'
import { databaseOf, startServer, TENANT } from '../test/crash/server-process.ts'
import { DATA_KEY, SECRETS } from './enrolled.ts'
import { load, loadedIn } from './load-persons.ts'
import { describeMachine } from './machine.ts'
import {
  billOf,
  drawBills,
  hospitals,
  MONTHS,
  type MonthOfBills,
  OWN_BILLS,
  timesFor,
} from './province-bills.ts'
import { monthsOf, type ProvinceBook, printProvince } from './province-paper.ts'
import { watch } from './resources.ts'

/** 2021, the first three quarters: 1,404,400 payments to 23,791,900 insured. Source: the article of the insurer, see the report. */
const SHARE_PAID = 1_404_400 / 23_791_900
const INSURED = Number(process.argv[2] ?? 100_000)
const CALIBRATED_ON = 500_000
const UPLOAD = 2_000
const AT_ONCE = 96
const WITHIN_MS = 600_000
/** What is owed to one of the province's hospitals, or under way; the demonstration has others. */
const OWN_HOSPITAL = /^(owed|paying)\/institution\/H\d{4}$/
const who = (name: string, role: Role): Actor => ({ tenant: TENANT, user: name, name, role })
const HANDLER = who('handler', 'handler')
const CASHIER = who('cashier', 'cashier')
const CASHIER_2 = who('cashier2', 'cashier')

const thousands = (n: number): string => Math.round(n).toLocaleString('en-US')
const seconds = (since: number): number => (performance.now() - since) / 1_000

function granted<T>(done: Result<T, { readonly code: string }>): T {
  assert(done.ok, done.ok ? '' : JSON.stringify(done.error))
  return done.value
}

/** How long each stage took, over however many runs it took to get to the end; kept beside the data. */
type Progress = {
  times?: number
  /** Months that are settled and paid. */
  months: number
  /** Uploads of the month under way that are settled. */
  uploads: number
  readonly stages: Record<string, number>
}

process.env.KANGYANG_DATA_KEY = DATA_KEY.toString('hex')
const kept = process.env.BENCH_FOLDER
const folder = kept ?? mkdtempSync(join(tmpdir(), 'kangyang-province-'))
const { server } = await startServer(folder, { within: WITHIN_MS })
const progressFile = join(folder, `province-${INSURED}.json`)
const progress: Progress = existsSync(progressFile)
  ? JSON.parse(readFileSync(progressFile, 'utf8'))
  : { months: 0, uploads: 0, stages: {} }
const keep = (): void => writeFileSync(progressFile, JSON.stringify(progress))

/** Does a piece of a stage, and adds its time to that of the stage. */
async function stage<T>(name: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now()
  const done = await work()
  progress.stages[name] = (progress.stages[name] ?? 0) + seconds(began)
  return done
}

const database = openDatabase(databaseOf(folder).url, { max: 12 })
const today = todayInChina
const shared = { database, today, secrets: SECRETS }
const settlement = createSettlementService({ ...shared, allowUndated: () => true })
const payments = createPaymentService({ ...shared, workingDays: readWorkingDays() })

// --- settling ------------------------------------------------------------------------------------

/** Adds and settles the bills of a month, upload by upload; a broken run begins with the upload that it was at. */
async function settleMonth(month: number, drawn: MonthOfBills, times: number): Promise<void> {
  const uploads = Math.ceil(drawn.count / UPLOAD)
  const began = performance.now()
  const first = progress.uploads
  for (let upload = first; upload < uploads; upload++) {
    const from = upload * UPLOAD
    const count = Math.min(UPLOAD, drawn.count - from)
    const bills = Array.from({ length: count }, (_, i) => billOf(month, drawn, from + i, times))
    const added = await settlement.addBills(HANDLER, `province ${month} ${upload}`, {
      persons: [],
      bills,
    })
    granted(added)
    // The bills of one person wait for one another: one that came late would have all of theirs settled again.
    const waiting = groupBy(bills, ({ person }) => person).values()
    const worker = async () => {
      for (const own of waiting)
        for (const { id } of own.toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1)))
          granted(await settlement.settle(HANDLER, `province ${id}`, id, { steps: false }))
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
    progress.uploads = upload + 1
    keep()
    if ((upload + 1) % 50 === 0) {
      const done = (upload + 1 - first) * UPLOAD
      const rate = done / seconds(began)
      console.log(
        `  month ${month + 1}: ${thousands(from + count)} of ${thousands(drawn.count)} bills, ${thousands(rate)}/s, ${thousands((drawn.count - from - count) / rate)} s left of the month`,
      )
    }
  }
}

// --- paying --------------------------------------------------------------------------------------

/** Hospitals are institutions with an account at a bank, and so is every fund that owes them. */
async function openAccounts(): Promise<void> {
  await database.query(
    `insert into institutions (tenant_id, id, name, kind)
     select $1, g, '示例医院 ' || g, 'hospital' from unnest($2::text[]) g on conflict do nothing`,
    [TENANT, hospitals()],
  )
  const { left } = await payments.preview(CASHIER, { until: today(), payOn: addDays(today(), 30) })
  const funds = left.filter(({ why }) => why !== 'below_zero').map(({ fund }) => fund)
  const holders = [
    ...[...new Set(funds)].map((fund) => ['fund', fund] as const),
    ...hospitals().map((hospital) => ['institution', hospital] as const),
  ]
  for (const [i, [holder, holderId]] of holders.entries())
    granted(
      await payments.addAccount(HANDLER, `account ${holder} ${holderId}`, {
        holder,
        holderId,
        from: plainDate('2020-01-01'),
        kind: 'account',
        name: `${holderId} 户`,
        number: `2001${String(i).padStart(10, '0')}`,
        bankCode: '999000000006',
        bankName: '示例银行',
        document: '示例登记表',
        ...(holder === 'fund' ? { answerDays: 2 } : {}),
      }),
    )
}

/** What is owed by now, to the hospitals: one makes the run, another releases it, the bank pays all of it. */
async function payMonth(month: number): Promise<{ orders: number; amount: number }> {
  const name = `province month ${month}`
  const asked = { until: today(), payOn: addDays(today(), 30) }
  const { id } = granted(await payments.make(CASHIER, `${name} make`, asked))
  granted(await payments.submit(CASHIER, `${name} submit`, id))
  const { sums } = granted(await payments.batch(CASHIER, id, 0))
  const drafted = sums.find(({ state }) => state === 'drafted') ?? { orders: 0, amount: 0 }
  const seen = { orders: drafted.orders, amount: drafted.amount }
  granted(await payments.release(CASHIER_2, `${name} release`, id, seen))
  const message = granted(await payments.message(CASHIER, id))
  writeFileSync(join(folder, `pain001-${month + 1}.xml`), pain001(message))
  granted(await payments.send(CASHIER, `${name} send`, id))
  const rows = message.funds.flatMap(({ orders }) =>
    orders.map(({ endToEnd, amount }) => `${endToEnd},settled,${(amount / 100).toFixed(2)},`),
  )
  const text = ['end_to_end_id,status,amount,reason', ...rows].join('\n')
  const taken = granted(
    await payments.takeIn(CASHIER, `${name} answers`, { name: `${name}.csv`, text }),
  )
  assert.equal(taken.moved, seen.orders, 'the bank has paid every order')
  granted(await payments.close(CASHIER, `${name} close`, id))
  return seen
}

// --- the end -------------------------------------------------------------------------------------

/** Funds balance, nothing is owed any more, and bills, payers and patients add up. */
async function reconcile(database: Database, drawn: readonly MonthOfBills[]): Promise<void> {
  const trial = await createLedgerService({ database }).trial(HANDLER, plainDate('9999-12-31'))
  for (const { fund, debit, credit, accounts } of trial.funds) {
    assert.equal(debit, credit, `${fund} balances`)
    for (const { account, balance } of accounts)
      if (OWN_HOSPITAL.test(account)) assert.equal(balance, 0, `${fund} ${account}`)
  }
  const [counted] = await database.query<{ n: number }>(
    `select count(*) as n from settlements where tenant_id = $1 and state = 'settled' and bill_id like $2`,
    [TENANT, OWN_BILLS],
  )
  const all = drawn.reduce((sum, { count }) => sum + count, 0)
  assert.equal(Number(counted?.n), all, 'every bill is settled once')
}

try {
  console.log(describeMachine())
  const used = watch(server.pid)
  const own = watch()
  const loaded = await loadedIn(database)
  if (loaded < INSURED) {
    await stage('load', () => load(database, loaded, INSURED))
    console.log(`${thousands(INSURED)} insured, ${thousands(progress.stages.load ?? 0)} s`)
  }
  const drawn = await stage('draw', async () => drawBills(INSURED, () => {}))
  const all = drawn.reduce((sum, { count }) => sum + count, 0)
  progress.times ??= await stage('calibrate', async () =>
    timesFor(drawn, Math.min(INSURED, CALIBRATED_ON), SHARE_PAID),
  )
  const { times } = progress
  keep()
  console.log(`${thousands(all)} bills of nine months, ${times} times as dear as drawn`)
  for (let month = progress.months; month < MONTHS; month++) {
    const bills = drawn[month]
    assert(bills)
    const began = performance.now()
    await stage('settle', () => settleMonth(month, bills, times))
    const settled = seconds(began)
    if (month === 0) await openAccounts()
    const { orders, amount } = await stage('pay', () => payMonth(month))
    progress.months = month + 1
    progress.uploads = 0
    keep()
    console.log(
      `month ${month + 1}: ${thousands(bills.count)} bills settled in ${settled.toFixed(0)} s (${thousands(bills.count / settled)}/s), ${thousands(orders)} orders of ${thousands(amount / 100)} yuan paid in ${(seconds(began) - settled).toFixed(0)} s`,
    )
  }
  await stage('reconcile', () => reconcile(database, drawn))
  const months = await stage('report', () => monthsOf(database))
  const [disk] = await database.query<{ bytes: number }>(
    'select pg_database_size(current_database()) as bytes',
  )
  const book: ProvinceBook = {
    machine: describeMachine(),
    insured: INSURED,
    bills: all,
    times,
    months,
    stages: progress.stages,
    diskBytes: Number(disk?.bytes ?? 0),
    programMiB: own.end()?.programMiB,
    databaseMiB: used.end()?.databaseMiB,
    rules: (await settlement.rules(HANDLER)).hash,
  }
  const report = process.env.BENCH_REPORT ?? join(folder, 'province.pdf')
  writeFileSync(report, await printProvince(book))
  keep()
  const critical = months.reduce((sum, month) => sum + month.critical, 0)
  const paid = months.reduce((sum, month) => sum + month.criticalPaid, 0)
  console.log(
    `${thousands(critical)} person-times reach a critical-illness payment (${((critical / INSURED) * 100).toFixed(2)} % of the insured; wanted ${(SHARE_PAID * 100).toFixed(2)} %), ${thousands(paid / 100 / critical)} yuan on average`,
  )
  for (const [name, took] of Object.entries(progress.stages))
    console.log(`  ${name}: ${took.toFixed(1)} s`)
  console.log(
    `  on disk ${(book.diskBytes / 2 ** 30).toFixed(2)} GiB; memory at most: program ${Math.round(book.programMiB ?? 0)} MiB, database ${Math.round(book.databaseMiB ?? 0)} MiB`,
  )
  console.log(`  report: ${report}`)
} finally {
  await database.close()
  server.kill('SIGTERM')
  await server.exited
  await sleep(0)
  if (kept === undefined) rmSync(folder, { recursive: true, force: true })
}
