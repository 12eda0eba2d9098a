import { readFileSync } from 'node:fs'
import type { CatalogueService } from '#domains/catalogue/service.ts'
import type { SchemeBook } from '#domains/settlement/index.ts'
import type { SettlementService } from '#domains/settlement/service.ts'
import type { Actor, Role, Scope } from '#platform/actor.ts'
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
    ['supervisor', 'supervisor'],
    ['actuary', 'actuary'],
    ['admin', 'admin'],
    ['insured', 'insured', { persons: [{ person: 'employee' }] }],
  ],
} as const satisfies {
  tenant: object
  password: string
  users: readonly (readonly [name: string, role: Role, scope?: Scope])[]
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

/**
 * Fills a demonstration: its users, the rules and catalogues of the project and the persons and bills of its
 * samples. Done once; what is there stays as it is.
 */
export async function prepareDemonstration(
  identity: Identity,
  {
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
  },
): Promise<void> {
  const { tenant, users, password } = DEMONSTRATION
  await identity.addTenant(tenant)
  await Promise.all(
    users.map(([name, role, scope]) =>
      identity.setDemonstrationUser(tenant.id, { name, role, scope, password }),
    ),
  )
  await service.ensureRules(tenant.id, rules, '初始规则 The rules that came with the program')
  const handler: Actor = { tenant: tenant.id, user: '', name: 'handler', role: 'handler' }
  const { book } = await service.rules(handler)
  for (const { place, entries } of await catalogues(book))
    await catalogue.ensureCatalogue(tenant.id, place, entries, FIRST_CATALOGUE)
  for (const [i, sample] of samples.entries()) {
    const text = readFileSync(sample, 'utf8')
    const items = createItems(
      await catalogue.catalogueFor(handler, codesIn(JSON.parse(text))),
      book,
    )
    const { persons, bills } = readInput(sample, text, book.vocabulary, items)
    const named = persons.map((each) => {
      const name = NAMES[each.person.id]
      return name === undefined ? each : { ...each, name }
    })
    const key = i === 0 ? 'demonstration' : `demonstration ${i + 1}`
    const added = await service.addBills(handler, key, { persons: named, bills })
    // The sample was there before: of this version, or of an older one.
    if (!added.ok) continue
    const past = bills
      .filter(({ settled }) => settled <= SETTLED_UNTIL)
      .toSorted((a, b) => (a.settled < b.settled ? -1 : 1))
    for (const { id } of past) await service.settle(handler, `demonstration ${id}`, id)
  }
}
