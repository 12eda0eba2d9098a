/** Names of records that exist on the server: by chance alone no request would ever meet one. */
export type Records = {
  /** Users whose passwords may be reset: the sessions that send the requests are not theirs. */
  readonly users: readonly string[]
  readonly enrolled: readonly string[]
  readonly persons: readonly string[]
  readonly bills: readonly string[]
  readonly settlements: readonly string[]
  readonly drafts: readonly string[]
  readonly keys: readonly string[]
  readonly newKeys: readonly string[]
  readonly uploads: readonly object[]
}

type Schema = { [key: string]: unknown }
type Operation = {
  parameters?: { in: string; name: string; schema: Schema }[]
  requestBody?: { content: Record<string, { schema: Schema }> }
}

/**
 * The same description of the interface, in which the name of a record is always one that exists: requests
 * made from it get further than those made from the real one.
 */
export function withRecords(description: object, records: Records): object {
  const copy = structuredClone(description) as {
    paths: Record<string, Record<string, Operation>>
    components?: { schemas?: Record<string, Schema> }
  }
  for (const [path, operations] of Object.entries(copy.paths))
    for (const operation of Object.values(operations)) {
      for (const parameter of operation.parameters ?? []) {
        if (parameter.in === 'path')
          parameter.schema = only(parameter.schema, namesFor(path, parameter.name, records))
        // A key made by chance is mostly one that was used before.
        else if (parameter.name === 'idempotency-key')
          parameter.schema = only(parameter.schema, records.newKeys)
      }
      for (const body of Object.values(operation.requestBody?.content ?? {}))
        nameBills(body.schema, records)
    }
  const schemas = copy.components?.schemas
  if (!schemas?.UploadInput) throw new Error('the description has no UploadInput')
  schemas.UploadInput = only(schemas.UploadInput, records.uploads)
  return copy
}

function namesFor(path: string, parameter: string, records: Records): readonly string[] {
  if (parameter === 'key') return records.keys
  const folder = path.split('/')[2]
  if (folder === 'users') return records.users
  if (folder === 'enrolment') return parameter === 'id' ? records.enrolled : []
  if (folder === 'persons') return records.persons
  if (folder === 'settlements') return records.settlements
  return folder === 'drafts' ? records.drafts : []
}

/** Properties called `bill` and lists called `bills` take the numbers of bills. */
function nameBills(schema: unknown, records: Records): void {
  if (typeof schema !== 'object' || schema === null) return
  const { properties = {} } = schema as { properties?: Record<string, Schema> }
  for (const [name, property] of Object.entries(properties)) {
    if (name === 'bill' && property.type === 'string')
      properties[name] = only(property, records.bills)
    else if (name === 'bills' && (property.items as Schema | undefined)?.type === 'string')
      property.items = only(property.items as Schema, records.bills)
  }
  for (const inner of Object.values(schema)) nameBills(inner, records)
}

const only = (schema: Schema, values: readonly unknown[]): Schema =>
  values.length === 0 ? schema : { enum: values }
