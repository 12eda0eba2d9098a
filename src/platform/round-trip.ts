import pg from 'pg'

/** One statement of a round trip. A name keeps its plan on the connection. */
export type Statement = {
  readonly name?: string | undefined
  readonly text: string
  readonly values: readonly unknown[]
}

/** What node-postgres calls on a query while its answer comes in. */
type Submitted = pg.Submittable & {
  handleRowDescription(message: unknown): void
  handleDataRow(message: unknown): void
  handleCommandComplete(message: unknown, connection: pg.Connection): void
  handleEmptyQuery(connection: pg.Connection): void
  handleError(error: Error, connection: pg.Connection): void
  handleReadyForQuery(connection: pg.Connection): void
}

type Sending = { sync(): void; parse(query: pg.QueryParse, more: boolean): void }

/**
 * Sends statements in one write and answers with the rows of each. Up to their one Sync they are one transaction of
 * the server's, which is committed before anything is answered; where one of them fails, none was carried out.
 * `spoilt` is called where it failed while the connection was told a statement for the first time: whether it knows
 * it now, cannot be seen, so it must not be used again.
 */
export function sendTogether(
  client: pg.PoolClient,
  statements: readonly Statement[],
  { types, spoilt }: { readonly types: pg.CustomTypesConfig; spoilt(): void },
): Promise<object[][]> {
  return new Promise((resolve, reject) => {
    const answers: object[][] = []
    let tells = false
    let current = 0
    const queries = statements.map(({ name, text, values }, i) => {
      // In this mode each is a message of its own, also one without values.
      const config = { name, text, values: [...values], types, queryMode: 'extended' }
      return new pg.Query(config as pg.QueryConfig, (error, result) => {
        if (error) reject(error)
        else answers[i] = result.rows
      }) as pg.Query & Submitted
    })
    const trip: Submitted = {
      submit(connection) {
        // Each query would end with a Sync of its own, and so with a transaction of its own.
        const sending: Sending = Object.assign(Object.create(connection), {
          sync() {},
          parse(query: pg.QueryParse, more: boolean) {
            tells = true
            connection.parse(query, more)
          },
        })
        connection.stream.cork()
        for (const query of queries) query.submit(sending as unknown as pg.Connection)
        connection.sync()
        connection.stream.uncork()
      },
      handleRowDescription: (message) => queries[current]?.handleRowDescription(message),
      handleDataRow: (message) => queries[current]?.handleDataRow(message),
      handleCommandComplete: (message, connection) =>
        queries[current++]?.handleCommandComplete(message, connection),
      handleEmptyQuery: (connection) => queries[current++]?.handleEmptyQuery(connection),
      handleError(error) {
        if (tells) spoilt()
        reject(error)
      },
      handleReadyForQuery(connection) {
        rememberParsed(connection, statements)
        for (const query of queries) query.handleReadyForQuery(connection)
        resolve(answers)
      },
    }
    client.query(trip)
  })
}

/**
 * The driver takes a statement for known once it hears that it was parsed, and hears it of a query with a name alone;
 * one that it only knows as sent, it would send again after a failure.
 */
function rememberParsed(connection: pg.Connection, statements: readonly Statement[]): void {
  const { parsedStatements, submittedNamedStatements } = connection as unknown as Record<
    'parsedStatements' | 'submittedNamedStatements',
    Record<string, string>
  >
  for (const { name, text } of statements) {
    if (name === undefined) continue
    parsedStatements[name] = text
    delete submittedNamedStatements[name]
  }
}
