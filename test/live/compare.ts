import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { groupBy } from '#app/group-by.ts'
import { ColumnFiles } from '#platform/columns.ts'
import { type Client, signIn } from '../crash/client.ts'
import { PASSWORD, startServer } from '../crash/server-process.ts'

const BIN = fileURLToPath(new URL('../../bin/kangyang', import.meta.url))
/** A request holds at most so many persons with their bills: 8 MiB is the most a body may have. */
const PERSONS_AT_ONCE = 500
const CONNECTIONS = 16

type Row = Record<string, unknown>

/**
 * Settles a year of an invented city twice, over HTTP by a running server and as a batch, and compares what every tier
 * paid of every bill, what its patient bears, and each person's sums. Answers with how many bills that were.
 */
export async function compareWithLive(persons: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'kangyang-live-'))
  const run = (...args: string[]) => {
    const { status, stderr } = spawnSync(BIN, args, { cwd: folder, encoding: 'utf8' })
    assert.equal(status, 0, stderr)
  }
  const files = await ColumnFiles.open({ threads: 1, memoryMb: 512, temporary: folder })
  const { server } = await startServer(join(folder, 'server'), { within: 180_000 })
  try {
    run('city', '--persons', String(persons), '--year', '2025', '--seed', '11', '--out', 'city')
    run(
      ...[
        'batch',
        'settle',
        '--bills',
        'city/bills-*.parquet',
        '--persons',
        'city/persons-*.parquet',
      ],
      ...['--out', 'results', '--allow-undated'],
    )
    const client = await signIn(
      server.address,
      { user: 'handler', password: PASSWORD },
      CONNECTIONS,
    )
    const live = new Map<string, { paid: number[]; patient: number }>()
    for (let first = 1; first <= persons; first += PERSONS_AT_ONCE)
      await settleLive(client, files, folder, first, first + PERSONS_AT_ONCE, live)
    client.close()
    const kept = await files.rows(
      `SELECT * FROM read_parquet('${folder}/results/bills/*.parquet', union_by_name = true)`,
    )
    assert.equal(kept.length, live.size)
    const sums = new Map<string, number>()
    for (const row of kept) {
      const bill = live.get(String(row.bill))
      assert(bill, `bill ${row.bill} was settled live`)
      const paid = bill.paid.map((_, t) => Number(row[`paid_${t + 1}`] ?? 0))
      assert.deepEqual({ paid, patient: Number(row.patient) }, bill, `bill ${row.bill}`)
      const person = String(row.person)
      sums.set(person, (sums.get(person) ?? 0) + bill.patient)
    }
    for (const row of await files.rows(`SELECT * FROM '${folder}/results/persons/*.parquet'`))
      assert.equal(Number(row.patient), sums.get(String(row.person)))
    return live.size
  } finally {
    files.close()
    server.kill('SIGTERM')
    await server.exited
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The bills of some persons over HTTP: sent, and then settled one after another for each person. */
async function settleLive(
  client: Client,
  files: ColumnFiles,
  folder: string,
  first: number,
  end: number,
  live: Map<string, { paid: number[]; patient: number }>,
): Promise<void> {
  const some = `WHERE person >= ${first} AND person < ${end}`
  const days = (...names: string[]) =>
    names.map((name) => `CAST("${name}" AS VARCHAR) AS "${name}"`).join(', ')
  const persons = await files.rows(
    `SELECT * REPLACE (${days('born', 'from', 'until')}) FROM '${folder}/city/persons-*.parquet' ${some}`,
  )
  const bills = await files.rows(
    `SELECT * REPLACE (${days('admitted', 'discharged', 'settled')}) FROM '${folder}/city/bills-*.parquet' ${some} ORDER BY settled, admitted, bill`,
  )
  if (bills.length === 0) return
  const body = { amounts: 'fen', persons: persons.map(personOf), bills: bills.map(billOf) }
  const sent = await client.send({
    method: 'POST',
    path: '/api/bills',
    body,
    key: `city from ${first}`,
  })
  assert.equal(sent.status, 201, JSON.stringify(sent.body))
  const ofPerson = groupBy(bills, ({ person }) => String(person))
  const waiting = [...ofPerson.values()]
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      for (let next = waiting.pop(); next; next = waiting.pop())
        for (const { bill } of next) live.set(String(bill), await settleOne(client, String(bill)))
    }),
  )
}

async function settleOne(client: Client, bill: string) {
  const { status, body } = await client.send({
    method: 'POST',
    path: '/api/settlements',
    body: { bill, steps: false },
    key: `settle ${bill}`,
  })
  assert.equal(status, 201, JSON.stringify(body))
  const { settlement } = body as {
    settlement: { tiers: { paid: number }[]; patient: number }
  }
  return { paid: settlement.tiers.map(({ paid }) => paid), patient: settlement.patient }
}

const personOf = (row: Row) => ({
  id: String(row.person),
  born: row.born,
  attributes: [
    {
      from: '1900-01-01',
      answers: { sex: row.sex, category: row.category, civilServant: row.civilServant },
    },
  ],
  covers: [
    {
      scheme: row.scheme,
      from: row.from,
      ...(row.until === null ? {} : { until: row.until }),
      answers: { class: row.class },
    },
  ],
})

const PARTS = ['inScope', 'upfront', 'overLimit', 'outOfScope', 'specialDrug']

const billOf = (row: Row) => ({
  id: String(row.bill),
  person: String(row.person),
  admitted: row.admitted,
  discharged: row.discharged,
  settled: row.settled,
  answers: {
    medical: row.medical,
    level: row.level,
    ...(row.disease === null ? {} : { disease: row.disease }),
  },
  parts: Object.fromEntries(PARTS.map((name) => [name, row[name]])),
})
