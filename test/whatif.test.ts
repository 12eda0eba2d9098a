/** `kangyang whatif` as an actuary meets it: an invented town, a draft of its rules, and what differs. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { FundRow, Whatif } from '#domains/pricing/index.ts'
import { ColumnFiles } from '#platform/columns.ts'

import { PLAIN, PRODUCT } from './invented-product.ts'

const BIN = fileURLToPath(new URL('../bin/kangyang', import.meta.url))
const FOLDER = mkdtempSync(join(tmpdir(), 'kangyang-whatif-'))
after(() => rmSync(FOLDER, { recursive: true, force: true }))
const ROOT = fileURLToPath(new URL('../schemes', import.meta.url))
for (const name of ['attributes.yaml', 'exclusions.yaml', 'teaching'])
  cpSync(join(ROOT, name), join(FOLDER, 'schemes', name), { recursive: true })

const run = (...args: string[]) => spawnSync(BIN, args, { cwd: FOLDER, encoding: 'utf8' })
const made = run(
  ...['city', '--persons', '6000', '--year', '2025', '--seed', '7', '--schemes', 'schemes'],
  ...['--out', 'city'],
)
assert.equal(made.status, 0, made.stderr)

const whatif = (out: string, drafts: readonly string[], ...more: string[]) =>
  run(
    ...['whatif', ...drafts, '--schemes', 'schemes', '--bills', 'city/bills-*.parquet'],
    ...['--persons', 'city/persons-*.parquet', '--out', out, '--lang', 'en'],
    ...(more.includes('--workers') ? [] : ['--workers', '1']),
    ...more,
  )
const reportOf = (out: string) =>
  JSON.parse(readFileSync(join(FOLDER, out, 'report.json'), 'utf8')) as Whatif

/** A draft of the deductible of adults at tertiary hospitals, which is 900 yuan from 2025 on. */
function draft(name: string, deductible: string, more = ''): string {
  const text = `title: { zh: 三级医院起付线, en: Deductible at tertiary hospitals }
${more}changes:
  - file: teaching/shifan/resident-inpatient.tier.yaml
    at: [deductible, amount, 2025-01-01, value, by class, 成年居民, by level, 三级]
    set: ${deductible}
`
  writeFileSync(join(FOLDER, `${name}.yaml`), text)
  return `${name}.yaml`
}

const isTold = (fund: FundRow) => 'before' in fund
const INPATIENT = 'teaching/shifan/resident-inpatient'
const RAISED = draft('raised', '1500元')

test('a higher deductible moves cost from the fund to adults, and every table adds up to all of it', () => {
  const { status, stdout, stderr } = whatif('raised', [RAISED], '--capacity', '12000')
  assert.equal(status, 0, stderr)
  assert.match(stdout, /What if: Deductible at tertiary hospitals, against: The rules as they are/)
  const { comparison } = reportOf('raised')
  assert(comparison?.catastrophic)
  assert.equal(comparison.induced, undefined)
  const { paid, patient, bills, groups, lorenz, catastrophic } = comparison
  const funds = comparison.funds.filter(isTold)
  assert(lorenz)
  const moved = ({ before, after }: { before: number; after: number }) => after - before
  assert(moved(patient) > 0)
  assert.equal(moved(paid), -moved(patient))
  assert.deepEqual([bills.before, bills.after], [bills.before, bills.before])
  const inpatient = funds.find(({ tier }) => tier === INPATIENT)
  assert(inpatient && moved(inpatient) < 0)
  for (const { by, rows } of groups) {
    const shown = rows.filter((row) => 'persons' in row)
    const sum = shown.reduce((total, row) => total + moved(row), 0)
    if (shown.length === rows.length) assert.equal(sum, moved(patient), by)
    for (const row of shown) assert(row.persons >= 10 || row.persons === 0)
  }
  const adults = groups[0]?.rows.find(({ group }) => group === '成年居民')
  assert(adults && 'lose' in adults)
  assert.equal(moved(adults), moved(patient))
  for (const tenths of Object.values(lorenz))
    assert(Math.abs(tenths.reduce((sum, share) => sum + share, 0) - 1) < 1e-5)
  const { before: was, after: is, entering, leaving } = catastrophic
  if (was !== null && is !== null && entering !== null && leaving !== null)
    assert.equal(is, was + entering - leaving)
  assert.equal(readFileSync(join(FOLDER, 'raised/report.pdf')).subarray(0, 5).toString(), '%PDF-')
})

test('the same run has the same hash, on one thread as on three', () => {
  assert.equal(whatif('again', [RAISED], '--capacity', '12000', '--workers', '3').status, 0)
  assert.equal(reportOf('again').hash, reportOf('raised').hash)
})

test('many drafts against one baseline come to what each comes to alone; one that does not hold stops none', () => {
  mkdirSync(join(FOLDER, 'drafts'))
  cpSync(join(FOLDER, RAISED), join(FOLDER, 'drafts/a.yaml'))
  writeFileSync(join(FOLDER, 'drafts/b.yaml'), 'title: { zh: 无处, en: Nowhere }\nchange: []\n')
  cpSync(join(FOLDER, draft('lowered', '300元')), join(FOLDER, 'drafts/c.yaml'))
  const more = ['--capacity', '12000', '--drafts', 'drafts/*.yaml']
  const { status, stdout, stderr } = whatif('many', [], ...more)
  assert.equal(status, 1, stderr)
  assert.match(stdout, /^a {2}Deductible at tertiary hospitals: funds −?-?[\d,.]+ yuan/m)
  assert.match(stdout, /^b {2}.*no such key/m)
  assert.match(stdout, /^3 drafts in .* MB of memory$/m)
  assert.equal(reportOf('many/drafts/a').hash, reportOf('raised').hash)
  const lowered = reportOf('many/drafts/c')
  assert.equal(lowered.baseline.result, reportOf('raised').baseline.result)
  assert.equal(whatif('alone', ['lowered.yaml'], '--capacity', '12000').status, 0)
  assert.equal(lowered.hash, reportOf('alone').hash)
  assert.equal(existsSync(join(FOLDER, 'many/spill')), false)
  assert.deepEqual(readdirSync(join(FOLDER, 'many/drafts/a')).toSorted(), [
    'report.json',
    'report.pdf',
  ])
})

test('a draft that says what the rules say already changes nothing, and a baseline may be a draft', () => {
  const same = draft('same', '900元')
  assert.equal(whatif('same', [same]).status, 0)
  const { comparison, baseline, draft: drafted } = reportOf('same')
  assert.equal(drafted.result, baseline.result)
  assert(comparison)
  assert(comparison.funds.filter(isTold).every(({ before, after }) => before === after))
  assert(
    comparison.groups.every(({ rows }) =>
      rows.every((row) => 'hidden' in row || (row.before === row.after && row.lose === 0)),
    ),
  )
  assert.equal(whatif('back', [RAISED, same], '--elasticity', '0.2').status, 0)
  const back = reportOf('back')
  assert.equal(back.baseline.result, reportOf('raised').draft.result)
  assert.equal(back.draft.result, baseline.result)
  // What adults bear falls again, so that they would take more care; most of it the funds would pay.
  const { cost, funds, patients } = back.comparison?.induced ?? { cost: 0, funds: 0, patients: 0 }
  assert(cost > 0 && patients > 0 && funds > patients)
  assert.equal(cost, funds + patients)
})

test('which deductible keeps the fund within an amount: the lowest that does', () => {
  const unknown = draft('unknown', '$x元', 'unknown: { from: 500, to: 1500, step: 500 }\n')
  assert.equal(whatif('fan', [unknown]).status, 0)
  const { fan, comparison } = reportOf('fan')
  assert.deepEqual(
    fan?.map(({ x }) => x),
    [500, 1000, 1500],
  )
  assert.equal(comparison, undefined)
  // 900 yuan is what the rules say: at every value here the burden of many is another.
  const borne = fan.map((row) => ('patient' in row ? row.patient : -1))
  assert(borne.every((patient, i) => patient > (borne[i - 1] ?? 0)))

  const raised = reportOf('raised')
    .comparison?.funds.filter(isTold)
    .find(({ tier }) => tier === INPATIENT)
  assert(raised)
  const yuan = (raised.after / 100).toFixed(2)
  const solved = whatif('solved', [unknown], '--keep', `${INPATIENT}=${yuan}`)
  assert.equal(solved.status, 0, solved.stderr)
  const found = reportOf('solved')
  assert.equal(found.x, 1500)
  assert.deepEqual(found.kept, { tier: INPATIENT, most: raised.after, best: 1500 })
  assert.equal(found.draft.result, reportOf('raised').draft.result)
})

test('who reaches a cap is counted under both rules, as the payments themselves tell', async () => {
  const outpatient = 'teaching/shifan/employee-outpatient'
  // It pays behind another tier of the same bill.
  const later = 'teaching/shifan/civil-servant'
  const text = `title: { zh: 封顶线, en: Caps }
changes:
  - file: ${INPATIENT}.tier.yaml
    at: [caps, 0, amount, 2025-01-01, value]
    set: 20000元
  - file: ${INPATIENT}.tier.yaml
    at: [caps, 0, pool]
    remove: true
  - file: ${outpatient}.tier.yaml
    at: [caps, 0, amount, 2024-01-01, value]
    set: 300元
  - file: ${later}.tier.yaml
    at: [caps, 0, amount, 2024-01-01, value]
    set: 30元
`
  writeFileSync(join(FOLDER, 'cap.yaml'), text)
  const { status, stdout, stderr } = whatif('cap', ['cap.yaml'])
  assert.equal(status, 0, stderr)
  assert.match(stdout, /Persons who reach a cap/)
  const caps = reportOf('cap').comparison?.caps ?? []
  const files = await ColumnFiles.open({ threads: 1, memoryMb: 256, temporary: FOLDER })
  const plans = JSON.parse(readFileSync(join(FOLDER, 'cap/after/plans.json'), 'utf8')) as Record<
    string,
    { tiers: string[] }
  >
  // Caps of the tiers' own: whoever reaches one was paid all of it, to the fen, and nobody more.
  for (const [tier, most] of [
    [INPATIENT, 20_000_00],
    [outpatient, 300_00],
    [later, 30_00],
  ] as const) {
    const row = caps.find((each) => each.tier === tier)
    assert(row?.after, tier)
    const paid = Object.entries(plans).flatMap(([plan, { tiers }]) => {
      const place = tiers.indexOf(tier)
      return place < 0 ? [] : [`WHEN ${plan} THEN paid_${place + 1}`]
    })
    const [sums] =
      await files.rows(`SELECT count(*) FILTER (paid = ${most})::DOUBLE AS reached, max(paid)::DOUBLE AS most
        FROM (SELECT person, sum(CASE plan ${paid.join(' ')} ELSE 0 END) AS paid
                FROM read_parquet('${FOLDER}/cap/after/bills/*.parquet', union_by_name = true) GROUP BY person)`)
    assert.deepEqual(sums, { reached: row.after, most }, tier)
  }
  files.close()
})

test('the premium of a city product, from everything settled as if everybody held it', async () => {
  writeFileSync(join(FOLDER, 'product.yaml'), PRODUCT)
  const asked = ['--premium', PLAIN, '--take-up', '40%', '--selection', '2', '--loss-ratio', '80%']
  const { status, stdout, stderr } = whatif('premium', ['product.yaml'], ...asked)
  assert.equal(status, 0, stderr)
  assert.match(stdout, /Premium of a product/)
  const { premium, baseline, draft: drafted } = reportOf('premium')
  assert(premium)
  assert.equal(premium.persons, 6_000)
  // Nobody holds it yet, so that the draft alone changes nothing.
  assert.equal(drafted.result, baseline.result)
  assert.notEqual(premium.result, baseline.result)
  // Everybody has one cover of it, for the year, and every other cover as it was.
  const files = await ColumnFiles.open({ threads: 1, memoryMb: 256, temporary: FOLDER })
  const [covers] =
    await files.rows(`SELECT count(*)::DOUBLE AS covers, count(DISTINCT person)::DOUBLE AS persons,
      (SELECT count(*)::DOUBLE FROM (SELECT * FROM '${FOLDER}/city/persons-*.parquet'
         EXCEPT SELECT * FROM '${FOLDER}/premium/everybody/persons-*.parquet')) AS lost
    FROM '${FOLDER}/premium/everybody/persons-*.parquet' WHERE scheme = '${PLAIN}'`)
  files.close()
  assert.deepEqual(covers, { covers: 6_000, persons: 6_000, lost: 0 })
  // All of it is paid out at full take-up: claims over 80 % of as many premiums.
  const all = premium.rows.at(-1)
  assert.equal(all?.takeUp, 1_000_000)
  assert.equal(all.premium, Math.ceil(premium.claims / 6_000 / 0.8))
  const at = premium.rows.find(({ takeUp }) => takeUp === 400_000)
  assert(at && at.premium > all.premium && at.premium < 2 * all.premium)
  const refused = (scheme: string) =>
    whatif('refused', ['product.yaml'], '--premium', scheme, '--take-up', '40%')
  const resident = refused('teaching/shifan/resident')
  assert.equal(resident.status, 2)
  assert.match(resident.stderr, /no product teaching\/shifan\/resident; there is .*huimin/)
  // A product that counts single charges cannot be priced from bills without them.
  assert.match(refused('teaching/shifan/products/huimin').stderr, /bills could not be settled/)
})

test('a change that leads nowhere, an unknown tier and a folder with other things are refused', () => {
  const text = readFileSync(join(FOLDER, RAISED), 'utf8')
  writeFileSync(join(FOLDER, 'nowhere.yaml'), text.replace('2025-01-01', '2025-02-01'))
  const nowhere = whatif('refused', ['nowhere.yaml'])
  assert.equal(nowhere.status, 4)
  assert.match(
    nowhere.stderr,
    /nowhere\.yaml:4: .*nothing at \[deductible, amount, 2025-02-01\]; there: 2024-01-01, 2025-01-01/,
  )
  const broken = draft('broken', '很多')
  assert.equal(whatif('refused', [broken]).status, 4)
  const strange = whatif('refused', ['unknown.yaml'], '--keep', 'resident-inpatient=100')
  assert.equal(strange.status, 2)
  assert.match(strange.stderr, /no tier resident-inpatient/)
  const taken = whatif('schemes', [RAISED])
  assert.equal(taken.status, 2)
  assert(existsSync(join(FOLDER, 'schemes/attributes.yaml')))
})
