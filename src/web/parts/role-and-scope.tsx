import { Form, Input, Select } from 'antd'
import { type OpenPerson, ROLES, type Role, type Scope } from '#web/api.ts'
import { useLanguage } from '#web/parts/language.tsx'
import type { WordKey } from '#web/words.ts'

export const ROLE_WORDS = {
  handler: 'roleHandler',
  reviewer: 'roleReviewer',
  investigator: 'roleInvestigator',
  cashier: 'roleCashier',
  supervisor: 'roleSupervisor',
  actuary: 'roleActuary',
  hospital: 'roleHospital',
  employer: 'roleEmployer',
  insured: 'roleInsured',
  agent: 'roleAgent',
  insurer: 'roleInsurer',
  regulator: 'roleRegulator',
  admin: 'roleAdmin',
} as const satisfies Record<Role, WordKey>

export type ScopeFields = {
  readonly regions?: string
  readonly schemes?: string
  readonly institutions?: string
  readonly employer?: string
  readonly insurer?: string
  readonly person?: string
  readonly document?: string
  readonly from?: string
  readonly until?: string
}

const SCOPE_WORDS = {
  regions: 'scopeRegions',
  schemes: 'scopeSchemes',
  institutions: 'scopeInstitutions',
  employer: 'scopeEmployer',
  insurer: 'scopeInsurer',
  person: 'scopePerson',
  document: 'scopeDocument',
  from: 'scopeFrom',
  until: 'scopeUntil',
} as const satisfies Record<keyof ScopeFields, WordKey>
const SEVERAL: readonly (keyof ScopeFields)[] = ['regions', 'schemes', 'institutions']

/** What is asked of each role to narrow it; all but regions and schemes has to be answered. */
const SCOPE_FIELDS: Partial<Record<Role, readonly (keyof ScopeFields)[]>> = {
  hospital: ['institutions'],
  employer: ['employer'],
  insurer: ['insurer'],
  insured: ['person'],
  agent: ['person', 'document', 'from', 'until'],
  admin: [],
}
const STAFF_FIELDS: readonly (keyof ScopeFields)[] = ['regions', 'schemes']
const fieldsOf = (role: Role) => SCOPE_FIELDS[role] ?? STAFF_FIELDS

/** A role, and what narrows it: the fields `role` and `scope` of the form around it. */
export function RoleAndScope({ role }: { readonly role: Role }) {
  const { say } = useLanguage()
  return (
    <>
      <Form.Item name="role" label={say('role')}>
        <Select options={ROLES.map((role) => ({ value: role, label: say(ROLE_WORDS[role]) }))} />
      </Form.Item>
      {fieldsOf(role).map((field) => (
        <Form.Item
          key={field}
          name={['scope', field]}
          label={say(SCOPE_WORDS[field])}
          {...(SEVERAL.includes(field) ? { extra: say('scopeSeveral') } : {})}
          rules={STAFF_FIELDS.includes(field) ? [] : [{ required: true, message: say('required') }]}
        >
          <Input
            autoComplete="off"
            maxLength={2_000}
            {...(field === 'from' || field === 'until' ? { type: 'date' } : {})}
          />
        </Form.Item>
      ))}
    </>
  )
}

/** What the fields say. Persons beyond the first stay as they are: the form shows one. */
export function scopeOf(
  role: Role,
  given: ScopeFields = {},
  others: readonly OpenPerson[] = [],
): Scope {
  const text = (field: keyof ScopeFields) =>
    (fieldsOf(role).includes(field) && given[field]?.trim()) || undefined
  const several = (field: keyof ScopeFields) => text(field)?.split(/[\s,，、;；]+/)
  const person = text('person')
  return {
    regions: several('regions'),
    schemes: several('schemes'),
    institutions: several('institutions'),
    employer: text('employer'),
    insurer: text('insurer'),
    persons: person
      ? [
          { person, document: text('document'), from: text('from'), until: text('until') },
          ...others,
        ]
      : undefined,
  }
}

/** A scope in one line: what it names, and the days of an authorisation. */
export function scopeText({
  regions,
  institutions,
  schemes,
  employer,
  insurer,
  persons = [],
}: Scope): string {
  const open = persons.map(({ person, from, until }) =>
    from && until ? `${person} (${from} – ${until})` : person,
  )
  const named = [
    regions,
    institutions,
    schemes,
    employer ? [employer] : [],
    insurer ? [insurer] : [],
    open,
  ]
  return named.flatMap((each) => each ?? []).join('、')
}

/** The fields of a scope there is. */
export function fieldsFrom({
  regions,
  schemes,
  institutions,
  employer,
  insurer,
  persons,
}: Scope): ScopeFields {
  const joined = (names: readonly string[] | undefined) => names?.join(' ') ?? ''
  const [open] = persons ?? []
  return {
    regions: joined(regions),
    schemes: joined(schemes),
    institutions: joined(institutions),
    employer: employer ?? '',
    insurer: insurer ?? '',
    person: open?.person ?? '',
    document: open?.document ?? '',
    from: open?.from ?? '',
    until: open?.until ?? '',
  }
}
