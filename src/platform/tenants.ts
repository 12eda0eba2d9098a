import type { Sql } from './database.ts'

/** Every tenant, for work that is done for each of them, as the door may ask. */
export async function tenantsOf(sql: Sql): Promise<string[]> {
  return (await sql.query<{ id: string }>('select id from tenants order by id')).map(({ id }) => id)
}
