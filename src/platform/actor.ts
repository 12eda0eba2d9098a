import type { PlainDate } from '#base/plain-date.ts'

/** What a user is there for. What each may do is decided in one table, in access.ts. */
export const ROLES = [
  'handler',
  'reviewer',
  'investigator',
  'cashier',
  'supervisor',
  'actuary',
  'hospital',
  'employer',
  'insured',
  'agent',
  'insurer',
  'regulator',
  'admin',
] as const
export type Role = (typeof ROLES)[number]

/** One person whose file is open to a user: their own, or another's by an authorisation with its days. */
export type OpenPerson = {
  readonly person: string
  readonly from?: PlainDate | undefined
  /** The last day. */
  readonly until?: PlainDate | undefined
  /** The document that says so. */
  readonly document?: string | undefined
}

/** What a user's role is narrowed to. What is absent narrows nothing. */
export type Scope = {
  /** Places, as the folders of schemes name them. */
  readonly regions?: readonly string[] | undefined
  readonly institutions?: readonly string[] | undefined
  readonly schemes?: readonly string[] | undefined
  readonly employer?: string | undefined
  /** One insurer, by the number that panels and contracts give it. */
  readonly insurer?: string | undefined
  readonly persons?: readonly OpenPerson[] | undefined
}

/** Who asks: one user of one tenant, as the session names them. */
export type Actor = {
  readonly tenant: string
  readonly user: string
  readonly name: string
  readonly role: Role
  readonly scope?: Scope
  /** Persons whose files are open to the user in an emergency: each look at one is marked as such. */
  readonly emergency?: readonly string[]
  /** Why they ask, where they said so: it goes into the access log. */
  readonly purpose?: string | undefined
}

type ScopeField = keyof Scope
type Narrowing = { readonly must: readonly ScopeField[]; readonly may: readonly ScopeField[] }
const STAFF: Narrowing = { must: [], may: ['regions', 'schemes'] }

/** By what each role is narrowed: whoever is outside the office sees their own alone, so they cannot go without. */
export const NARROWINGS: Readonly<Record<Role, Narrowing>> = {
  handler: STAFF,
  reviewer: STAFF,
  investigator: STAFF,
  cashier: STAFF,
  supervisor: STAFF,
  actuary: STAFF,
  regulator: STAFF,
  hospital: { must: ['institutions'], may: [] },
  employer: { must: ['employer'], may: [] },
  insured: { must: ['persons'], may: [] },
  agent: { must: ['persons'], may: [] },
  insurer: { must: ['insurer'], may: [] },
  admin: { must: [], may: [] },
}

export type ScopeFault =
  | { readonly code: 'scope_missing'; readonly field: ScopeField }
  | { readonly code: 'scope_not_for_role'; readonly field: ScopeField }
  /** An insured person has one file, their own. */
  | { readonly code: 'scope_one_person' }
  /** Whoever acts for another does so by a document, from a day to a day. */
  | { readonly code: 'scope_authorisation'; readonly person: string }

/** What is wrong with a role that is narrowed like this; undefined where nothing is. */
export function scopeFault(role: Role, scope: Scope = {}): ScopeFault | undefined {
  const { must, may } = NARROWINGS[role]
  const given = (Object.keys(scope) as ScopeField[]).filter((field) => isGiven(scope[field]))
  const missing = must.find((field) => !given.includes(field))
  if (missing) return { code: 'scope_missing', field: missing }
  const foreign = given.find((field) => !must.includes(field) && !may.includes(field))
  if (foreign) return { code: 'scope_not_for_role', field: foreign }
  const persons = scope.persons ?? []
  if (role === 'insured' && persons.length > 1) return { code: 'scope_one_person' }
  const loose = persons.find(
    ({ from, until, document }) => !from || !until || until < from || !document,
  )
  if (role === 'agent' && loose) return { code: 'scope_authorisation', person: loose.person }
  return undefined
}

const isGiven = (value: Scope[ScopeField]): boolean => value !== undefined && value.length > 0
