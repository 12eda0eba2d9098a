/**
 * The second lock, by raw SQL: which rows each role and scope sees whatever a query forgets to ask, and which
 * changes the database refuses. What is expected stands here, by hand.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Database, openDatabase, SERVER_ROLE, type Who } from '#platform/database.ts'
import { LOCK_MARK, migrate } from '#platform/migrate.ts'
import { DatabaseRolesError, ensureServerRole } from '#platform/server-role.ts'
import { migratedDatabase } from './crash/database.ts'

/** Two tenants; in the first, two regions, two hospitals, two employers. `north-1` has covers in the north … */
const FACTS = `
  insert into tenants (id, name) values ('city', 'city'), ('other', 'other');
  insert into persons (tenant_id, id, body) values
    ('city', 'north-1', '{"covers": [{"scheme": "land/north/employee"}]}'),
    ('city', 'north-2', '{"covers": [{"scheme": "land/north/resident"}]}'),
    ('city', 'south-1', '{"covers": [{"scheme": "land/south/employee"}]}'),
    ('city', 'south-2', '{"covers": [{"scheme": "land/south/employee"}]}'),
    ('city', 'nobodys', '{"covers": []}'),
    ('other', 'north-1', '{"covers": [{"scheme": "land/north/employee"}]}');
  insert into bills (tenant_id, id, person_id, settled_on, body) values
    ('city', 'bill-north', 'north-1', '2026-01-05', '{"institution": "h1"}'),
    ('city', 'bill-south', 'south-1', '2026-01-06', '{"institution": "h2"}'),
    ('city', 'bill-paper', 'north-1', '2026-01-07', '{}'),
    ('other', 'bill-north', 'north-1', '2026-01-05', '{"institution": "h1"}');
  insert into rulebooks (tenant_id, version, hash, files, note, author, publisher) values
    ('city', 1, '', '{}', '', '', ''), ('other', 1, '', '{}', '', '', '');
  insert into settlements (tenant_id, id, bill_id, person_id, sequence, total, patient, result, totals_before, rules_version, created_by)
    select tenant_id, gen_random_uuid(), id, person_id, row_number() over (), 100, 10, '{}', '{}', 1, '' from bills;
  insert into conditions (tenant_id, person_id, disease, since, state) values
    ('city', 'north-1', 'I10', '2025-01-01', 'confirmed'), ('city', 'south-1', 'E11', '2025-01-01', 'confirmed');
  insert into employers (tenant_id, id, name) values ('city', 'mill', '厂'), ('city', 'shop', '店'), ('other', 'mill', '厂');
  insert into institutions (tenant_id, id, name, kind) values ('city', 'h1', '一院', 'hospital'), ('city', 'h2', '二院', 'hospital');
  insert into rosters (tenant_id, employer_id, person_id, from_day) values
    ('city', 'mill', 'north-1', '2020-01-01'), ('city', 'shop', 'south-1', '2020-01-01');
  insert into memberships (tenant_id, person_id, scheme, from_day, enrolled_on, answers, employer_id) values
    ('city', 'north-1', 'land/north/group', '2026-01-01', '2026-01-01', '{}', 'mill'),
    ('city', 'north-1', 'land/north/employee', '2020-01-01', '2020-01-01', '{}', null),
    ('city', 'south-1', 'land/south/employee', '2020-01-01', '2020-01-01', '{}', null);
  insert into access_log (tenant_id, user_name, action, subject) values
    ('city', 'handler', 'read person', 'north-1'), ('city', 'handler', 'read person', 'south-1'),
    ('other', 'handler', 'read person', 'north-1');
  insert into users (tenant_id, name, password_hash, role) values ('city', 'handler', '', 'handler');
  insert into coinsurance_panels (tenant_id, id, scheme, fund, from_day, until_day, lead, rules, source, grade, state, made_by) values
    ('city', '00000000-0000-4000-8000-000000000001', 'x', 'x', '2025-01-01', '2025-12-31', 'R01', '{}', 'x', 'invented', 'proposed', 'x');
  insert into coinsurance_members (tenant_id, panel_id, place, insurer, name, share) values
    ('city', '00000000-0000-4000-8000-000000000001', 1, 'R01', 'x', 1000000);
  insert into coinsurance_panels (tenant_id, id, scheme, fund, from_day, until_day, lead, rules, source, grade, state, made_by, decided_by) values
    ('city', '00000000-0000-4000-8000-000000000002', 'x', 'y', '2024-01-01', '2024-12-31', 'R01', '{}', 'x', 'invented', 'confirmed', 'x', 'y');
  insert into coinsurance_members (tenant_id, panel_id, place, insurer, name, share) values
    ('city', '00000000-0000-4000-8000-000000000002', 1, 'R01', 'x', 600000),
    ('city', '00000000-0000-4000-8000-000000000002', 2, 'R02', 'x', 400000);
  insert into coinsurance_months (tenant_id, panel_id, month, rules, amounts, insured, ever_insured, preexisting, premium_due,
      premium_collected, premium_refunded, closed_by) values
    ('city', '00000000-0000-4000-8000-000000000002', '2024-01-01', '{}', '{}', 0, 0, 0, 0, 0, 0, 'x');
  insert into coinsurance_shares (tenant_id, panel_id, month, insurer, moved, cumulative) values
    ('city', '00000000-0000-4000-8000-000000000002', '2024-01-01', 'R01', 60, 60),
    ('city', '00000000-0000-4000-8000-000000000002', '2024-01-01', 'R02', 40, 40);
  insert into coinsurance_receipts (tenant_id, id, panel_id, insurer, on_day, amount, reference, state, made_by) values
    ('city', gen_random_uuid(), '00000000-0000-4000-8000-000000000002', 'R01', '2024-02-01', 1, 'r1', 'proposed', 'x'),
    ('city', gen_random_uuid(), '00000000-0000-4000-8000-000000000002', 'R02', '2024-02-01', 1, 'r2', 'proposed', 'x');
  insert into coinsurance_acts (tenant_id, id, panel_id, month, insurer, act, closing, made_by) values
    ('city', gen_random_uuid(), '00000000-0000-4000-8000-000000000002', '2024-01-01', 'R02', 'agreed', 40, 'x'),
    ('city', gen_random_uuid(), '00000000-0000-4000-8000-000000000002', '2024-01-01', 'R01', 'agreed', 0, 'x');
  insert into contracts (tenant_id, id, version, state, text, hash, author, decided_by, insurer) values
    ('city', 'own', 1, 'confirmed', '', '', 'x', 'y', 'R02'), ('city', 'foreign', 1, 'confirmed', '', '', 'x', 'y', 'R01'),
    ('city', 'own', 2, 'draft', '', '', 'x', null, 'R02');
  insert into contract_proofs (tenant_id, id, contract_id, year, fund, from_day, until_day, before_rules, after_rules, before_hash,
      after_hash, as_of, on_day, user_name) values
    ('city', '00000000-0000-4000-8000-000000000003', 'own', 2024, 'x', '2024-01-01', '2024-12-31', '{}', '{}', '', '', now(), '2025-01-01', 'x'),
    ('city', '00000000-0000-4000-8000-000000000004', 'foreign', 2024, 'x', '2024-01-01', '2024-12-31', '{}', '{}', '', '', now(), '2025-01-01', 'x');
  insert into contract_years (tenant_id, id, contract_id, contract_version, year, state, facts, statement, author, decided_by) values
    ('city', gen_random_uuid(), 'own', 1, 2024, 'confirmed', '{"policy": {"proof": "00000000-0000-4000-8000-000000000003"}}', '{}', 'x', 'y'),
    ('city', gen_random_uuid(), 'own', 1, 2025, 'draft', '{}', '{}', 'x', null),
    ('city', gen_random_uuid(), 'foreign', 1, 2024, 'confirmed', '{"policy": {"proof": "00000000-0000-4000-8000-000000000004"}}', '{}', 'x', 'y');`

const city = (role: Who['role'], scope?: Who['scope']): Who => ({ tenant: 'city', role, scope })
const ALL_PERSONS = ['nobodys', 'north-1', 'north-2', 'south-1', 'south-2']
const ALL_BILLS = ['bill-north', 'bill-paper', 'bill-south']

type Sight = {
  readonly who: Who
  readonly persons: readonly string[]
  readonly bills: readonly string[]
  readonly settlements: readonly string[]
  readonly conditions: readonly string[]
  readonly memberships: readonly string[]
  readonly log: readonly string[]
}

const everything = {
  persons: ALL_PERSONS,
  bills: ALL_BILLS,
  settlements: ALL_BILLS,
  conditions: ['north-1', 'south-1'],
  memberships: ['land/north/employee', 'land/north/group', 'land/south/employee'],
  log: ['north-1', 'south-1'],
}
const nothing = {
  persons: [],
  bills: [],
  settlements: [],
  conditions: [],
  memberships: [],
  log: [],
}
const northAlone = {
  persons: ['nobodys', 'north-1', 'north-2'],
  bills: ['bill-north', 'bill-paper'],
  settlements: ['bill-north', 'bill-paper'],
  conditions: ['north-1'],
  memberships: ['land/north/employee', 'land/north/group'],
  log: ['north-1'],
}
const ownFile = {
  persons: ['north-1'],
  bills: ['bill-north', 'bill-paper'],
  settlements: ['bill-north', 'bill-paper'],
  conditions: ['north-1'],
  memberships: ['land/north/employee', 'land/north/group'],
  log: ['north-1'],
}

const SIGHTS: readonly Sight[] = [
  { who: city('handler'), ...everything },
  { who: city('reviewer'), ...everything },
  { who: city('investigator'), ...everything },
  { who: city('cashier'), ...everything },
  { who: city('supervisor'), ...everything },
  { who: city('actuary'), ...everything },
  { who: city('system'), ...everything },
  { who: city('handler', { regions: ['land/north'] }), ...northAlone },
  { who: city('reviewer', { regions: ['land/north'] }), ...northAlone },
  {
    who: city('handler', { schemes: ['land/north/resident'] }),
    ...nothing,
    persons: ['nobodys', 'north-2'],
  },
  {
    who: city('handler', { regions: ['land/nor'] }),
    ...nothing,
    persons: ['nobodys'],
  },
  {
    who: city('hospital', { institutions: ['h1'] }),
    ...nothing,
    persons: ['north-1'],
    bills: ['bill-north'],
    settlements: ['bill-north'],
  },
  { who: city('hospital', { institutions: ['h3'] }), ...nothing },
  {
    who: city('employer', { employer: 'mill' }),
    ...nothing,
    persons: ['north-1'],
    memberships: ['land/north/group'],
  },
  { who: city('insured', { persons: [{ person: 'north-1' }] }), ...ownFile },
  { who: city('agent', { persons: [{ person: 'north-1' }] }), ...ownFile },
  { who: city('insurer', { insurer: 'R02' }), ...nothing },
  { who: city('regulator'), ...nothing, log: everything.log },
  { who: city('admin'), ...nothing, log: everything.log },
  // Whoever has to be narrowed and is not, sees nothing.
  { who: city('hospital'), ...nothing },
  { who: city('employer'), ...nothing },
  { who: city('insured'), ...nothing },
  { who: city('agent'), ...nothing },
  { who: city('door'), ...nothing },
  { who: { tenant: 'nowhere', role: 'handler' }, ...nothing },
]

const NORTH: Who['scope'] = { regions: ['land/north'] }
/** The numbers that rows of one region and of the other have in their own tables. */
const ROW = (place: string) => `md5('${place}')::uuid`

/**
 * A row of each table that hangs on a person, in the file of `north-1` and in that of `south-1`; and who sees which of
 * the two. The office sees what its scope shows, and a person their own; hospitals and employers where the line says so.
 */
const HANGING: readonly {
  readonly table: string
  /** How the rows are told apart: one names the north, the other the south. */
  readonly by: string
  readonly also?: 'hospital' | 'employer'
  /** Where a narrowed office sees both, as it names nobody, or neither, as it is about the whole office. */
  readonly office?: 'both' | 'neither'
  /** What a row says besides its tenant; `$` is the place, `#` a number of its own. */
  readonly row: string
}[] = [
  {
    table: 'statuses',
    by: 'person_id',
    row: `(person_id, attribute, from_day, value) values ('$-1', 'aid', '2026-01-01', 'x')`,
  },
  {
    table: 'repairs',
    by: 'person_id',
    row: `(person_id, scheme, from_day, until_day, paid_on) values ('$-1', 'land/$/employee', '2026-01-01', '2026-01-31', '2026-02-01')`,
  },
  {
    table: 'premiums',
    by: 'person_id',
    row: `(person_id, scheme, from_day, payer, due) values ('$-1', 'land/$/employee', '2026-01-01', 'self', 1)`,
  },
  {
    table: 'filings',
    by: 'person_id',
    row: `(person_id, what, kind, subject, from_day, document, source) values ('$-1', 'certificate', 'x', 'x', '2026-01-01', 'x', 'x')`,
  },
  {
    table: 'person_changes',
    by: 'person_id',
    row: `(person_id, user_name, change, facts) values ('$-1', 'x', 'x', '{}')`,
  },
  {
    table: 'account_entries',
    by: 'person_id',
    row: `(person_id, account, kind, amount, balance, on_day, reference, user_name) values ('$-1', 'personal', 'credit', 1, 1, '2026-01-01', 'x', 'x')`,
  },
  { table: 'opening_totals', by: 'person_id', row: `(person_id, totals) values ('$-1', '{}')` },
  { table: 'person_bodies', by: 'person_id', row: `(person_id, body) values ('$-1', '{}')` },
  { table: 'person_imports', by: 'person_id', row: `(person_id, import_id) values ('$-1', #)` },
  {
    table: 'families',
    by: 'owner_id',
    row: `(owner_id, member_id, relation, from_day) values ('$-1', '$-2', 'child', '2026-01-01')`,
  },
  {
    table: 'merges',
    by: 'from_id',
    row: `(from_id, into_id, reason, user_name, record) values ('$-1', '$-2', 'x', 'x', '{}')`,
  },
  {
    table: 'replays',
    by: 'person_id',
    row: `(id, person_id, user_name, cause, differences) values (#, '$-1', 'x', '{}', '[]')`,
  },
  { table: 'replays_due', by: 'person_id', row: `(person_id, cause) values ('$-1', '{}')` },
  {
    table: 'adjustments',
    by: 'bill_id',
    row: `(replay_id, no, bill_id, kind, from_party, to_party, amount, state) values (#, 1, 'bill-$', 'recovery', 'patient', 'basicPool', 1, 'proposed')`,
  },
  {
    table: 'ledger_entries',
    by: 'bill_id',
    also: 'hospital',
    row: `(subject, kind, user_name, bill_id, settlement_id, funds, debits, credits, amounts) values ('$', 'settled', 'x', 'bill-$', (select id from settlements where tenant_id = 'city' and bill_id = 'bill-$'), '{f}', '{a}', '{b}', '{1}')`,
  },
  {
    table: 'payment_accounts',
    by: 'holder_id',
    row: `(holder, holder_id, from_day, kind, name_sealed, number_sealed, number_digest, bank_code, bank_name, document, user_name) values ('person', '$-1', '2026-01-01', 'card', '', '', '', 'x', 'x', 'x', 'x')`,
  },
  {
    table: 'referrals',
    by: 'person_id',
    also: 'hospital',
    row: `(id, person_id, kind, from_institution, place, from_day, until_day, reason, document, state) values (#, '$-1', 'x', case '$' when 'north' then 'h1' else 'h2' end, '320100', '2026-01-01', '2026-01-31', 'x', 'x', 'valid')`,
  },
  {
    table: 'referral_acts',
    by: 'why',
    also: 'hospital',
    row: `(referral_id, no, act, user_name, on_day, why) values (#, 1, 'enter', 'x', '2026-01-01', '$')`,
  },
  {
    table: 'cases',
    by: 'person_id',
    also: 'hospital',
    row: `(id, bill_id, person_id, channel, state, amount, accepted_on) values (#, 'bill-$', '$-1', 'counter', 'accepted', 1, '2026-01-01')`,
  },
  {
    table: 'case_acts',
    by: 'why',
    also: 'hospital',
    row: `(case_id, no, act, user_name, on_day, why) values (#, 1, 'accept', 'x', '2026-01-01', '$-1')`,
  },
  {
    table: 'case_documents',
    by: 'user_name',
    also: 'hospital',
    row: `(id, case_id, kind, type, name_sealed, content_sealed, digest, size, user_name) values (#, #, 'other', 'image/png', '', '', '$', 1, '$-1')`,
  },
  {
    table: 'month_deductions',
    by: 'reason',
    also: 'hospital',
    office: 'neither',
    row: `(id, institution_id, fund, amount, reason, rule, bill_id, state, made_by) values (#, case '$' when 'north' then 'h1' else 'h2' end, 'f', 1, '$', 'x', 'bill-$', 'proposed', 'x')`,
  },
  {
    table: 'month_deduction_acts',
    by: 'reason',
    also: 'hospital',
    office: 'neither',
    row: `(deduction_id, act, user_name, reason) values (#, 'confirm', 'x', '$')`,
  },
  {
    table: 'month_terms',
    by: 'body',
    also: 'hospital',
    office: 'neither',
    row: `(id, institution_id, fund, from_month, body, state, made_by) values (#, case '$' when 'north' then 'h1' else 'h2' end, 'f', '2026-01', '"$"', 'draft', 'x')`,
  },
  {
    table: 'month_ends',
    by: 'body',
    also: 'hospital',
    office: 'neither',
    row: `(institution_id, fund, month, terms_id, body, closed_by) values (case '$' when 'north' then 'h1' else 'h2' end, 'f', '2026-01', #, '"$"', 'x')`,
  },
  {
    table: 'year_ends',
    by: 'body',
    also: 'hospital',
    office: 'neither',
    row: `(id, institution_id, fund, year, terms_id, body, reason, state, made_by) values (#, case '$' when 'north' then 'h1' else 'h2' end, 'f', 2026, #, '"$"', 'x', 'draft', 'x')`,
  },
  {
    table: 'region_terms',
    by: 'body',
    office: 'neither',
    row: `(id, insured, treating, from_month, body, state, made_by) values (#, case '$' when 'north' then '990100' else '990200' end, '990300', '2026-01', '"$"', 'proposed', 'x')`,
  },
  {
    table: 'region_months',
    by: 'terms',
    office: 'neither',
    row: `(insured, treating, month, funds, amount, terms, closed_by) values (case '$' when 'north' then '990100' else '990200' end, '990300', '2026-01', '[]', 0, '"$"', 'x')`,
  },
  {
    table: 'region_prepayments',
    by: 'document',
    office: 'neither',
    row: `(id, insured, treating, kind, fund, year, amount, document, state, made_by) values (#, case '$' when 'north' then '990100' else '990200' end, '990300', 'emergency', 'f', 2026, 1, '$', 'proposed', 'x')`,
  },
  {
    table: 'bill_versions',
    by: 'bill_id',
    also: 'hospital',
    row: `(bill_id, version, body, user_name, reason) values ('bill-$', 1, '{}', 'x', 'x')`,
  },
  {
    table: 'invoices',
    by: 'bill_id',
    also: 'hospital',
    row: `(number, bill_id) values ('$', 'bill-$')`,
  },
  {
    table: 'sites',
    by: 'id',
    also: 'employer',
    office: 'both',
    row: `(id, name, employer_id, scheme, from_day, until_day, headcount) values ('site-$', 'x', case '$' when 'north' then 'mill' else 'shop' end, 'land/$/group', '2026-01-01', '2026-12-31', 9)`,
  },
  {
    table: 'site_workers',
    by: 'person_id',
    also: 'employer',
    row: `(site_id, person_id, from_day, until_day) values ('site-$', '$-1', '2026-01-01', '2026-12-31')`,
  },
  {
    table: 'rosters',
    by: 'person_id',
    also: 'employer',
    row: `(employer_id, person_id, from_day) values (case '$' when 'north' then 'mill' else 'shop' end, '$-1', '2026-01-01')`,
  },
]

const narrowed = (office: 'both' | 'neither' | undefined, own: string): string =>
  office === undefined ? own : office === 'both' ? 'north south' : ''

describe('the second lock', { timeout: 60_000 }, () => {
  let database: Database
  let server: Database
  let url: string
  let close: () => Promise<void>

  before(async () => {
    const opened = await migratedDatabase({ max: 4 })
    database = opened.database
    close = opened.close
    url = opened.url
    server = openDatabase(url, { max: 1, role: SERVER_ROLE })
    await database.query(FACTS)
  })
  after(async () => {
    await server?.close()
    await close?.()
  })

  const column = async (who: Who, text: string): Promise<string[]> =>
    (await database.as(who).query<{ it: string }>(text)).map(({ it }) => it)

  for (const { who, ...expected } of SIGHTS)
    test(`${who.tenant} ${who.role} ${JSON.stringify(who.scope ?? {})} sees its own rows`, async () => {
      const seen = {
        persons: await column(who, 'select id as it from persons order by 1'),
        bills: await column(who, 'select id as it from bills order by 1'),
        settlements: await column(who, 'select bill_id as it from settlements order by 1'),
        conditions: await column(who, 'select person_id as it from conditions order by 1'),
        memberships: await column(who, 'select scheme as it from memberships order by 1'),
        log: await column(who, 'select subject as it from access_log order by 1'),
      }
      assert.deepEqual(seen, expected)
    })

  test('whatever hangs on a person, by raw SQL as each role and scope', async () => {
    for (const { table, row } of HANGING)
      for (const place of ['north', 'south']) {
        const text = row.replaceAll('$', place).replaceAll('#', ROW(place))
        const [columns = '', values = ''] = text.split(' values (')
        await database.query(
          `insert into ${table} ${columns.replace('(', '(tenant_id, ')} values ('city', ${values}`,
        )
      }
    const OFFICE = [
      'handler',
      'reviewer',
      'investigator',
      'cashier',
      'supervisor',
      'actuary',
    ] as const
    const north1 = { persons: [{ person: 'north-1' }, { person: 'north-2' }] }
    for (const { table, by, also, office } of HANGING) {
      const places = async (who: Who) => {
        const rows = await column(who, `select ${by} as it from ${table}`)
        return ['north', 'south'].filter((place) => rows.some((it) => it.includes(place))).join(' ')
      }
      const expected: (readonly [Who, string])[] = [
        ...OFFICE.flatMap((role) => [
          [city(role), 'north south'] as const,
          [city(role, NORTH), narrowed(office, 'north')] as const,
          [city(role, { schemes: ['land/south/employee'] }), narrowed(office, 'south')] as const,
          [city(role, { regions: ['land/elsewhere'] }), narrowed(office, '')] as const,
          [{ tenant: 'other', role }, ''] as const,
        ]),
        [city('insured', north1), office === undefined ? 'north' : ''],
        [city('agent', north1), office === undefined ? 'north' : ''],
        [city('insured', { persons: [{ person: 'nobodys' }] }), ''],
        [city('hospital', { institutions: ['h1'] }), also === 'hospital' ? 'north' : ''],
        [city('hospital', { institutions: ['h2'] }), also === 'hospital' ? 'south' : ''],
        [city('employer', { employer: 'mill' }), also === 'employer' ? 'north' : ''],
        [city('employer', { employer: 'none' }), ''],
        [city('insurer', { insurer: 'R02' }), ''],
        [city('regulator'), ''],
        [city('regulator', NORTH), ''],
        [city('admin'), ''],
        [city('door'), ''],
      ]
      for (const [who, seen] of expected)
        assert.deepEqual(
          [table, JSON.stringify(who), await places(who)],
          [table, JSON.stringify(who), seen],
        )
    }
  })

  test('scenarios are the actuaries’, and the supervisor sees those that are shared alone', async () => {
    await database.query(`insert into scenarios (tenant_id, id, name, owner, owner_name, shared, draft, data, assumptions)
      select 'city', gen_random_uuid(), name, 'a', 'a', name = 'shared', '', '{}', '{}' from (values ('own'), ('shared')) as n (name)`)
    await database.query(`insert into scenario_runs (tenant_id, scenario_id, id, content, scenario_version, asked_by)
      select tenant_id, id, gen_random_uuid(), '{}', 1, name from scenarios`)
    const seen = async (who: Who) => [
      (await column(who, 'select name as it from scenarios order by 1')).join(' '),
      (await column(who, 'select asked_by as it from scenario_runs order by 1')).join(' '),
    ]
    const rename = `update scenarios set name = name where name = 'shared' returning 1`
    for (const role of ['actuary', 'admin'] as const) {
      assert.deepEqual(await seen(city(role)), ['own shared', 'own shared'])
      assert.equal((await database.as(city(role)).query(rename)).length, 1)
    }
    assert.deepEqual(await seen(city('supervisor')), ['shared', 'shared'])
    assert.deepEqual(await database.as(city('supervisor')).query(rename), [])
    for (const who of [city('handler'), city('regulator'), { tenant: 'other', role: 'actuary' }])
      assert.deepEqual(await seen(who as Who), ['', ''])
  })

  test('an insurer sees its panels, its own part of them and its contracts, and no person', async () => {
    const QUERIES = [
      `select right(id::text, 1) as it from coinsurance_panels order by 1`,
      `select insurer as it from coinsurance_members order by 1`,
      `select to_char(month, 'YYYY-MM') as it from coinsurance_months order by 1`,
      `select insurer as it from coinsurance_shares order by 1`,
      `select insurer as it from coinsurance_receipts order by 1`,
      `select insurer as it from coinsurance_acts order by 1`,
      `select id || version as it from contracts order by 1`,
      `select contract_id || year as it from contract_years order by 1`,
      `select contract_id as it from contract_proofs order by 1`,
    ]
    const seen = (who: Who) =>
      Promise.all(QUERIES.map(async (query) => (await column(who, query)).join(' ')))
    const own = (insurer: string) => city('insurer', { insurer })
    assert.deepEqual(await seen(own('R02')), [
      '2',
      'R02',
      '2024-01',
      'R02',
      'R02',
      'R02',
      'own1',
      'own2024',
      'own',
    ])
    const none = QUERIES.map(() => '')
    assert.deepEqual(await seen(own('R03')), none)
    assert.deepEqual(await seen(own('')), none)
    assert.deepEqual(await seen(city('insurer')), none)
    assert.deepEqual(
      await seen({ tenant: 'other', role: 'insurer', scope: { insurer: 'R02' } }),
      none,
    )
    // The number of an insurer in the scope of another role opens nothing.
    assert.deepEqual(await seen(city('hospital', { insurer: 'R02' })), none)
  })

  test('no table that hangs on a person is forgotten above', async () => {
    const hanging = await database.query<{ name: string }>(
      `select distinct c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not a.attisdropped
          and a.attname in ('person_id', 'owner_id', 'member_id', 'from_id', 'bill_id')`,
    )
    const seen = [
      ...HANGING.map(({ table }) => table),
      ...Object.keys(everything),
      'emergency_accesses',
    ]
    assert.deepEqual(
      hanging.map(({ name }) => name).filter((name) => !seen.includes(name)),
      [],
    )
  })

  test('who is at the door is known there alone', async () => {
    assert.deepEqual(await column(city('door'), 'select name as it from users'), ['handler'])
    assert.deepEqual(await column(city('handler'), 'select name as it from users'), [])
    assert.deepEqual(await column(city('door'), 'select id as it from employers'), [])
  })

  /** What each may write, by trying: the statement names the row, and the database says no or lets it. */
  const WRITES: readonly (readonly [string, readonly Who[], readonly Who[]])[] = [
    [
      `update persons set settlements = settlements where id = 'north-1'`,
      [city('handler'), city('hospital', { institutions: ['h1'] })],
      [
        city('reviewer'),
        city('actuary'),
        city('cashier'),
        city('regulator'),
        city('insured', { persons: [{ person: 'north-1' }] }),
        city('employer', { employer: 'mill' }),
        city('handler', { regions: ['land/south'] }),
        city('hospital', { institutions: ['h2'] }),
        { tenant: 'other', role: 'hospital', scope: { institutions: ['h2'] } },
      ],
    ],
    [
      `update settlements set reason = 'x' where bill_id = 'bill-north'`,
      [city('handler'), city('supervisor')],
      [city('cashier'), city('actuary'), city('insured', { persons: [{ person: 'north-1' }] })],
    ],
    [
      `insert into bills (tenant_id, id, person_id, settled_on, body)
       values ('city', gen_random_uuid()::text, 'north-1', '2026-02-01', '{"institution": "h1"}')`,
      [city('handler'), city('hospital', { institutions: ['h1'] })],
      [
        city('hospital', { institutions: ['h2'] }),
        city('reviewer'),
        city('insured', { persons: [{ person: 'north-1' }] }),
        { tenant: 'other', role: 'handler' },
      ],
    ],
    [
      `insert into persons (tenant_id, id, body) values ('city', gen_random_uuid()::text, '{"covers": [{"scheme": "land/south/employee"}]}')`,
      [city('handler'), city('handler', { regions: ['land/south'] })],
      [city('handler', { regions: ['land/north'] }), city('hospital', { institutions: ['h1'] })],
    ],
    [
      `insert into coinsurance_panels (tenant_id, id, scheme, fund, from_day, until_day, lead, rules, source, grade, state, made_by)
       values ('city', gen_random_uuid(), 'x', 'x', '2026-01-01', '2026-12-31', 'x', '{}', 'x', 'invented', 'proposed', 'x')`,
      [city('actuary'), city('admin')],
      [city('handler'), city('cashier'), city('supervisor'), city('actuary', NORTH)],
    ],
    [
      `update coinsurance_panels set state = 'withdrawn'`,
      [city('actuary'), city('admin')],
      [city('handler'), city('cashier'), { tenant: 'other', role: 'admin' }],
    ],
    [
      `insert into coinsurance_months (tenant_id, panel_id, month, rules, amounts, insured, ever_insured, preexisting, premium_due,
         premium_collected, premium_refunded, closed_by)
       values ('city', '00000000-0000-4000-8000-000000000001', '2025-01-01', '{}', '{}', 0, 0, 0, 0, 0, 0, 'x')`,
      [city('cashier')],
      [city('actuary'), city('admin'), city('supervisor'), city('cashier', NORTH)],
    ],
    [
      `insert into coinsurance_receipts (tenant_id, id, panel_id, insurer, on_day, amount, reference, state, made_by)
       values ('city', gen_random_uuid(), '00000000-0000-4000-8000-000000000001', 'R01', '2026-02-01', 1, 'x', 'proposed', 'x')`,
      [city('cashier')],
      [city('handler'), city('actuary'), city('supervisor'), city('admin')],
    ],
    [
      `insert into coinsurance_acts (tenant_id, id, panel_id, month, insurer, act, reason, closing, made_by)
       values ('city', gen_random_uuid(), '00000000-0000-4000-8000-000000000002', '2024-01-01', 'R02', 'objected', 'x', 40, 'x')`,
      [city('insurer', { insurer: 'R02' })],
      [
        city('insurer', { insurer: 'R01' }),
        city('cashier'),
        city('supervisor'),
        city('admin'),
        { tenant: 'other', role: 'insurer', scope: { insurer: 'R02' } },
      ],
    ],
    [
      `insert into coinsurance_acts (tenant_id, id, panel_id, month, insurer, act, reason, closing, made_by)
       values ('city', gen_random_uuid(), '00000000-0000-4000-8000-000000000002', '2024-01-01', 'R02', 'answered', 'x', 40, 'x')`,
      [city('cashier'), city('supervisor')],
      [
        city('insurer', { insurer: 'R02' }),
        city('insurer', { insurer: 'R01' }),
        city('handler'),
        city('actuary'),
      ],
    ],
    [
      `insert into access_log (tenant_id, user_name, action) values ('city', 'x', 'x')`,
      [city('handler'), city('regulator'), city('insured', { persons: [{ person: 'north-1' }] })],
      [{ tenant: 'other', role: 'handler' }],
    ],
    [`update access_log set action = 'x'`, [], [city('handler'), city('system'), city('admin')]],
    [`delete from access_log`, [], [city('handler'), city('system'), city('admin')]],
    [
      `insert into access_seals (tenant_id, number, sealed_at, ids, marks, root, previous, hash, key, code, until_transaction, until_id)
       values ('city', 1, now(), '{}', '', '', '', '', 'k', '', '1', 0)`,
      [city('system')],
      [city('handler'), city('admin'), city('regulator'), { tenant: 'other', role: 'system' }],
    ],
    [`delete from access_seals`, [], [city('system'), city('admin')]],
    [`select sealed from kept_keys`, [], [city('system'), city('admin')]],
    [`delete from settlements`, [], [city('handler'), city('system'), city('supervisor')]],
    [`delete from persons`, [], [city('handler'), city('system')]],
    [`update rulebooks set note = 'x'`, [], [city('admin'), city('system')]],
    [`drop policy sees on persons`, [], [city('system')]],
    [`alter table persons disable row level security`, [], [city('system')]],
    [`create table mine (id int)`, [], [city('system')]],
  ]
  for (const [statement, may, mayNot] of WRITES)
    test(`${statement.trim().slice(0, 70)} …`, async () => {
      for (const who of may) assert.equal(await tried(who, statement), 'done', JSON.stringify(who))
      for (const who of mayNot)
        assert.equal(await tried(who, statement), 'refused', JSON.stringify(who))
    })

  /** Carried out and undone: `refused` where the database says no, or finds no such row. */
  async function tried(who: Who, statement: string): Promise<'done' | 'refused'> {
    class Undo extends Error {}
    let outcome: 'done' | 'refused' = 'refused'
    const counted = /^(update|delete)/.test(statement) ? `${statement} returning 1` : statement
    await database
      .as(who)
      .transaction(async (sql) => {
        const rows = await sql.query(counted)
        outcome = rows.length > 0 || !counted.endsWith('returning 1') ? 'done' : 'refused'
        throw new Undo()
      })
      .catch((error) => {
        if (error instanceof Undo) return
        if ((error as { code?: string }).code !== '42501') throw error
      })
    return outcome
  }

  test('a connection tells nobody for whom it worked before', async () => {
    const mine = server.as(city('handler'))
    assert.equal((await mine.query('select id from persons')).length, ALL_PERSONS.length)
    assert.deepEqual(await server.query('select id from persons'), [], 'asked for nobody')
    await assert.rejects(mine.query('select 1 / 0'), /division by zero/)
    assert.deepEqual(await server.query('select id from persons'), [], 'after a failure')
    const other = server.as({ tenant: 'other', role: 'handler' })
    assert.equal((await other.query('select id from persons')).length, 1)
    const [left] = await server.query<{ tenant: string; role: string; user: string }>(
      `select current_setting('kangyang.tenant', true) as tenant, current_setting('kangyang.role', true) as role, current_user as user`,
    )
    assert.deepEqual(left, { tenant: '', role: '', user: SERVER_ROLE })
  })

  test('what a scope says is text and never SQL', async () => {
    const odd = city('insured', { persons: [{ person: `x'; set local kangyang.scope = 'all` }] })
    assert.deepEqual(await column(odd, 'select id as it from persons'), [])
    const quoted: Who = { tenant: `city' or '1'='1`, role: 'handler' }
    assert.deepEqual(await column(quoted, 'select id as it from persons'), [])
  })

  test('every table is locked, whoever owns it', async () => {
    const tables = await database.query<{ name: string; locked: boolean; policies: string[] }>(
      `select c.relname as name, c.relrowsecurity and c.relforcerowsecurity as locked,
              array(select policyname::text from pg_policies p where p.tablename = c.relname) as policies
         from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
          and c.relname not in ('migrations', 'tenants') order by 1`,
    )
    assert(tables.length > 20)
    for (const { name, locked, policies } of tables) {
      assert(locked, `${name} is forced`)
      // No policy opens the keys to anybody.
      if (name === 'kept_keys') assert.deepEqual(policies, [])
      else
        assert(
          policies.includes('tenant_rows') && policies.includes('sees'),
          `${name} needs a line in db/second-lock.sql`,
        )
    }
    const [user] = await database.query<{ tables: number }>(
      `select count(*) as tables from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname = $1`,
      [SERVER_ROLE],
    )
    assert.equal(user?.tables, 0, 'the server owns nothing')
  })

  test('a table that nobody gave a line in db/second-lock.sql is closed to the server', async () => {
    await database.query(`create table forgotten (tenant_id text not null, person_id text);
      grant select, insert on forgotten to ${SERVER_ROLE};
      insert into forgotten values ('city', 'north-1');`)
    try {
      await database.query(`delete from migrations where name like '${LOCK_MARK}%'`)
      await migrate(database, 'db/migrations')
      for (const who of [city('system'), city('handler'), city('admin')])
        for (const statement of [
          'select person_id from forgotten',
          `insert into forgotten values ('city', 'x')`,
        ])
          assert.equal(await tried(who, statement), 'refused')
    } finally {
      await database.query('drop table forgotten')
    }
  })

  test('an owner who is bound by the policies, or may not make the role, is told before anything is done', async () => {
    const roles = [
      ['lock_bound', 'login', 'owner_bound'],
      ['lock_stranger', 'login bypassrls', 'not_a_member'],
    ] as const
    for (const [name, rights, code] of roles) {
      await database.query(`create role ${name} ${rights} password 'lock'`)
      const address = new URL(url)
      address.username = name
      address.password = 'lock'
      const owner = openDatabase(address.href, { max: 1 })
      try {
        await assert.rejects(
          ensureServerRole(owner),
          (error) => error instanceof DatabaseRolesError && error.code === code,
        )
      } finally {
        await owner.close()
        await database.query(`drop role ${name}`)
      }
    }
  })
})
