/** What a user may do. /api/docs says of each request who may send it. */
export type Role = 'handler' | 'actuary' | 'admin'

/** Who asks: one user of one tenant, as the session names them. */
export type Actor = {
  readonly tenant: string
  readonly user: string
  readonly name: string
  readonly role: Role
}
