import type { PlainDate } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import { accountLeg } from '#domains/ledger/index.ts'
import { post } from '#domains/ledger/service.ts'
import {
  type Certificate,
  type Cover,
  type Person,
  type Registration,
  type SchemeBook,
  totalKey,
  waitsOf,
} from '#domains/settlement/index.ts'
import type { SettlementService } from '#domains/settlement/service.ts'
import { atCounter, mayUseScheme } from '#platform/access.ts'
import { logAccess, logReading, whoLooked } from '#platform/access-log.ts'
import type { Actor } from '#platform/actor.ts'
import { type Commanded, commandOnce } from '#platform/commands.ts'
import type { Guarded, Sql } from '#platform/database.ts'
import { keepName } from '#platform/person-name.ts'
import type { Secrets } from '#platform/secrets.ts'
import { type AskedOfAccount, askAccount } from './account.ts'
import {
  type Circumstances,
  changeClass,
  endMembership,
  enrol,
  recordCondition,
  recordDeath,
  recordStatus,
  repairBreak,
  withdraw,
  withdrawRepair,
  withdrawStatus,
} from './enrol.ts'
import {
  recordCertificate,
  recordRegistration,
  withdrawCertificate,
  withdrawRegistration,
} from './filings.ts'
import { maskedIdNumber, readIdNumber } from './id-number.ts'
import { adopt, insure, type Reading } from './insure.ts'
import { mergedEntry, mergeFiles } from './merge.ts'
import { type Posting, postPremium } from './premium.ts'
import { nameWorker } from './site.ts'
import * as store from './store.ts'
import type {
  AccountRefusal,
  AccountUse,
  EnrolRefusal,
  Evidence,
  IdNumberRefusal,
  Insured,
  Membership,
  MergeRefusal,
  PremiumRefusal,
  ReferralRefusal,
  Repair,
  Sex,
  SiteRefusal,
  Status,
} from './types.ts'

/** Why a request about a person is not carried out. */
export type ServiceRefusal =
  | EnrolRefusal
  | PremiumRefusal
  | AccountRefusal
  | MergeRefusal
  | { readonly code: 'unknown_merge' | 'merge_undone' | 'changed_since_merge' | 'premiums_clash' }
  | SiteRefusal
  | IdNumberRefusal
  | {
      readonly code:
        | 'idempotency_key_reused'
        | 'unknown_person'
        | 'unknown_condition'
        | 'unknown_site'
    }
  | { readonly code: 'person_exists'; readonly person: string }
  | { readonly code: 'id_number_taken'; readonly person: string }
  | { readonly code: 'id_number_known' }
  | { readonly code: 'birthday_needed' }
  | { readonly code: 'birthday_differs'; readonly stated: PlainDate }
  | { readonly code: 'sex_differs' }
  | { readonly code: 'person_merged'; readonly into: string }
  | { readonly code: 'person_died'; readonly died: PlainDate }
  | { readonly code: 'born_in_future' | 'died_in_future' | 'died_before_birth' }
  | { readonly code: 'family_is_self' }
  | ReferralRefusal
  | { readonly code: 'unknown_referral' | 'unknown_institution' | 'referral_not_yours' }
  | { readonly code: 'referral_changes_bills' }

type Answer<T> = Promise<Result<T, ServiceRefusal>>

/**
 * What a change of a person answers: who, the bills that come to other amounts now, and the statement that says
 * which and why.
 */
export type Changed = {
  readonly person: string
  readonly replay: readonly string[]
  readonly statement: string | null
}

/** What can be changed about who covers a person. */
export type Change =
  | {
      readonly kind: 'enrol'
      readonly membership: Membership
      readonly premiums: readonly { readonly payer: string; readonly due: number }[]
    }
  | ({ readonly kind: 'end' } & Pick<Membership, 'scheme' | 'from' | 'until'>)
  | ({ readonly kind: 'change-class'; readonly on: PlainDate } & Pick<
      Membership,
      'scheme' | 'from' | 'answers'
    >)
  | ({ readonly kind: 'withdraw' } & Pick<Membership, 'scheme' | 'from'>)
  | { readonly kind: 'status'; readonly status: Status }
  | ({ readonly kind: 'withdraw-status' } & Pick<Status, 'attribute' | 'from'>)
  | { readonly kind: 'repair'; readonly repair: Repair }
  | ({ readonly kind: 'withdraw-repair' } & Pick<Repair, 'scheme' | 'from'>)
  | ({ readonly kind: 'registration'; readonly registration: Registration } & Evidence)
  | {
      readonly kind: 'withdraw-registration'
      readonly registration: Pick<Registration, 'kind' | 'place' | 'from'>
    }
  | ({ readonly kind: 'certificate'; readonly certificate: Certificate } & Evidence)
  | {
      readonly kind: 'withdraw-certificate'
      readonly certificate: Pick<Certificate, 'kind' | 'of' | 'from'>
    }
  | { readonly kind: 'declare'; readonly disease: string; readonly since: PlainDate }
  | { readonly kind: 'search-history' }
  | { readonly kind: 'decide'; readonly disease: string; readonly confirmed: boolean }
  | { readonly kind: 'death'; readonly on: PlainDate }
  | {
      readonly kind: 'site'
      readonly site: string
      readonly from: PlainDate
      readonly until: PlainDate
    }

export type EnrolmentService = ReturnType<typeof createEnrolmentService>

/**
 * Keeps who a person is and who covers them. Each change locks the person's row, as a settlement does,
 * decides, and writes the facts together with the person that settlements read. What is read of a person is recorded
 * in the same transaction: where that cannot be, nothing is answered. `bookOf` answers with the rules in force for
 * whoever asks, and asks for their number on `sql` where it is given.
 */
export function createEnrolmentService({
  database,
  today,
  bookOf,
  secrets,
  settlement,
}: {
  readonly database: Guarded
  readonly today: () => PlainDate
  readonly bookOf: (actor: Actor, sql?: Sql) => Promise<SchemeBook>
  readonly secrets: Secrets
  /** Settles a person's bills again where a fact about the person changed. */
  readonly settlement: Pick<SettlementService, 'replayWithin'>
}) {
  const digestOf = (number: string) => secrets.digest(`id ${number}`)
  /** The record of a command holds a hash of its request; a number or name in it could be guessed from that. */
  const unguessable = (text: string | undefined) =>
    text === undefined ? null : secrets.digest(`request ${text}`).toString('hex')

  /** Adds a person. The id-card number gives birthday and sex; without one both have to be stated. */
  async function register(
    actor: Actor,
    key: string,
    asked: {
      readonly id?: string | undefined
      readonly name: string
      readonly idNumber?: string | undefined
      readonly born?: PlainDate | undefined
      readonly sex?: Sex | undefined
    },
  ): Answer<Changed> {
    const { tenant } = actor
    const hidden = { name: unguessable(asked.name), idNumber: unguessable(asked.idNumber) }
    const request = ['register', { ...asked, ...hidden }]
    return commanded(
      await commandOnce(database, { actor, key, request }, async (sql): Answer<Changed> => {
        const read =
          asked.idNumber === undefined ? undefined : readIdNumber(asked.idNumber, today())
        if (read && !read.ok) return read
        const born = read?.value.born ?? asked.born
        const sex = read?.value.sex ?? asked.sex
        if (born === undefined || sex === undefined) return err({ code: 'birthday_needed' })
        if (born > today()) return err({ code: 'born_in_future' })
        const contradiction = contradicts({ born, sex }, asked)
        if (contradiction) return err(contradiction)
        const idDigest = read && digestOf(read.value.number)
        const taken = idDigest && (await store.findByIdNumber(sql, tenant, idDigest))
        if (taken) return err({ code: 'id_number_taken', person: taken })
        const id = asked.id ?? (await store.nextPersonNumber(sql))
        const body: Person = { id, born, attributes: [], covers: [] }
        const idSealed = read && secrets.seal(read.value.number)
        const person = { body, name: keepName(secrets, asked.name), sex, idSealed, idDigest }
        if (!(await store.insertPerson(sql, tenant, person)))
          return err({ code: 'person_exists', person: id })
        await record(sql, actor, id, 'register', {}, undefined)
        await logAccess(sql, actor, 'register', id)
        return ok({ person: id, ...NOTHING_REPLAYED })
      }),
    )
  }

  /** Gives a person who is known without one their id-card number. */
  async function identify(
    actor: Actor,
    key: string,
    person: string,
    idNumber: string,
  ): Answer<Changed> {
    const { tenant } = actor
    const request = ['identify', person, unguessable(idNumber)]
    return commanded(
      await commandOnce(database, { actor, key, request }, async (sql): Answer<Changed> => {
        const read = readIdNumber(idNumber, today())
        if (!read.ok) return read
        const found = await lock(sql, actor, person)
        if (!found.ok) return found
        if (found.value.row.idSealed) return err({ code: 'id_number_known' })
        const { number, born, sex } = read.value
        const stated = { born: found.value.insured.born, sex: found.value.row.sex ?? undefined }
        const contradiction = contradicts({ born, sex }, stated)
        if (contradiction) return err(contradiction)
        const digest = digestOf(number)
        const taken = await store.findByIdNumber(sql, tenant, digest)
        if (taken) return err({ code: 'id_number_taken', person: taken })
        await store.setIdNumber(sql, tenant, person, { sex, sealed: secrets.seal(number), digest })
        return save(
          sql,
          actor,
          found.value,
          { ...found.value.insured, born },
          'identify',
          {},
          undefined,
        )
      }),
    )
  }

  /** Changes who covers a person, in one transaction with what settlements read of them. */
  async function change(
    actor: Actor,
    key: string,
    person: string,
    asked: Change,
    reason: string | undefined,
  ): Answer<Changed> {
    const { tenant } = actor
    const request = ['change', person, asked, reason ?? '']
    const book = await bookOf(actor)
    return commanded(
      await commandOnce(database, { actor, key, request }, async (sql): Answer<Changed> => {
        const found = await lock(sql, actor, person)
        if (!found.ok) return found
        const { insured } = found.value
        if (insured.died !== undefined && asked.kind === 'death')
          return err({ code: 'person_died', died: insured.died })
        const decided = await decide(sql, actor, insured, asked, { book, reason })
        if (!decided.ok) return decided
        if (asked.kind === 'enrol') {
          const { scheme, from } = asked.membership
          for (const { payer, due } of asked.premiums) {
            const premium = await premiumOf(sql, tenant, person, { scheme, from, payer })
            await store.savePremium(sql, tenant, person, { ...premium, due })
          }
        }
        const filing = filingOf(asked)
        if (filing) await store.saveFiling(sql, tenant, person, filing)
        const { kind, ...facts } = asked
        return save(sql, actor, found.value, decided.value, kind, facts, reason, book)
      }),
    )
  }

  /** What a referral changes of a person, in the transaction that keeps the referral. */
  async function changeWithin(
    sql: Sql,
    actor: Actor,
    person: string,
    asked: { readonly change: string; readonly facts: object; readonly reason: string },
    decided: (insured: Insured, reading: Reading) => Result<Insured, ServiceRefusal>,
  ): Answer<Changed> {
    const book = await bookOf(actor, sql)
    const found = await lock(sql, actor, person)
    if (!found.ok) return found
    const insured = decided(found.value.insured, readingOf(book))
    if (!insured.ok) return insured
    const { change: kind, facts, reason } = asked
    return save(sql, actor, found.value, insured.value, kind, facts, reason, book)
  }

  async function decide(
    sql: Sql,
    actor: Actor,
    insured: Insured,
    asked: Change,
    { book, reason }: { readonly book: SchemeBook; readonly reason: string | undefined },
  ): Answer<Insured> {
    const reading = readingOf(book)
    const employers = async (employer: string | undefined) =>
      circumstancesOf(sql, actor, insured.id, employer, { reading, reason })
    switch (asked.kind) {
      case 'enrol': {
        const { membership } = asked
        if (!mayUseScheme(actor, membership.scheme))
          return err({ code: 'unknown_scheme', scheme: membership.scheme })
        return insuredOf(enrol(insured, membership, await employers(membership.employer)))
      }
      case 'end': {
        const { employer } = find(insured, asked) ?? {}
        return insuredOf(endMembership(insured, asked, await employers(employer)))
      }
      case 'change-class': {
        const { employer } = find(insured, asked) ?? {}
        return insuredOf(changeClass(insured, asked, await employers(employer)))
      }
      case 'withdraw':
        return withdraw(insured, asked)
      case 'status':
        return recordStatus(insured, asked.status, reading)
      case 'withdraw-status':
        return withdrawStatus(insured, asked)
      case 'repair':
        return repairBreak(insured, asked.repair, reading)
      case 'withdraw-repair':
        return withdrawRepair(insured, asked)
      case 'registration':
        return recordRegistration(insured, asked.registration, reading)
      case 'withdraw-registration':
        return withdrawRegistration(insured, asked.registration)
      case 'certificate':
        return recordCertificate(insured, asked.certificate, reading)
      case 'withdraw-certificate':
        return withdrawCertificate(insured, asked.certificate)
      case 'declare': {
        const { disease, since } = asked
        return ok(recordCondition(insured, { disease, since, state: 'declared' }))
      }
      case 'search-history': {
        const known = new Set(insured.conditions.map(({ disease }) => disease))
        const found = await store.diseasesInBills(sql, actor.tenant, insured.id)
        return ok(
          found
            .filter(({ disease }) => !known.has(disease))
            .reduce((all, each) => recordCondition(all, { ...each, state: 'found' }), insured),
        )
      }
      case 'decide': {
        const found = insured.conditions.find(({ disease }) => disease === asked.disease)
        if (!found) return err({ code: 'unknown_condition' })
        const state = asked.confirmed ? 'confirmed' : 'rejected'
        return ok(recordCondition(insured, { ...found, state }))
      }
      case 'death': {
        if (asked.on > today()) return err({ code: 'died_in_future' })
        if (insured.born !== undefined && asked.on < insured.born)
          return err({ code: 'died_before_birth' })
        return ok(recordDeath(insured, asked.on))
      }
      case 'site': {
        const site = await store.lockSite(sql, actor.tenant, asked.site)
        if (!site) return err({ code: 'unknown_site' })
        const { from, until } = asked
        const work = { person: insured.id, from, until }
        const workers = await store.siteWorkers(sql, actor.tenant, site.id)
        const named = nameWorker(site, workers, work)
        if (!named.ok) return named
        await store.insertSiteWorker(sql, actor.tenant, site.id, work)
        const { scheme, employer } = site
        // Workers of a site are named afterwards: that is what such a policy is for.
        const membership = { scheme, from, until, enrolledOn: from, answers: {}, employer }
        const there = { ...(await employers(undefined)), onRoster: () => true }
        return insuredOf(enrol(insured, membership, there))
      }
    }
  }

  /** What the decision has to know of employers: only the one that is named is looked up. */
  async function circumstancesOf(
    sql: Sql,
    { tenant }: Actor,
    person: string,
    employer: string | undefined,
    { reading, reason }: { readonly reading: Reading; readonly reason: string | undefined },
  ): Promise<Circumstances> {
    const known = employer !== undefined && (await store.employerExists(sql, tenant, employer))
    const roster = known ? await store.rosterOf(sql, tenant, person) : []
    return {
      ...reading,
      today: today(),
      reason,
      onRoster: (name, on) =>
        known
          ? roster.some(
              (each) =>
                each.employer === name && each.from <= on && on <= (each.until ?? '9999-12-31'),
            )
          : undefined,
    }
  }

  // --- reading and writing a person ---------------------------------------------------------------

  type Held = { readonly row: store.PersonRow; readonly insured: Insured }

  /** A person with the row locked, who is neither merged away nor unknown. */
  async function lock(sql: Sql, { tenant }: Actor, person: string): Answer<Held> {
    const row = await store.lockPerson(sql, tenant, person)
    if (!row) return err({ code: 'unknown_person' })
    if (row.mergedInto !== null) return err({ code: 'person_merged', into: row.mergedInto })
    return ok({ row, insured: insuredOfRow(row) })
  }

  async function save(
    sql: Sql,
    actor: Actor,
    { row, insured: before }: Held,
    insured: Insured,
    change: string,
    facts: object,
    reason: string | undefined,
    book?: SchemeBook,
  ): Answer<Changed> {
    const body = insure(insured, readingOf(book ?? (await bookOf(actor))))
    await store.saveInsured(sql, actor.tenant, insured, body)
    await record(sql, actor, before.id, change, facts, reason)
    await logAccess(sql, actor, change, before.id)
    if (row.settlements === 0 || sorted(row.body) === sorted(body))
      return ok({ person: before.id, ...NOTHING_REPLAYED })
    const cause = { kind: 'person', change } as const
    const replayed = await settlement.replayWithin(sql, actor, { person: before.id, cause, reason })
    return ok({ person: before.id, replay: replayed.bills, statement: replayed.statement })
  }

  const record = (
    sql: Sql,
    { tenant, name }: Actor,
    person: string,
    change: string,
    facts: object,
    reason: string | undefined,
  ) => store.insertChange(sql, tenant, { person, user: name, change, facts, reason })

  // --- premiums and families ----------------------------------------------------------------------

  async function premiumOf(
    sql: Sql,
    tenant: string,
    person: string,
    named: { readonly scheme: string; readonly from: PlainDate; readonly payer: string },
  ): Promise<store.PremiumRow> {
    const { scheme, from, payer } = named
    const all = await store.listPremiums(sql, tenant, person)
    const found = all.find(
      (each) => each.scheme === scheme && each.from === from && each.payer === payer,
    )
    return found ?? { scheme, from, payer, due: 0, collected: 0, refunded: 0 }
  }

  /** Records that a premium is due, came in, or went back. */
  async function premium(
    actor: Actor,
    key: string,
    person: string,
    asked: Posting & { readonly scheme: string; readonly from: PlainDate; readonly payer: string },
    reason: string | undefined,
  ): Answer<Changed> {
    const { tenant } = actor
    const request = ['premium', person, asked, reason ?? '']
    return commanded(
      await commandOnce(database, { actor, key, request }, async (sql): Answer<Changed> => {
        const found = await lock(sql, actor, person)
        if (!found.ok) return found
        const { scheme, from } = asked
        if (!find(found.value.insured, asked))
          return err({ code: 'unknown_membership', scheme, from })
        const before = await premiumOf(sql, tenant, person, asked)
        const posted = postPremium(before, asked)
        if (!posted.ok) return posted
        await store.savePremium(sql, tenant, person, { ...before, ...posted.value })
        await record(sql, actor, person, 'premium', asked, reason)
        await logAccess(sql, actor, 'premium', person)
        return ok({ person, ...NOTHING_REPLAYED })
      }),
    )
  }

  /** Links a member of the family to the owner of an account, from a day on and perhaps to a day. */
  async function family(actor: Actor, key: string, link: store.FamilyRow): Answer<Changed> {
    const { tenant } = actor
    const { owner, member, from, until } = link
    const request = ['family', link]
    if (owner === member) return err({ code: 'family_is_self' })
    if (until !== null && until < from) return err({ code: 'ends_before_begins', from, until })
    return commanded(
      await commandOnce(database, { actor, key, request }, async (sql): Answer<Changed> => {
        // Two links between the same persons lock them in one order.
        for (const person of [owner, member].toSorted()) {
          const found = await lock(sql, actor, person)
          if (!found.ok) return found
        }
        await store.saveFamily(sql, tenant, link)
        for (const person of [owner, member])
          await record(sql, actor, person, 'family', link, undefined)
        await logAccess(sql, actor, 'family', `${owner} ${member}`)
        return ok({ person: owner, ...NOTHING_REPLAYED })
      }),
    )
  }

  // --- accounts -----------------------------------------------------------------------------------

  /**
   * Something happens to a personal account besides bills: the owner's row is locked, so no settlement draws on
   * the balance meanwhile. What is shared or left to somebody arrives there in the same transaction.
   */
  async function account(
    actor: Actor,
    key: string,
    person: string,
    asked: AskedOfAccount & {
      readonly counterpart: string | undefined
      readonly reference: string
    },
  ): Answer<{ readonly person: string; readonly balance: number }> {
    const { tenant } = actor
    const request = ['account', person, asked]
    type Balance = { readonly person: string; readonly balance: number }
    return commanded(
      await commandOnce(database, { actor, key, request }, async (sql): Answer<Balance> => {
        const { act, counterpart, on } = asked
        const moves = (act === 'share' || act === 'left') && counterpart !== undefined
        if (moves && counterpart === person) return err({ code: 'family_is_self' })
        // Two persons are locked in one order, whoever gives.
        const held = new Map<string, Held>()
        for (const id of [person, ...(moves ? [counterpart] : [])].toSorted()) {
          const found = await lock(sql, actor, id)
          if (!found.ok) return found
          held.set(id, found.value)
        }
        const owner = held.get(person) as Held
        const links = moves ? await store.listFamily(sql, tenant, person) : []
        const changed = askAccount(asked, {
          balance: owner.row.totals[PERSONAL] ?? 0,
          died: owner.insured.died,
          today: today(),
          uses: await store.listAccountUses(sql, tenant),
          isFamily: moves
            ? links.some(
                (link) =>
                  link.owner === person &&
                  link.member === counterpart &&
                  link.from <= on &&
                  on <= (link.until ?? '9999-12-31'),
              )
            : undefined,
        })
        if (!changed.ok) return changed
        const entry = { on, purpose: asked.purpose, reference: asked.reference, user: actor.name }
        await move(sql, actor, person, PERSONAL, {
          ...entry,
          account: 'personal',
          kind: act,
          amount: changed.value,
          counterpart,
        })
        if (moves) {
          const heir = held.get(counterpart) as Held
          if (heir.insured.died !== undefined)
            return err({ code: 'account_closed', died: heir.insured.died })
          const shared = act === 'share'
          await move(sql, actor, counterpart, shared ? FAMILY : PERSONAL, {
            ...entry,
            account: shared ? 'family' : 'personal',
            kind: shared ? 'shared' : 'inherited',
            amount: -changed.value,
            counterpart: person,
          })
        }
        // An entry of an earlier day than bills that stand was there, or gone, when they were settled.
        for (const [id, { row }] of held) {
          const cause = { kind: 'account', change: act } as const
          if (row.settlements > 0) await settlement.replayWithin(sql, actor, { person: id, cause })
        }
        await logAccess(sql, actor, `account ${act}`, person)
        return ok({ person, balance: await store.balanceOf(sql, tenant, person, PERSONAL) })
      }),
    )
  }

  /** What accounts may be used for: a dated rule with its source. */
  async function accountUse(
    actor: Actor,
    key: string,
    use: AccountUse,
  ): Answer<{ readonly purpose: string }> {
    const { tenant } = actor
    const request = ['account use', use]
    return commanded(
      await commandOnce(
        database,
        { actor, key, request },
        async (sql): Answer<{ readonly purpose: string }> => {
          await store.saveAccountUse(sql, tenant, use, actor.name)
          await logAccess(sql, actor, 'account use', use.purpose)
          return ok({ purpose: use.purpose })
        },
      ),
    )
  }

  // --- merging ------------------------------------------------------------------------------------

  /** Both files of a merge, locked in one order. */
  async function lockBoth(sql: Sql, { tenant }: Actor, ids: readonly string[]) {
    const rows = new Map<string, store.PersonRow>()
    for (const id of [...new Set(ids)].toSorted()) {
      const row = await store.lockPerson(sql, tenant, id)
      if (row) rows.set(id, row)
    }
    return rows
  }

  /** Makes one file of two. What stood before is kept, so that it can be undone. */
  async function merge(
    actor: Actor,
    key: string,
    asked: { readonly from: string; readonly into: string; readonly reason: string },
  ): Answer<{ readonly merge: string; readonly statement: string | null }> {
    const { tenant } = actor
    const book = await bookOf(actor)
    const request = ['merge', asked]
    type Merged = { readonly merge: string; readonly statement: string | null }
    return commanded(
      await commandOnce(database, { actor, key, request }, async (sql): Answer<Merged> => {
        const rows = await lockBoth(sql, actor, [asked.from, asked.into])
        const [from, into] = [rows.get(asked.from), rows.get(asked.into)]
        if (!from || !into) return err({ code: 'unknown_person' })
        const gone = from.mergedInto ?? into.mergedInto
        if (gone !== null) return err({ code: 'person_merged', into: gone })
        const [a, b] = [insuredOfRow(from), insuredOfRow(into)]
        const reading = readingOf(book)
        const done = mergeFiles(
          { insured: a, totals: from.totals, identified: from.idSealed !== null },
          { insured: b, totals: into.totals, identified: into.idSealed !== null },
          // What was checked against a roster when it was recorded is not checked again.
          { ...reading, today: today(), reason: asked.reason, onRoster: () => true },
        )
        if (!done.ok) return done
        const premiums = await store.listPremiums(sql, tenant, from.id)
        const others = await store.listPremiums(sql, tenant, into.id)
        const clash = premiums.some((each) =>
          others.some(
            (other) =>
              other.scheme === each.scheme &&
              other.from === each.from &&
              other.payer === each.payer,
          ),
        )
        if (clash) return err({ code: 'premiums_clash' })
        const body = insure(done.value.insured, reading)
        await store.saveInsured(sql, tenant, done.value.insured, body)
        const empty = { ...a, memberships: [], statuses: [], repairs: [], conditions: [] }
        await store.saveInsured(sql, tenant, empty, insure(empty, reading))
        for (const each of premiums) await store.savePremium(sql, tenant, into.id, each)
        await store.deletePremiums(sql, tenant, from.id)
        await store.copyFilings(sql, tenant, from.id, into.id)
        const moved = await store.moveRows(sql, tenant, from.id, into.id, into.settlements)
        const idMoved = from.idSealed !== null
        if (idMoved) await store.moveIdNumber(sql, tenant, from.id, into.id)
        const settlements = into.settlements + from.settlements
        const became = { body, totals: done.value.totals, settlements }
        const sex = into.sex ?? from.sex
        await store.setMerged(sql, tenant, into.id, { ...became, sex, mergedInto: null })
        const nothing = { totals: {}, settlements: 0, sex: from.sex }
        await store.setMerged(sql, tenant, from.id, { ...nothing, mergedInto: into.id })
        const snapshot = (row: store.PersonRow, insured: Insured): store.Snapshot => {
          const { body: was, totals, settlements: count, sex: of } = row
          return { body: was, insured, totals, settlements: count, sex: of }
        }
        const merge = await store.insertMerge(sql, tenant, {
          ...asked,
          user: actor.name,
          record: {
            from: snapshot(from, a),
            into: snapshot(into, b),
            became,
            moved,
            premiums,
            idMoved,
          },
        })
        await post(sql, actor, [mergedEntry(merge, 'merged', from.totals, from.id, into.id)])
        // Where both have bills in one period, the added totals say nothing: no bill may settle from them.
        const cause = { kind: 'person', change: 'merge' } as const
        const replayed =
          done.value.shared.length > 0
            ? await settlement.replayWithin(sql, actor, {
                person: into.id,
                cause,
                reason: asked.reason,
              })
            : undefined
        // Otherwise the facts of one file now hold for the bills of the other, and amounts seldom change.
        if (!replayed && settlements > 0) await store.queueReplay(sql, tenant, into.id, 'merge')
        for (const id of [from.id, into.id])
          await record(sql, actor, id, 'merge', { merge, ...asked }, asked.reason)
        await logAccess(sql, actor, 'merge', `${from.id} ${into.id}`)
        return ok({ merge, statement: replayed?.statement ?? null })
      }),
    )
  }

  /** Two files again, as they were. Refused once anything has happened to the one that was kept. */
  async function undoMerge(
    actor: Actor,
    key: string,
    id: string,
    reason: string,
  ): Answer<{ readonly merge: string }> {
    const { tenant } = actor
    const request = ['undo merge', id, reason]
    type Undone = { readonly merge: string }
    return commanded(
      await commandOnce(database, { actor, key, request }, async (sql): Answer<Undone> => {
        const seen = await store.findMerge(sql, tenant, id)
        if (!seen) return err({ code: 'unknown_merge' })
        const rows = await lockBoth(sql, actor, [seen.from, seen.into])
        const found = await store.findMerge(sql, tenant, id)
        const into = rows.get(seen.into)
        if (!found || !into) return err({ code: 'unknown_merge' })
        if (found.undone) return err({ code: 'merge_undone' })
        const { record: kept } = found
        const now = { body: into.body, totals: into.totals, settlements: into.settlements }
        if (sorted(now) !== sorted(kept.became)) return err({ code: 'changed_since_merge' })
        await store.moveRowsBack(sql, tenant, kept.moved, found, kept.into.settlements)
        if (kept.idMoved) await store.moveIdNumber(sql, tenant, found.into, found.from)
        for (const [person, was] of [
          [found.from, kept.from],
          [found.into, kept.into],
        ] as const) {
          await store.saveInsured(sql, tenant, was.insured, was.body)
          await store.setMerged(sql, tenant, person, { ...was, mergedInto: null })
        }
        const movedPremiums = new Set(kept.premiums.map(premiumName))
        const premiums = await store.listPremiums(sql, tenant, found.into)
        await store.deletePremiums(sql, tenant, found.into)
        for (const each of premiums) {
          const owner = movedPremiums.has(premiumName(each)) ? found.from : found.into
          await store.savePremium(sql, tenant, owner, each)
        }
        await store.markUndone(sql, tenant, id, actor.name)
        const { from: own } = kept
        await post(sql, actor, [mergedEntry(id, 'unmerged', own.totals, found.into, found.from)])
        for (const person of [found.from, found.into])
          await record(sql, actor, person, 'undo merge', { merge: id }, reason)
        await logAccess(sql, actor, 'undo merge', `${found.from} ${found.into}`)
        return ok({ merge: id })
      }),
    )
  }

  // --- reading --------------------------------------------------------------------------------------

  /** Everything enrolment keeps of one person, and who looked. The id-card number is masked. */
  async function file(actor: Actor, id: string) {
    const { tenant } = actor
    const [, book, row, ...lists] = await database
      .as(actor)
      .together(
        (sql) =>
          Promise.all([
            logReading(sql, actor, 'read person', id),
            bookOf(actor, sql),
            store.findPerson(sql, tenant, id),
            store.listFamily(sql, tenant, id),
            store.rosterOf(sql, tenant, id),
            store.listPremiums(sql, tenant, id),
            store.listChanges(sql, tenant, id, MOST_CHANGES),
            store.listAccount(sql, tenant, id, MOST_CHANGES),
            store.listFilings(sql, tenant, id),
            store.listMerges(sql, tenant, id),
            store.sitesOf(sql, tenant, id),
            whoLooked(sql, actor, id),
          ]),
        { byKey: true },
      )
    if (!row) return err({ code: 'unknown_person' } as const)
    const [family, roster, premiums, changes, entries, filings, merges, sites, looked] = lists
    const insured = insuredOfRow(row)
    const reading = readingOf(book)
    const person = insure(insured, reading)
    const covers = new Map(person.covers.map((cover) => [`${cover.scheme} ${cover.from}`, cover]))
    const evidenceOf = (what: string, kind: string, subject: string, from: PlainDate) => {
      const found = filings.find(
        (each) =>
          each.what === what &&
          each.kind === kind &&
          each.subject === subject &&
          each.from === from,
      )
      return { document: found?.document ?? null, source: found?.source ?? null }
    }
    return ok({
      id,
      name: row.nameSealed && secrets.open(row.nameSealed),
      enrolled: row.enrolled,
      sex: row.sex,
      born: insured.born ?? null,
      died: insured.died ?? null,
      mergedInto: row.mergedInto,
      idNumber: row.idSealed ? maskedIdNumber(secrets.open(row.idSealed)) : null,
      memberships: insured.memberships.map((each) => ({
        ...each,
        until: each.until ?? null,
        employer: each.employer ?? null,
        newborn: each.newborn ?? false,
        kind: reading.kindOf(each.scheme) ?? null,
        answers: covers.get(`${each.scheme} ${each.from}`)?.attributes ?? each.answers,
      })),
      statuses: insured.statuses.map((each) => ({ ...each, until: each.until ?? null })),
      repairs: insured.repairs,
      conditions: insured.conditions,
      waits: waitsOf(person, book),
      // Referrals have a list of their own.
      registrations: (insured.registrations ?? [])
        .filter(({ record: referral }) => referral === undefined)
        .map(({ kind, place, from, until }) => ({
          kind,
          place: place ?? null,
          from,
          until: until ?? null,
          ...evidenceOf('registration', kind, place ?? '', from),
        })),
      certificates: (insured.certificates ?? []).map(({ kind, of, from, until }) => ({
        kind,
        of,
        from,
        until: until ?? null,
        ...evidenceOf('certificate', kind, of, from),
      })),
      family,
      roster,
      sites,
      merges,
      premiums,
      changes,
      accounts: {
        personal: row.totals[PERSONAL] ?? null,
        family: row.totals[FAMILY] ?? null,
        entries,
      },
      looked,
    })
  }

  /** Who a person is, unmasked: for whoever has to compare it with a paper. */
  async function reveal(actor: Actor, id: string) {
    const [row] = await database
      .as(actor)
      .together(
        (sql) =>
          Promise.all([
            store.findPerson(sql, actor.tenant, id),
            logReading(sql, actor, 'reveal person', id),
          ]),
        { byKey: true },
      )
    if (!row) return err({ code: 'unknown_person' } as const)
    return ok({
      id,
      name: row.nameSealed && secrets.open(row.nameSealed),
      idNumber: row.idSealed ? secrets.open(row.idSealed) : null,
    })
  }

  /** What accounts may be used for. */
  const accountUses = (actor: Actor) => store.listAccountUses(database.as(actor), actor.tenant)

  /** The person an id-card number belongs to. */
  async function findByIdNumber(
    actor: Actor,
    idNumber: string,
  ): Answer<{ readonly person: string }> {
    const read = readIdNumber(idNumber, today())
    if (!read.ok) return read
    const digest = digestOf(read.value.number)
    const person = await store.findByIdNumber(database.as(actor), actor.tenant, digest)
    return person === undefined ? err({ code: 'unknown_person' }) : ok({ person })
  }

  /** The same for whoever stands at a counter and shows the card: the number opens this one person, once. */
  async function eligibilityAtCounter(actor: Actor, idNumber: string, on: PlainDate) {
    const read = readIdNumber(idNumber, today())
    if (!read.ok) return read
    const { tenant } = actor
    const digest = digestOf(read.value.number)
    // A scope that narrows the office narrows its counters; a hospital may be shown any card.
    const asking = actor.role === 'hospital' ? ({ tenant, role: 'system' } as const) : actor
    const person = await store.findByIdNumber(database.as(asking), tenant, digest)
    if (person === undefined) return err({ code: 'unknown_person' } as const)
    return eligibility(atCounter(actor, [person]), person, on)
  }

  /** Who covers a person on a day, as a settlement would see it. */
  async function eligibility(actor: Actor, id: string, on: PlainDate) {
    const [body, { schemes }] = await database
      .as(actor)
      .together(
        (sql) =>
          Promise.all([
            store.findBody(sql, actor.tenant, id),
            bookOf(actor, sql),
            logReading(sql, actor, 'read eligibility', id),
          ]),
        { byKey: true },
      )
    if (!body) return err({ code: 'unknown_person' } as const)
    return ok({
      person: id,
      on,
      covers: coversOn(body, on).map((cover) => ({
        ...cover,
        kind: schemes.get(cover.scheme)?.kind ?? null,
      })),
      attributes: Object.assign(
        {},
        ...body.attributes.filter(({ from }) => from <= on).map(({ attributes }) => attributes),
      ) as Record<string, string | number>,
    })
  }

  return {
    register,
    identify,
    change,
    changeWithin,
    premium,
    family,
    account,
    accountUse,
    accountUses,
    merge,
    undoMerge,
    file,
    reveal,
    findByIdNumber,
    eligibility,
    eligibilityAtCounter,
  }
}

/** Moves a balance and posts it. */
async function move(
  sql: Sql,
  actor: Actor,
  person: string,
  total: string,
  entry: store.AccountEntry,
): Promise<void> {
  const id = await store.moveAccount(sql, actor.tenant, person, total, entry)
  const leg = accountLeg(entry.account, entry.kind, person, entry.amount)
  await post(sql, actor, [{ subject: `account ${id}`, kind: 'account', legs: leg ? [leg] : [] }])
}

const MOST_CHANGES = 100
const NOTHING_REPLAYED = { replay: [], statement: null } as const
/** The totals in which settlements find a balance. */
const PERSONAL = totalKey('account:personal', 'lifetime')
const FAMILY = totalKey('account:family', 'lifetime')

/** A command answers the same whether it was carried out now or before. */
const commanded = <T extends object>(
  result: Result<Commanded<T>, ServiceRefusal>,
): Result<T, ServiceRefusal> => (result.ok ? ok(result.value.answer) : result)

export function readingOf(book: SchemeBook): Reading {
  return { kindOf: (scheme) => book.schemes.get(scheme)?.kind, vocabulary: book.vocabulary }
}

/** What is kept of a person, or of one who came with bills and is taken over now. */
function insuredOfRow(row: store.PersonRow): Insured {
  if (!row.enrolled) return adopt(row.body)
  return {
    id: row.id,
    born: row.body.born,
    died: row.died ?? undefined,
    memberships: row.memberships.map((each) => ({
      ...each,
      until: each.until ?? undefined,
      employer: each.employer ?? undefined,
      newborn: each.newborn || undefined,
    })),
    statuses: row.statuses.map((each) => ({ ...each, until: each.until ?? undefined })),
    repairs: row.repairs,
    conditions: row.conditions,
    registrations: row.body.registrations,
    certificates: row.body.certificates,
  }
}

/** What stands behind a registration or certificate that is recorded now. */
function filingOf(asked: Change): store.FilingRow | undefined {
  if (asked.kind === 'registration') {
    const { registration, document, source } = asked
    const { kind, place = '', from } = registration
    return { what: 'registration', kind, subject: place, from, document, source }
  }
  if (asked.kind === 'certificate') {
    const { certificate, document, source } = asked
    const { kind, of, from } = certificate
    return { what: 'certificate', kind, subject: of, from, document, source }
  }
  return undefined
}

/** The stated birthday or sex that an id-card number contradicts. */
function contradicts(
  { born, sex }: { readonly born: PlainDate; readonly sex: Sex },
  stated: { readonly born?: PlainDate | undefined; readonly sex?: Sex | undefined },
): ServiceRefusal | undefined {
  if (stated.born !== undefined && stated.born !== born)
    return { code: 'birthday_differs', stated: stated.born }
  if (stated.sex !== undefined && stated.sex !== sex) return { code: 'sex_differs' }
  return undefined
}

const find = (
  { memberships }: Insured,
  { scheme, from }: { readonly scheme: string; readonly from: PlainDate },
) => memberships.find((each) => each.scheme === scheme && each.from === from)

const insuredOf = (
  decided: Result<{ readonly insured: Insured }, EnrolRefusal>,
): Result<Insured, EnrolRefusal> => (decided.ok ? ok(decided.value.insured) : decided)

const coversOn = ({ covers }: Person, on: PlainDate): Cover[] =>
  covers.filter(({ from, until }) => from <= on && on <= (until ?? '9999-12-31'))

const premiumName = ({ scheme, from, payer }: store.PremiumRow): string =>
  `${scheme} ${from} ${payer}`

/** The same facts in the same text, whatever the order in which they were written. */
const sorted = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) =>
    each !== null && typeof each === 'object' && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  )
