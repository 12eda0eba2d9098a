import type { PlainDate } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import type { Bill, Person, SchemeBook } from '#domains/settlement/index.ts'
import type { Actor } from '#platform/actor.ts'
import { changesIn } from '#platform/commands.ts'
import type { Guarded, Sql } from '#platform/database.ts'
import type { Secrets } from '#platform/secrets.ts'
import { type BillFinding, findingsOf, institutionOf } from './bill-findings.ts'
import { levelAnswers } from './institution.ts'
import * as store from './registry.store.ts'
import type { Institution, Site } from './types.ts'

/** Why a request about an employer, a site or an institution is not carried out. */
export type RegistryRefusal =
  | {
      readonly code:
        | 'idempotency_key_reused'
        | 'unknown_person'
        | 'unknown_institution'
        | 'unknown_site'
        | 'basis_needed'
    }
  | { readonly code: 'unknown_employer'; readonly employer: string }
  | { readonly code: 'unknown_scheme'; readonly scheme: string }
  | { readonly code: 'not_for_employers'; readonly scheme: string }
  | { readonly code: 'site_exists'; readonly site: string }
  | { readonly code: 'ends_before_begins'; readonly from: PlainDate; readonly until: PlainDate }
  | { readonly code: 'on_roster_already'; readonly from: PlainDate }
  | { readonly code: 'unknown_answer'; readonly attribute: string; readonly answer: string }

type Answer<T> = Promise<Result<T, RegistryRefusal>>
type Id = { readonly id: string }

export type RegistryService = ReturnType<typeof createRegistryService>

/** Employers with their rosters and sites, and institutions with their levels and agreements. */
export function createRegistryService({
  database,
  today,
  bookOf,
  secrets,
}: {
  readonly database: Guarded
  readonly today: () => PlainDate
  readonly bookOf: (actor: Actor) => Promise<SchemeBook>
  readonly secrets: Pick<Secrets, 'open'>
}) {
  const changes = changesIn<RegistryRefusal>(database)

  /** One change, answered with the number that it concerns. */
  function change(
    actor: Actor,
    key: string,
    [action, subject, ...facts]: readonly [string, string, ...unknown[]],
    work: (sql: Sql) => Promise<RegistryRefusal | undefined>,
  ): Answer<Id> {
    return changes(actor, key, [action, subject, ...facts], async (sql) => {
      const refusal = await work(sql)
      return refusal ? err(refusal) : ok({ id: subject })
    })
  }

  // --- employers ----------------------------------------------------------------------------------

  const addEmployer = (actor: Actor, key: string, employer: { id: string; name: string }) =>
    change(actor, key, ['add employer', employer.id, employer.name], async (sql) => {
      await store.saveEmployer(sql, actor.tenant, employer)
      return undefined
    })

  const employers = (actor: Actor, q: string, limit: number) =>
    store.listEmployers(database.as(actor), actor.tenant, q, today(), limit)

  /** What an employer may know of its own staff: who works there, and which cover it takes out for them. */
  async function employer(actor: Actor, id: string, limit: number) {
    const { tenant } = actor
    const sql = database.as(actor)
    const found = await store.findEmployer(sql, tenant, id)
    if (!found) return err({ code: 'unknown_employer', employer: id } as const)
    const [staff, figures, sites] = await Promise.all([
      store.listStaff(sql, tenant, id, today(), limit),
      store.staffFigures(sql, tenant, id, today()),
      store.listSites(sql, tenant, id, today()),
    ])
    const named = staff.map(({ nameSealed, ...each }) => ({
      ...each,
      name: nameSealed && secrets.open(nameSealed),
    }))
    return ok({ ...found, on: today(), figures, staff: named, sites })
  }

  /** Somebody begins to work for an employer, or the last day of that is set or lifted. */
  const roster = (
    actor: Actor,
    key: string,
    asked: { employer: string; person: string; from: PlainDate; until: PlainDate | undefined },
  ) =>
    change(actor, key, ['roster', asked.employer, asked], async (sql) => {
      const { tenant } = actor
      const { employer, person, from, until } = asked
      if (until !== undefined && until < from) return { code: 'ends_before_begins', from, until }
      if (!(await store.findEmployer(sql, tenant, employer)))
        return { code: 'unknown_employer', employer }
      if (!(await store.lockLiving(sql, tenant, person))) return { code: 'unknown_person' }
      const other = await store.overlappingWork(sql, tenant, asked)
      if (other !== undefined) return { code: 'on_roster_already', from: other }
      await store.saveRoster(sql, tenant, asked)
      return undefined
    })

  /** Insures a construction site without names: by headcount or by area, one of the two. */
  async function addSite(actor: Actor, key: string, site: Site): Answer<Id> {
    const { schemes } = await bookOf(actor)
    return change(actor, key, ['add site', site.id, site], async (sql) => {
      const { from, until, scheme, employer } = site
      const kind = schemes.get(scheme)?.kind
      if (kind === undefined) return { code: 'unknown_scheme', scheme }
      if (kind !== 'group') return { code: 'not_for_employers', scheme }
      if (until < from) return { code: 'ends_before_begins', from, until }
      if ((site.headcount === undefined) === (site.areaM2 === undefined))
        return { code: 'basis_needed' }
      if (!(await store.findEmployer(sql, actor.tenant, employer)))
        return { code: 'unknown_employer', employer }
      const added = await store.insertSite(sql, actor.tenant, site)
      return added ? undefined : { code: 'site_exists', site: site.id }
    })
  }

  /** A site, and who was named there. */
  async function site(actor: Actor, id: string, limit: number) {
    const sql = database.as(actor)
    const { tenant } = actor
    const found = await store.findSite(sql, tenant, id)
    if (!found) return err({ code: 'unknown_site' } as const)
    const workers = await store.listWorkers(sql, tenant, id, limit)
    const named = workers.map(({ nameSealed, ...each }) => ({
      ...each,
      name: nameSealed && secrets.open(nameSealed),
    }))
    return ok({ ...found, on: today(), workers: named })
  }

  // --- institutions -------------------------------------------------------------------------------

  const addInstitution = (
    actor: Actor,
    key: string,
    institution: Pick<Institution, 'id' | 'name' | 'kind'>,
  ) =>
    change(actor, key, ['add institution', institution.id, institution], async (sql) => {
      await store.saveInstitution(sql, actor.tenant, institution)
      return undefined
    })

  const institutions = (actor: Actor, q: string, limit: number) =>
    store.listInstitutions(database.as(actor), actor.tenant, q, limit)

  /** A level from a day on, or the correction of the one that begins that day. */
  async function level(
    actor: Actor,
    key: string,
    id: string,
    asked: Institution['levels'][number],
  ): Answer<Id> {
    const known = levelAnswers((await bookOf(actor)).vocabulary)
    return change(actor, key, ['institution level', id, asked], async (sql) => {
      if (!(await store.findInstitution(sql, actor.tenant, id)))
        return { code: 'unknown_institution' }
      if (!known.includes(asked.level))
        return { code: 'unknown_answer', attribute: 'level', answer: asked.level }
      await store.saveLevel(sql, actor.tenant, id, asked)
      return undefined
    })
  }

  const agreement = (
    actor: Actor,
    key: string,
    id: string,
    asked: Institution['agreements'][number],
  ) =>
    change(actor, key, ['institution agreement', id, asked], async (sql) => {
      const { from, until } = asked
      if (until !== undefined && until < from) return { code: 'ends_before_begins', from, until }
      if (!(await store.findInstitution(sql, actor.tenant, id)))
        return { code: 'unknown_institution' }
      await store.saveAgreement(sql, actor.tenant, id, asked)
      return undefined
    })

  /** What a person should look at in a bill. A bill that names no institution is compared without a query. */
  async function billFindings(
    actor: Actor,
    bill: Bill,
    person: Person | undefined,
  ): Promise<BillFinding[]> {
    const named = institutionOf(bill)
    const found =
      named === undefined
        ? undefined
        : await store.institutionNamed(database.as(actor), actor.tenant, named)
    // Where a bill gives a number, a name that happens to be the same is another thing.
    const institution =
      bill.institution === undefined || found?.id === bill.institution ? found : undefined
    return findingsOf(bill, person, institution)
  }

  return {
    today,
    addEmployer,
    employers,
    employer,
    roster,
    addSite,
    site,
    billFindings,
    addInstitution,
    institutions,
    level,
    agreement,
  }
}
