import { randomUUID } from 'node:crypto'
import type { PlainDate } from '#base/plain-date.ts'
import { err, ok, type Result } from '#base/result.ts'
import type { Actor } from '#platform/actor.ts'
import { commandOnce } from '#platform/commands.ts'
import type { Guarded, Sql } from '#platform/database.ts'
import type { Secrets } from '#platform/secrets.ts'
import { readIdNumber } from './id-number.ts'
import { type Referral, recordOf, referralAfter, withReferral } from './referral.ts'
import * as store from './referrals.store.ts'
import type { EnrolmentService, ServiceRefusal } from './service.ts'
import * as persons from './store.ts'
import type { ReferralAct, ReferralState, ReferralTerms } from './types.ts'

type Answer<T> = Promise<Result<T, ServiceRefusal>>

/** What a change of a referral answers: which, and the bills that come to other amounts because of it. */
export type Referred = {
  readonly id: string
  readonly record: string
  readonly state: ReferralState
  readonly replay: readonly string[]
  readonly statement: string | null
}

export type ReferralSeen = Omit<store.ReferralRow, 'no' | 'acts'> & {
  readonly record: string
  readonly history: readonly store.ReferralDone[]
}

export type ReferralService = ReturnType<typeof createReferralService>

/**
 * 转诊单: dated records of who was sent where, by the desk of a hospital or a handler. What a referral allows becomes part of
 * the person that settlements read, in the transaction that keeps it, and what was settled otherwise is settled again.
 */
export function createReferralService({
  database,
  enrolment,
  secrets,
  today,
}: {
  readonly database: Guarded
  readonly enrolment: Pick<EnrolmentService, 'changeWithin'>
  readonly secrets: Pick<Secrets, 'digest'>
  today(): PlainDate
}) {
  /** What a referral changes rests on everything that a person ever had, so the program keeps it, for whoever entered it. */
  const program: Guarded = { as: ({ tenant }) => database.as({ tenant, role: 'system' }) }

  /** One that is to be kept, of a person whom whoever enters it sees, or whose card they were shown. */
  async function enter(
    actor: Actor,
    key: string,
    who: { readonly person: string } | { readonly idNumber: string },
    terms: ReferralTerms,
  ): Answer<Referred> {
    const { tenant } = actor
    const found = 'person' in who ? await visible(actor, who.person) : await shown(actor, who)
    if (!found.ok) return found
    const person = found.value
    if (!speaksFor(actor, terms.from)) return err({ code: 'referral_not_yours' })
    const request = ['enter referral', person, terms]
    const done = await commandOnce(
      program,
      { actor, key, request },
      async (sql): Answer<Referred> => {
        for (const id of [terms.from, terms.to])
          if (id !== undefined && !(await store.isInstitution(sql, tenant, id)))
            return err({ code: 'unknown_institution' })
        // The person before the referral, as settlements and changes lock them.
        await persons.lockPerson(sql, tenant, person)
        const before = { ...terms, record: '', state: undefined }
        const entered = referralAfter(before, 'enter')
        if (!entered.ok) return entered
        const id = randomUUID()
        const no = await store.insertReferral(sql, tenant, { ...terms, id, person })
        const referral = { ...entered.value, record: recordOf(no) }
        return keep(sql, actor, { id, person, acts: 0 }, referral, {
          act: 'enter',
          until: terms.until,
          why: terms.reason,
        })
      },
    )
    return done.ok ? ok(done.value.answer) : done
  }

  /** Extends it, ends it early or withdraws it. */
  async function act(
    actor: Actor,
    key: string,
    id: string,
    asked: {
      readonly act: Exclude<ReferralAct, 'enter'>
      readonly until?: PlainDate | undefined
      readonly why: string
    },
  ): Answer<Referred> {
    const { tenant } = actor
    const seen = await store.findReferral(database.as(actor), tenant, id)
    if (!seen) return err({ code: 'unknown_referral' })
    if (!speaksFor(actor, seen.from)) return err({ code: 'referral_not_yours' })
    const request = ['referral act', id, asked]
    const done = await commandOnce(
      program,
      { actor, key, request },
      async (sql): Answer<Referred> => {
        const row = await store.findReferral(sql, tenant, id, 'for update of r')
        if (!row) return err({ code: 'unknown_referral' })
        const after = referralAfter(referralOf(row), asked.act, asked.until)
        if (!after.ok) return after
        return keep(sql, actor, row, after.value, asked)
      },
    )
    return done.ok ? ok(done.value.answer) : done
  }

  async function keep(
    sql: Sql,
    actor: Actor,
    row: Pick<store.ReferralRow, 'id' | 'person' | 'acts'>,
    referral: Referral,
    asked: {
      readonly act: ReferralAct
      readonly until?: PlainDate | undefined
      readonly why: string
    },
  ): Answer<Referred> {
    const { tenant, name } = actor
    const { record, state = 'valid', until } = referral
    // A file that was merged away is settled no more: what it was sent with holds for the one that is kept.
    const file = await persons.findPerson(sql, tenant, row.person)
    const change = `${asked.act} referral`
    const changed = await enrolment.changeWithin(
      sql,
      actor,
      file?.mergedInto ?? row.person,
      {
        change,
        facts: { record, kind: referral.kind, from: referral.since, until },
        reason: asked.why,
      },
      (insured, reading) => withReferral(insured, referral, reading),
    )
    if (!changed.ok) return changed
    const { replay, statement } = changed.value
    if (actor.role === 'hospital' && replay.length > 0)
      return err({ code: 'referral_changes_bills' })
    const done = {
      no: row.acts + 1,
      act: asked.act,
      by: name,
      on: today(),
      until: asked.until ?? null,
      why: asked.why,
      statement,
    }
    await store.moveReferral(sql, tenant, row.id, done, { state, until })
    return ok({ id: row.id, record, state, replay, statement })
  }

  /** Referrals, the newest first, each with what was done to it. */
  async function list(
    actor: Actor,
    asked: { readonly person?: string | undefined; readonly institution?: string | undefined },
    after: number | undefined,
    limit: number,
  ): Promise<{ readonly referrals: readonly ReferralSeen[]; readonly next: number | undefined }> {
    const sql = database.as(actor)
    const rows = await store.listReferrals(sql, actor.tenant, asked, after, limit + 1)
    const page = rows.slice(0, limit)
    const acts = await store.actsOfReferrals(
      sql,
      actor.tenant,
      page.map(({ id }) => id),
    )
    return {
      referrals: page.map(({ no, acts: _, ...row }) => ({
        ...row,
        record: recordOf(no),
        history: acts.flatMap(({ referral, ...each }) => (referral === row.id ? [each] : [])),
      })),
      next: rows.length > limit ? page.at(-1)?.no : undefined,
    }
  }

  async function visible(actor: Actor, person: string): Answer<string> {
    return (await persons.findBody(database.as(actor), actor.tenant, person))
      ? ok(person)
      : err({ code: 'unknown_person' })
  }

  /** A hospital may be shown any card; a scope that narrows the office narrows its counters. */
  async function shown(actor: Actor, { idNumber }: { readonly idNumber: string }): Answer<string> {
    const read = readIdNumber(idNumber, today())
    if (!read.ok) return read
    const asking = actor.role === 'hospital' ? program.as(actor) : database.as(actor)
    const digest = secrets.digest(`id ${read.value.number}`)
    const person = await persons.findByIdNumber(asking, actor.tenant, digest)
    return person === undefined ? err({ code: 'unknown_person' }) : ok(person)
  }

  return { enter, act, list }
}

/** Whether somebody may refer in the name of an institution: the office for any, a hospital for itself. */
const speaksFor = ({ role, scope }: Actor, institution: string): boolean =>
  role !== 'hospital' || (scope?.institutions ?? []).includes(institution)

const referralOf = ({ no, to, ...row }: store.ReferralRow): Referral => ({
  ...row,
  ...(to === null ? {} : { to }),
  record: recordOf(no),
})
