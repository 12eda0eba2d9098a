import { z } from 'zod'
import { PASSWORD_LENGTH } from '#base/password-strength.ts'
import { ROLES } from '#platform/actor.ts'
import { DayText, Name } from '#platform/answers.ts'
import type { Session } from '#platform/identity.ts'
import { Refused } from '#platform/problem.ts'

/** What users look like in requests and answers. */

export const Role = z.enum(ROLES)
const Names = z.array(Name).max(100).readonly()
/** What a role is narrowed to; a day is read strictly where it comes in, and is text where it goes out. */
const scopeShape = <Day extends z.ZodType>(day: Day) =>
  z.strictObject({
    regions: Names.optional().meta({ description: 'Places, as the folders of schemes name them' }),
    institutions: Names.optional(),
    schemes: Names.optional(),
    employer: Name.optional(),
    insurer: Name.optional().meta({ description: 'As panels and contracts number it: R02' }),
    persons: z
      .array(
        z.strictObject({
          person: Name,
          from: day.optional(),
          until: day.optional(),
          document: Name.optional().meta({ description: 'By which somebody acts for the person' }),
        }),
      )
      .max(100)
      .readonly()
      .optional(),
  })
export const ScopeBody = scopeShape(DayText)
const ScopeShape = scopeShape(z.string()).meta({
  id: 'Scope',
  description: '范围 What a role is narrowed to; what is absent narrows nothing',
})
const USER = {
  id: z.uuid(),
  name: z.string(),
  role: Role,
  scope: ScopeShape,
  mustChangePassword: z.boolean(),
}
export const UserShape = z.object(USER).meta({ id: 'User' })
export const UserViewShape = z
  .object({
    ...USER,
    lastLoginAt: z.string().optional(),
    lockedUntil: z
      .string()
      .optional()
      .meta({ description: 'Until when failures keep a door closed, somewhere' }),
    disabled: z.object({ at: z.string(), by: z.string(), reason: z.string() }).optional(),
    secondFactor: z.boolean(),
    sessions: z.int(),
    subject: z
      .string()
      .optional()
      .meta({ description: 'The identity provider’s own name of the user' }),
  })
  .meta({ id: 'UserView' })
export const SessionShape = z
  .object({
    id: z.uuid(),
    method: z.enum(['password', 'provider']),
    device: z.string(),
    address: z.string(),
    since: z.string(),
    seenAt: z.string().meta({ description: 'Up to five minutes old' }),
    endsAt: z.string(),
  })
  .meta({ id: 'SignedInPlace', description: 'One place where a user is signed in' })

/** What somebody types to prove who they are; older passwords may be longer than new ones. */
export const AnyPassword = z.string().min(1).max(200)
export const Code = z
  .string()
  .min(6)
  .max(60)
  .meta({ description: 'Six digits of the authenticator, or a recovery code' })
export const NewPassword = z
  .string()
  .min(PASSWORD_LENGTH.least)
  // A character may be two code units.
  .max(2 * PASSWORD_LENGTH.most)
  .meta({ description: '12 to 128 characters of any kind; common ones are refused' })
export const UserName = z
  .string()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,49}$/u, { error: 'letters, digits and . _ - only' })
export const Reason = z.string().trim().min(4).max(500)

export const refused = ({ code, ...facts }: { readonly code: string }): Refused =>
  new Refused({ code, facts })

export function sessionOf(session: Session | undefined): Session {
  if (!session) throw new Refused({ code: 'not_signed_in' })
  return session
}

export const userOf = ({ actor, mustChangePassword }: Session) => ({
  id: actor.user,
  name: actor.name,
  role: actor.role,
  scope: actor.scope ?? {},
  mustChangePassword,
})
