import type { Connection, Database, Sql } from './database.ts'
import { SERVER_ROLE } from './database.ts'

/** Why the server may not work on a database: what its administrator has to do first. */
export class DatabaseRolesError extends Error {
  readonly code: 'no_server_role' | 'not_a_member' | 'owner_bound' | 'server_unbound'
  constructor(code: DatabaseRolesError['code']) {
    super(code)
    this.name = 'DatabaseRolesError'
    this.code = code
  }
}

/**
 * Makes sure, as the owner, that the role exists which the server works as. Roles belong to a whole
 * PostgreSQL, so another database of it may have made it, at this very moment as well.
 */
export async function ensureServerRole(owner: Connection): Promise<void> {
  const state = await stateOf(owner)
  if (!state.bypasses) throw new DatabaseRolesError('owner_bound')
  if (!state.exists) {
    if (!state.creates) throw new DatabaseRolesError('no_server_role')
    await owner.query(`create role ${SERVER_ROLE} nologin`).catch(unlessThere)
  }
  if (state.superuser || state.member) return
  if (!state.creates) throw new DatabaseRolesError('not_a_member')
  await owner.query(`grant ${SERVER_ROLE} to current_user`).catch(unlessThere)
}

async function stateOf(sql: Sql) {
  const [row] = await sql.query<{
    exists: boolean
    member: boolean
    superuser: boolean
    bypasses: boolean
    creates: boolean
  }>(
    `select s.oid is not null as exists, coalesce(pg_has_role(current_user, s.oid, 'member'), false) as member,
            u.rolsuper as superuser, u.rolsuper or u.rolbypassrls as bypasses, u.rolsuper or u.rolcreaterole as creates
       from pg_roles u left join pg_roles s on s.rolname = $1 where u.rolname = current_user`,
    [SERVER_ROLE],
  )
  if (!row) throw new Error('the current user is a role')
  return row
}

const ALREADY_THERE = ['42710', '23505', 'XX000']

/** Two that make the same role at once: one of them fails, and finds the work done. */
function unlessThere(error: Error & { readonly code?: string }): void {
  if (!ALREADY_THERE.includes(error.code ?? '')) throw error
}

/** Throws where the policies would not bind whoever the server works as. */
export async function assertBound(server: Database): Promise<void> {
  try {
    const [row] = await server.query<{ bound: boolean }>(
      `select not (rolsuper or rolbypassrls) as bound from pg_roles where rolname = current_user`,
    )
    if (!row?.bound) throw new DatabaseRolesError('server_unbound')
  } catch (error) {
    const { code } = error as { code?: string }
    // The connection asks for the role as it begins.
    if (code === '22023') throw new DatabaseRolesError('no_server_role')
    if (code === '42501') throw new DatabaseRolesError('not_a_member')
    throw error
  }
}
