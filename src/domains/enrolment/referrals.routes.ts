import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Result } from '#base/result.ts'
import type { Actor } from '#platform/actor.ts'
import { answers, CommandHeaders, DayText, Name, namesOf } from '#platform/answers.ts'
import { Refused } from '#platform/problem.ts'
import { actorOf } from '#platform/request.ts'
import type { ReferralService } from './referrals.service.ts'
import type { ServiceRefusal } from './service.ts'
import { REFERRAL_ACTS, REFERRAL_STATES, type ReferralAct } from './types.ts'

const PAGE = 50

/** Every request about referrals. */
export const referralRoutes: FastifyPluginAsyncZod<{
  readonly referrals: ReferralService
  logRead(actor: Actor, action: string, subject: string): Promise<void>
}> = async (app, { referrals, logRead }) => {
  app.get(
    '/referrals',
    {
      config: { access: 'referrals read' },
      schema: {
        summary:
          '转诊单：某人的，或某机构转出、转入的 Referrals of a person, or from and to an institution, the newest first',
        tags: ['referrals'],
        querystring: z.object({
          person: Name.optional(),
          institution: Name.optional(),
          after: z.coerce
            .number()
            .int()
            .min(1)
            .optional()
            .meta({ description: '`next` of the page before' }),
        }),
        response: answers({
          200: z.object({
            referrals: z.array(ReferralShape).readonly(),
            next: z.int().optional(),
          }),
        }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { after, ...asked } = request.query
      await logRead(actor, 'list referrals', asked.person ?? asked.institution ?? '')
      return reply.send(await referrals.list(actor, asked, after, PAGE))
    },
  )

  app.post(
    '/referrals',
    {
      config: { access: 'referrals enter' },
      schema: {
        summary:
          '登记转诊单；已结算而结果不同的账单随之重算 Enters a referral; bills that come to other amounts are settled again',
        tags: ['referrals'],
        headers: CommandHeaders,
        body: z.strictObject({
          person: Name.optional(),
          idNumber: z
            .string()
            .min(1)
            .max(30)
            .optional()
            .meta({ description: 'Of the card that was shown, in place of the person' }),
          kind: Name.meta({ description: 'What it allows: an answer to `remote`' }),
          from: Name.meta({ description: 'The number of the institution that refers' }),
          to: Name.optional().meta({
            description: 'The number of the institution that it is to; any in the place without it',
          }),
          place: z.string().max(6).meta({ description: 'Six digits' }),
          since: DayText,
          until: DayText,
          reason: Why,
          document: Name,
        }),
        response: answers({ 201: ReferredShape }),
      },
    },
    async (request, reply) => {
      const { person, idNumber, ...terms } = request.body
      const key = request.headers['idempotency-key']
      const who = idNumber === undefined ? { person: person ?? '' } : { idNumber }
      return reply.code(201).send(granted(await referrals.enter(actorOf(request), key, who, terms)))
    },
  )

  app.post(
    '/referrals/:id/acts',
    {
      config: { access: 'referrals enter' },
      schema: {
        summary: '转诊单延期、提前终止、撤销 Extends a referral, ends it early or withdraws it',
        tags: ['referrals'],
        headers: CommandHeaders,
        params: z.object({ id: z.uuid() }),
        body: z.strictObject({
          act: z.enum(
            namesOf(REFERRAL_ACTS).filter((act) => act !== 'enter') as [string, ...string[]],
          ),
          until: DayText.optional().meta({ description: 'What its last day becomes' }),
          why: Why,
        }),
        response: answers({ 200: ReferredShape }),
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const asked = { ...request.body, act: request.body.act as Exclude<ReferralAct, 'enter'> }
      const done = await referrals.act(actorOf(request), key, request.params.id, asked)
      return reply.send(granted(done))
    },
  )
}

function granted<T>(result: Result<T, ServiceRefusal>): T {
  if (result.ok) return result.value
  const { code, ...facts } = result.error
  throw new Refused({ code, facts })
}

// --- shapes --------------------------------------------------------------------------------------

const Why = z.string().trim().min(1).max(500)

const ReferredShape = z.object({
  id: z.uuid(),
  record: z.string(),
  state: z.enum(namesOf(REFERRAL_STATES)),
  replay: z.array(z.string()).readonly(),
  statement: z.uuid().nullable(),
})

const ReferralShape = z
  .object({
    id: z.uuid(),
    record: z.string(),
    person: z.string(),
    kind: z.string(),
    from: z.string(),
    fromName: z.string(),
    to: z.string().nullable(),
    toName: z.string().nullable(),
    place: z.string(),
    since: z.string(),
    until: z.string(),
    reason: z.string(),
    document: z.string(),
    state: z.enum(namesOf(REFERRAL_STATES)),
    history: z
      .array(
        z.object({
          no: z.int(),
          act: z.enum(namesOf(REFERRAL_ACTS)),
          by: z.string(),
          on: z.string(),
          at: z.string(),
          until: z.string().nullable(),
          why: z.string(),
          statement: z.uuid().nullable(),
        }),
      )
      .readonly(),
  })
  .meta({ id: 'Referral', description: '转诊单' })
