import type { Sql } from './database.ts'

/** Every tenant, for work that is done for each of them, as the door may ask. */
export async function tenantsOf(sql: Sql): Promise<string[]> {
  return (await sql.query<{ id: string }>('select id from tenants order by id')).map(({ id }) => id)
}

export async function tenantName(sql: Sql, tenant: string): Promise<string> {
  const [row] = await sql.query<{ name: string }>('select name from tenants where id = $1', [
    tenant,
  ])
  return row?.name ?? tenant
}
