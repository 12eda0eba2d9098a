import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ok } from '#base/result.ts'
import type { CatalogueService } from '#domains/catalogue/service.ts'
import type { SchemeBook } from '#domains/settlement/index.ts'
import type { SettlementService } from '#domains/settlement/service.ts'
import type { Actor, Role, Scope } from '#platform/actor.ts'
import { commandOnce, findCommand, hashOf } from '#platform/commands.ts'
import type { Guarded } from '#platform/database.ts'
import type { Identity } from '#platform/identity.ts'
import type { PlaceCatalogue } from './catalogue-files.ts'
import { readInput } from './input.ts'
import { createItems } from './items.ts'
import { codesIn } from './read-upload.ts'

/** Known to everybody: a demonstration server alone lets its users in. */
export const DEMONSTRATION = {
  tenant: { id: 'demo', name: '示例市医疗保障局（演示）', demonstration: true },
  password: 'kangyang-demo',
  users: [
    ['handler', 'handler'],
    ['handler2', 'handler'],
    ['reviewer', 'reviewer'],
    ['reviewer2', 'reviewer'],
    ['investigator', 'investigator'],
    ['supervisor', 'supervisor'],
    ['cashier', 'cashier'],
    ['cashier2', 'cashier'],
    ['actuary', 'actuary'],
    ['admin', 'admin'],
    ['insurer', 'insurer', { insurer: 'R02' }],
    ['insured', 'insured', { persons: [{ person: 'employee' }] }],
    ['hospital-desk', 'hospital', { institutions: ['H101'] }],
  ],
} as const satisfies {
  tenant: object
  password: string
  users: readonly (readonly [name: string, role: Role, scope?: Scope])[]
}

const HANDLER: Actor = {
  tenant: DEMONSTRATION.tenant.id,
  user: '',
  name: 'handler',
  role: 'handler',
}

/** Names for the persons of the sample, who have none in the file. All of them are invented. */
const NAMES: Readonly<Record<string, string>> = {
  employee: '示例一',
  retiree: '例二',
  'civil-servant': '示例三',
  child: '例四',
  elder: '示例五',
  adult: '例六',
  'well-insured': '示例七',
  'heart-patient': '例八',
}

/** Bills up to this day are settled, so that there is a history to look at; the later ones stay open. */
const SETTLED_UNTIL = '2024-12-31'

export const FIRST_CATALOGUE = '初始目录 The catalogue that came with the program'

/** The tenant and the users of a demonstration, as they were meant: whatever a visitor made of their passwords. */
export async function letVisitorsIn(identity: Identity): Promise<void> {
  const { tenant, users, password } = DEMONSTRATION
  await identity.addTenant(tenant)
  await identity.setDemonstrationUsers(
    tenant.id,
    users.map(([name, role, scope]) => ({ name, role, scope })),
    password,
  )
}

/**
 * Fills a demonstration unless it was filled from the same before: a server that comes back after a crash has no time
 * to look through all of it. `from` are the files it is made from; the program's own are added.
 */
export async function fillOnce(
  database: Guarded,
  from: readonly string[],
  fill: () => Promise<void>,
): Promise<void> {
  const own = [
    'demonstration.ts',
    'demonstration-people.ts',
    'demonstration-payments.ts',
    'demonstration-cases.ts',
    'demonstration-contract.ts',
    'demonstration-coinsurance.ts',
    'demonstration-regions.ts',
    'demonstration-year.ts',
  ].map((name) => fileURLToPath(new URL(name, import.meta.url)))
  const key = `demonstration from ${hashOf([...own, ...from].map((path) => readFileSync(path, 'utf8')))}`
  if (await findCommand(database.as(HANDLER), DEMONSTRATION.tenant.id, key)) return
  await fill()
  await commandOnce(database, { actor: HANDLER, key, request: [] }, async () => ok({}))
}

/**
 * Fills a demonstration: the rules and catalogues of the project and the persons and bills of its samples. Done
 * once; what is there stays as it is.
 */
export async function prepareDemonstration({
  service,
  catalogue,
  rules,
  catalogues,
  samples,
}: {
  readonly service: SettlementService
  readonly catalogue: CatalogueService
  readonly rules: Readonly<Record<string, string>>
  readonly catalogues: (book: SchemeBook) => Promise<readonly PlaceCatalogue[]>
  readonly samples: readonly string[]
}): Promise<void> {
  const { tenant } = DEMONSTRATION
  await service.ensureRules(tenant.id, rules, '初始规则 The rules that came with the program')
  const { book } = await service.rules(HANDLER)
  for (const { place, entries } of await catalogues(book))
    await catalogue.ensureCatalogue(tenant.id, place, entries, FIRST_CATALOGUE)
  for (const [i, sample] of samples.entries()) {
    const text = readFileSync(sample, 'utf8')
    const items = createItems(
      await catalogue.catalogueFor(HANDLER, codesIn(JSON.parse(text))),
      book,
    )
    const { persons, bills } = readInput(sample, text, book.vocabulary, items)
    const named = persons.map((each) => {
      const name = NAMES[each.person.id]
      return name === undefined ? each : { ...each, name }
    })
    const key = i === 0 ? 'demonstration' : `demonstration ${i + 1}`
    const added = await service.addBills(HANDLER, key, { persons: named, bills })
    // The sample was there before: of this version, or of an older one.
    if (!added.ok) continue
    const past = bills
      .filter(({ settled }) => settled <= SETTLED_UNTIL)
      .toSorted((a, b) => (a.settled < b.settled ? -1 : 1))
    for (const { id } of past) await service.settle(HANDLER, `demonstration ${id}`, id)
  }
}
