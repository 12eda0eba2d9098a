/**
 * Plays years into a real database, through the services, and compares what is kept with what an office without a
 * database comes to. A process of its own, so that it can be killed: `run.ts` starts it again where it was, and every
 * command is given again with its key.
 */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PlainDate } from '#base/plain-date.ts'
import type { Result } from '#base/result.ts'
import { createEnrolmentService } from '#domains/enrolment/service.ts'
import { createDueService } from '#domains/settlement/due.service.ts'
import type { SchemeBook } from '#domains/settlement/index.ts'
import { createSettlementService, rulesHash } from '#domains/settlement/service.ts'
import { createStatementService } from '#domains/settlement/statements.service.ts'
import type { Actor } from '#platform/actor.ts'
import { type Database, openDatabase, SERVER_ROLE } from '#platform/database.ts'
import { createSecrets } from '#platform/secrets.ts'
import { check } from './books.ts'
import { BOOKS, type Fact, RULES, TODAY, type Year, yearOf } from './facts.ts'
import { type File, Office } from './office.ts'
import { again } from './patience.ts'

const [url = '', first = '1', last = '1'] = process.argv.slice(2)

/** A transaction waits for the disk more than for anybody: so many years are played at once. */
const AT_ONCE = 6
/** Years that concern nobody else share a tenant; a clearing or new rules concern everybody in it. */
const SHARED = 'shared'
const PURPOSE = '购药'

const database = openDatabase(url, { max: 2 * AT_ONCE, role: SERVER_ROLE })
const owner = openDatabase(url, { max: AT_ONCE })
const { settlement, statements, enrolment, due } = openDesk(database)

await again(() =>
  owner.query(
    'create table if not exists told_facts (key text primary key, taken boolean not null)',
  ),
)

let next = Number(first)
await Promise.all(Array.from({ length: AT_ONCE }, playOn))
await Promise.all([database.close(), owner.close()])

async function playOn(): Promise<void> {
  while (next <= Number(last)) {
    const seed = next++
    try {
      await playInto(yearOf(seed))
    } catch (cause) {
      throw new Error(`to see it again: SEED=${seed} SEEDS=1 npm run test:simulation`, { cause })
    }
    process.stdout.write(`${seed}\n`)
  }
}

function openDesk(on: Database) {
  const today = () => TODAY
  const secrets = createSecrets(Buffer.alloc(32, 1))
  const settlement = createSettlementService({
    database: on,
    today,
    allowUndated: () => true,
    secrets,
    books: new Map(RULES.map((files, i) => [rulesHash(files), BOOKS[i] as SchemeBook])),
  })
  return {
    settlement,
    statements: createStatementService({ database: on, settlement }),
    due: createDueService({ database: on, settlement }),
    enrolment: createEnrolmentService({
      database: on,
      today,
      bookOf: async (actor) => (await settlement.rules(actor)).book,
      secrets,
      settlement,
    }),
  }
}

async function playInto({ seed, facts }: Year): Promise<void> {
  const alone = facts.some(({ kind }) => kind === 'clearing' || kind === 'rules')
  const tenant = alone ? `year-${seed}` : SHARED
  const actor: Actor = { tenant, user: '', name: 'handler', role: 'handler' }
  await again(() => prepare(actor))
  const office = new Office()
  for (const [i, fact] of facts.entries()) {
    const { taken } = office.learn(fact)
    const told = await again(() => tellOnce(actor, `${seed} ${i}`, fact))
    assert.equal(told, taken, `fact ${i}, ${fact.kind}, is taken or refused alike`)
  }
  for (const file of office.files.values()) {
    check(file)
    await again(() => compare(actor, file))
  }
}

async function prepare(actor: Actor): Promise<void> {
  const { tenant } = actor
  await owner.query(
    'insert into tenants (id, name, demonstration) values ($1, $1, false) on conflict do nothing',
    [tenant],
  )
  await settlement.ensureRules(tenant, RULES[0], 'the rules of a simulated year')
  const use = { purpose: PURPOSE, from: '2020-01-01' as PlainDate, permitted: true }
  const source = { source: '示例', article: null }
  const admin: Actor = { ...actor, name: 'admin', role: 'admin' }
  const used = await enrolment.accountUse(admin, 'use', { ...use, ...source })
  assert(used.ok, JSON.stringify(used))
}

/**
 * What was answered is noted, and not asked again after a kill: a refusal leaves its key unused, and so does a clearing
 * that found nothing, and either might be taken then, because of what came later.
 */
async function tellOnce(actor: Actor, key: string, fact: Fact): Promise<boolean> {
  const [known] = await owner.query<{ taken: boolean }>(
    'select taken from told_facts where key = $1',
    [key],
  )
  if (known) return known.taken
  const taken = await tell(actor, key, fact)
  await owner.query('insert into told_facts (key, taken) values ($1, $2) on conflict do nothing', [
    key,
    taken,
  ])
  return taken
}

/** Gives one fact to the services. Whether it was taken; given again, it is what it was. */
async function tell(actor: Actor, key: string, fact: Fact): Promise<boolean> {
  const known = await settlement.command(actor, key)
  if (known.ok) return true
  switch (fact.kind) {
    case 'person': {
      const persons = [{ person: fact.person, totals: new Map() }]
      return isTaken(await settlement.addBills(actor, key, { persons, bills: [] }))
    }
    case 'bill': {
      const { bill } = fact
      const upload = { persons: [], bills: [bill] }
      assert(isTaken(await settlement.addBills(actor, `${key} upload`, upload)))
      return isTaken(await settlement.settle(actor, key, bill.id, { steps: false }))
    }
    case 'reversal': {
      const [row] = await owner.query<{ id: string }>(
        `select id from settlements where tenant_id = $1 and bill_id = $2 and state = 'settled'`,
        [actor.tenant, fact.bill],
      )
      return row !== undefined && isTaken(await settlement.reverse(actor, key, row.id, 'reversed'))
    }
    case 'correction': {
      const { bill } = fact
      return isTaken(await statements.correct(actor, key, bill.id, bill, 'corrected'))
    }
    case 'account': {
      const { person, on, amount } = fact
      const asked =
        amount < 0
          ? ({ act: 'use', purpose: PURPOSE, amount: -amount } as const)
          : ({ act: 'credit', purpose: undefined, amount } as const)
      const more = { on, counterpart: undefined, reference: key }
      return isTaken(await enrolment.account(actor, key, person, { ...asked, ...more }))
    }
    case 'clearing': {
      const cleared = await statements.clear(actor, key, {
        from: '2025-01-01',
        until: '2025-12-31',
      })
      assert(cleared.ok || cleared.error.code === 'nothing_to_clear', JSON.stringify(cleared))
      return true
    }
    case 'rules':
      await correctRules(actor, key)
      return true
  }
}

/** Publishes the corrected rules and settles everybody again by them, from wherever it was left. */
async function correctRules(actor: Actor, key: string): Promise<void> {
  const author: Actor = { ...actor, name: 'author', role: 'actuary' }
  const publisher: Actor = { ...actor, name: 'publisher', role: 'admin' }
  if ((await settlement.rules(actor)).version === 1) {
    const { id } = await settlement.addDraft(author, 'corrected', RULES[1])
    const published = await settlement.publishDraft(publisher, `${key} publish`, id, 1)
    assert(published.ok, JSON.stringify(published))
  }
  const [open] = await due.runs(actor)
  if (!open) {
    const opened = await due.openRun(actor, `${key} open`, 'corrected')
    if (!opened.ok) return assert.equal(opened.error.code, 'nobody_to_replay')
  }
  for (;;) {
    await due.workOff()
    const [run] = await due.runs(actor)
    assert(run)
    if (run.state === 'done') return
    if (run.state === 'checked') await due.decideRun(actor, `${key} start`, run.id, 'start')
    else await sleep(10)
  }
}

/** What a refusal says is left to the tests of each; only that there is one counts here. */
function isTaken(answer: Result<unknown, { readonly code: string }>): boolean {
  return answer.ok
}

/** What is kept of a person has to be what the office keeps: settlements, totals, statements and adjustments. */
async function compare({ tenant }: Actor, file: File): Promise<void> {
  const { id } = file.person
  const [person] = await owner.query<{ totals: object; latest: string | null }>(
    'select totals, latest_bill as latest from persons where tenant_id = $1 and id = $2',
    [tenant, id],
  )
  assert(person, `${id} is kept`)
  assert.deepEqual(person.totals, file.totals, `${id}: the running totals`)
  assert.equal(person.latest ?? undefined, file.latest, `${id}: the latest bill`)
  const standing = await owner.query<{ bill: string; kept: object; rules: number }>(
    `select bill_id as bill, result->'settlement' as kept, rules_version as rules from settlements
      where tenant_id = $1 and person_id = $2 and state = 'settled' order by bill_id collate "C"`,
    [tenant, id],
  )
  const stands = [...file.stands.values()]
    .toSorted((a, b) => (a.bill.id < b.bill.id ? -1 : 1))
    .map(({ bill, standing: { kept, rules } }) => ({ bill: bill.id, kept, rules }))
  assert.deepEqual(standing, stands, `${id}: what stands`)
  const adjusted = await owner.query(
    `select a.bill_id as bill, a.kind, a.from_party as "from", a.to_party as "to", a.amount
       from adjustments a join replays r on r.tenant_id = a.tenant_id and r.id = a.replay_id
      where a.tenant_id = $1 and r.person_id = $2`,
    [tenant, id],
  )
  const inOrder = (all: readonly object[]) => all.map((each) => JSON.stringify(each)).toSorted()
  assert.deepEqual(
    inOrder(adjusted),
    inOrder(file.adjustments.map(({ state: _, ...each }) => each)),
    `${id}: supplements and recoveries`,
  )
}
