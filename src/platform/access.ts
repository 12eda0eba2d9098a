import { type Actor, ROLES, type Role } from './actor.ts'

/**
 * Who may do what, and which fields of the answer they see: the one place that decides. The guard of every
 * route asks here, the pages are told what came out, and `docs/access.md` is printed from it. Whose records
 * somebody sees is the other half: their scope, which the database keeps (`db/second-lock.sql`).
 */

/**
 * A part of an answer that has a purpose of its own. `rest` is whatever no other part names: a role without
 * it sees only what is named for it, so that a field added later is not shown by mistake.
 */
export type Part = 'name' | 'amounts' | 'care' | 'diagnosis' | 'looked' | 'rest'

type Rule = {
  /** Which fields make up each part, as paths through the answer; a list is passed through. */
  readonly parts?: Partial<Record<Exclude<Part, 'rest'>, readonly string[]>>
  /** Not for somebody whose scope narrows them: it is about the whole office. */
  readonly whole?: boolean
  readonly roles: Partial<Record<Role, 'all' | readonly Part[]>>
}

const only = (...roles: readonly Role[]): Rule['roles'] =>
  Object.fromEntries(roles.map((role) => [role, 'all' as const]))
const EVERYBODY = only(...ROLES)
/** Whoever works on cases and needs the whole of one to do so. */
const DESK = ['handler', 'reviewer', 'investigator', 'supervisor'] as const
/** The person themselves, and whoever acts for them. */
const OWN = ['insured', 'agent'] as const
/** Tables are made of facts about people and never of who they are. */
const WITHOUT_NAMES = ['amounts', 'care', 'diagnosis', 'looked', 'rest'] as const
const AMOUNTS_ALONE = ['name', 'amounts'] as const

const RULES = {
  'users manage': { roles: only('admin') },
  // Roles that work with persons: to them alone an opened file is of use.
  'emergencies open': { roles: only(...DESK, 'cashier', 'hospital') },
  'emergencies review': { roles: only('supervisor') },
  'log read': { whole: true, roles: only('supervisor', 'regulator', 'admin') },

  'rules read': { roles: EVERYBODY },
  'drafts write': { roles: only('actuary', 'admin') },
  'drafts publish': { roles: only('admin') },
  'catalogue read': { roles: EVERYBODY },
  'catalogue draft': { roles: only('actuary', 'admin') },
  'catalogue publish': { roles: only('admin') },

  'persons list': {
    parts: {
      name: ['persons.name'],
      amounts: ['persons.id', 'persons.bills', 'persons.settled', 'next'],
    },
    roles: { ...only(...DESK), actuary: WITHOUT_NAMES, cashier: AMOUNTS_ALONE },
  },
  'persons read': {
    parts: {
      name: ['person.name'],
      amounts: [
        'person.id',
        'person.bills',
        'person.settled',
        'bills.id',
        'bills.settled',
        'bills.total',
        'bills.state',
        'bills.settlement',
      ],
      care: ['bills.medical', 'bills.level'],
      diagnosis: ['person.attributes', 'person.covers', 'totals'],
    },
    roles: {
      ...only(...DESK, ...OWN),
      actuary: WITHOUT_NAMES,
      cashier: AMOUNTS_ALONE,
    },
  },
  'persons history': { roles: only(...DESK, ...OWN) },

  'files read': {
    parts: { name: ['name', 'idNumber'], looked: ['looked'] },
    roles: { ...only(...DESK, ...OWN), actuary: WITHOUT_NAMES },
  },
  'files write': { roles: only('handler') },
  // Unmasked: for whoever has to compare it with a paper.
  'files reveal': { roles: only('handler') },
  'files find': { roles: only(...DESK) },
  'eligibility read': {
    roles: only(...DESK, ...OWN, 'actuary'),
  },
  'eligibility counter': { roles: only('handler', 'hospital') },
  'accounts rule': { roles: only('admin') },

  'referrals read': { roles: only(...DESK, ...OWN, 'hospital') },
  // Which bills of a person come to other amounts, is told to whoever may see the bills of others.
  'referrals enter': {
    parts: { amounts: ['replay', 'statement'] },
    roles: { handler: 'all', hospital: ['rest'] },
  },

  'bills list': { roles: only('hospital') },
  'bills read': {
    roles: { ...only(...DESK, ...OWN, 'hospital'), actuary: WITHOUT_NAMES },
  },
  'bills add': { roles: only('handler', 'hospital') },
  'bills correct': { roles: only('handler') },

  'settlements try': { roles: only(...DESK, 'actuary', 'hospital') },
  'settlements settle': { roles: only('handler', 'hospital') },
  'settlements reverse': { roles: only('handler') },
  'settlements read': {
    parts: {
      amounts: [
        'id',
        'state',
        'settledAt',
        'settledBy',
        'reversedAt',
        'reversedBy',
        'reason',
        'settlement.bill',
        'settlement.person',
        'settlement.total',
        'settlement.patient',
        'settlement.payers',
      ],
    },
    roles: {
      ...only(...DESK, ...OWN, 'hospital', 'actuary'),
      cashier: AMOUNTS_ALONE,
    },
  },
  'settlements print': { roles: only(...DESK, ...OWN, 'hospital') },
  'settlements figures': { roles: only('supervisor', 'actuary', 'regulator') },
  'reliefs try': { roles: only(...DESK, ...OWN, 'actuary') },

  'replays read': { roles: only(...DESK, ...OWN, 'actuary') },
  // What a change would do to every bill of a person, also to those of another hospital.
  'replays try': { roles: only(...DESK, 'actuary') },
  'replays print': { roles: only(...DESK, ...OWN) },
  'runs read': { whole: true, roles: only(...DESK, 'actuary', 'admin') },
  'runs start': { whole: true, roles: only('actuary') },
  'adjustments list': { roles: only(...DESK, 'cashier', 'actuary') },
  'adjustments decide': { roles: only('handler', 'supervisor') },
  'clearings try': { whole: true, roles: only(...DESK, 'cashier', 'actuary') },
  'clearings clear': { whole: true, roles: only('handler', 'cashier') },

  'cases read': { roles: only(...DESK) },
  'cases accept': { roles: only('handler') },
  // Which acts, says the desk that a role sits at.
  'cases work': { roles: only(...DESK) },
  // Of their own alone, and without what is noted in the office.
  'own cases read': { roles: only(...OWN, 'hospital') },
  'own cases send': { roles: only(...OWN, 'hospital') },
  'case limits read': { roles: only(...DESK, 'admin') },
  'case limits write': { roles: only('admin') },

  'reserves read': { whole: true, roles: only('actuary', 'supervisor', 'cashier') },
  'reserves propose': { whole: true, roles: only('actuary') },
  'reserves confirm': { whole: true, roles: only('supervisor') },

  'months read': { roles: only(...DESK, 'cashier', 'actuary', 'hospital') },
  'months prepare': { whole: true, roles: only('handler', 'reviewer', 'investigator') },
  'months close': { whole: true, roles: only('cashier') },
  'months confirm': { whole: true, roles: only('supervisor') },

  'ledger read': { whole: true, roles: only(...DESK, 'cashier', 'actuary') },

  // Who pays does not say where to: whoever gives an account orders nothing to it.
  'payees read': { whole: true, roles: only('handler', 'cashier', 'supervisor') },
  'payees write': { whole: true, roles: only('handler') },
  'payments read': { whole: true, roles: only(...DESK, 'cashier', 'actuary') },
  'payments make': { whole: true, roles: only('cashier') },
  'payments release': { whole: true, roles: only('cashier', 'supervisor') },

  // What the bureau and an insurer owe each other: written by one, confirmed by another.
  'contracts read': { whole: true, roles: only(...DESK, 'cashier', 'actuary', 'insurer') },
  'contracts try': { whole: true, roles: only(...DESK, 'cashier', 'actuary') },
  'contracts write': { whole: true, roles: only('actuary', 'supervisor') },
  'contracts confirm': { whole: true, roles: only('actuary', 'supervisor') },
  // What insurers agreed is data that an actuary enters and an administrator confirms; money is the cashiers'.
  'panels read': { whole: true, roles: only(...DESK, 'cashier', 'actuary', 'admin', 'insurer') },
  'panels write': { whole: true, roles: only('actuary', 'admin') },
  'panels confirm': { whole: true, roles: only('admin') },
  'coinsurance read': { whole: true, roles: only(...DESK, 'cashier', 'actuary', 'insurer') },
  // A co-insurer agrees with its month or objects; whoever keeps the lead's books answers.
  'coinsurance agree': { whole: true, roles: only('insurer') },
  'coinsurance answer': { whole: true, roles: only('cashier', 'supervisor') },
  'coinsurance close': { whole: true, roles: only('cashier') },
  'coinsurance confirm': { whole: true, roles: only('cashier', 'supervisor') },

  'regions read': { whole: true, roles: only(...DESK, 'cashier', 'actuary') },
  'regions close': { whole: true, roles: only('cashier') },
  'regions confirm': { whole: true, roles: only('cashier', 'supervisor') },

  'employers list': { roles: only(...DESK, 'actuary', 'employer') },
  'employers read': {
    parts: { name: ['staff.name'] },
    roles: { ...only(...DESK, 'employer'), actuary: WITHOUT_NAMES },
  },
  'sites read': {
    parts: { name: ['workers.name'] },
    roles: { ...only(...DESK, 'employer'), actuary: WITHOUT_NAMES },
  },
  'employers write': { roles: only('handler') },
  'institutions read': { roles: EVERYBODY },
  'institutions write': { roles: only('handler') },

  // What a draft would do to everybody: nothing in it is about one person.
  'scenarios read': { whole: true, roles: only('actuary', 'admin', 'supervisor') },
  'scenarios write': { whole: true, roles: only('actuary', 'admin') },

  'imports run': { whole: true, roles: only('handler') },
} as const satisfies Record<string, Rule>

export type Permission = keyof typeof RULES
export const PERMISSIONS = Object.keys(RULES) as Permission[]

const ruleOf = (permission: Permission): Rule => RULES[permission]

/** What a role may do. */
export const permissionsOf = (role: Role): Permission[] =>
  PERMISSIONS.filter((permission) => ruleOf(permission).roles[role] !== undefined)

export const rolesWith = (permission: Permission): Role[] =>
  ROLES.filter((role) => ruleOf(permission).roles[role] !== undefined)

/** Which parts of the answer a role sees; `all` where none is kept from it, undefined where it may not ask. */
export const partsFor = (permission: Permission, role: Role): 'all' | readonly Part[] | undefined =>
  ruleOf(permission).roles[role]

/** Whether it is only for somebody who sees the whole office. */
export const isForWhole = (permission: Permission): boolean => ruleOf(permission).whole ?? false

/** An answer with the fields that a role may see. What it may see whole is passed on untouched. */
export function cutAnswer(permission: Permission, role: Role, answer: unknown): unknown {
  return pick(answer, sightOf(permission, role), '')
}

/**
 * Whether a field of the answer, named by its path, reaches everybody who may ask: `always`, also with all that
 * is in it; `in part`, where some see less of what is in it; `sometimes`, where it is kept from some.
 */
export function reaches(permission: Permission, path: string): 'always' | 'in part' | 'sometimes' {
  const sights = rolesWith(permission).map((role) => sightOf(permission, role)(path))
  if (sights.includes('none')) return 'sometimes'
  return sights.includes('part') ? 'in part' : 'always'
}

/** How much somebody sees of the field at a path, which is '' for the answer itself. */
type Sight = (path: string) => 'whole' | 'part' | 'none'

function sightOf(permission: Permission, role: Role): Sight {
  const seen = partsFor(permission, role)
  if (seen === 'all') return () => 'whole'
  if (seen === undefined) return () => 'none'
  const { parts = {} } = ruleOf(permission)
  const fieldsOf = (shown: boolean) =>
    Object.entries(parts).flatMap(([part, fields]) =>
      seen.includes(part as Part) === shown ? fields : [],
    )
  const [shown, hidden] = [fieldsOf(true), fieldsOf(false)]
  return (path) => {
    const within = (each: string) => path === each || path.startsWith(`${each}.`)
    const holds = (each: string) => path === '' || each.startsWith(`${path}.`)
    if (hidden.some(within)) return 'none'
    if (seen.includes('rest') || shown.some(within)) return hidden.some(holds) ? 'part' : 'whole'
    return shown.some(holds) ? 'part' : 'none'
  }
}

function pick(value: unknown, sight: Sight, path: string): unknown {
  if (Array.isArray(value)) return value.map((each) => pick(each, sight, path))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, each]) => {
      const here = path === '' ? name : `${path}.${name}`
      const seen = sight(here)
      if (seen === 'none') return []
      return [[name, seen === 'whole' ? each : pick(each, sight, here)]]
    }),
  )
}

/**
 * Whoever asks, with these persons open to them for this once: a hospital sees whom it has at its counter.
 * For everybody else nothing opens.
 */
export function atCounter(actor: Actor, persons: readonly string[]): Actor {
  if (actor.role !== 'hospital') return actor
  const open = persons.map((person) => ({ person }))
  return { ...actor, scope: { ...actor.scope, persons: open } }
}

/** Whether a scheme lies within what somebody is narrowed to. */
export function mayUseScheme({ scope = {} }: Actor, scheme: string): boolean {
  const { regions, schemes } = scope
  return (
    (schemes === undefined || schemes.includes(scheme)) &&
    (regions === undefined || regions.some((region) => scheme.startsWith(`${region}/`)))
  )
}
