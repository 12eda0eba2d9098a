/** The few things that engines write differently. Everything else of a compiled plan is standard SQL. */
export type SqlDialect = {
  /** Whole quotient of two amounts that are not negative. */
  divide(a: string, b: string): string
  /** A table of whole numbers, as what may stand after FROM. */
  table(columns: readonly string[], rows: readonly (readonly number[])[]): string
  /** Parquet files, as what may stand after FROM. */
  parquet(files: string): string
  readonly text: string
  /** What stands at the end of a query: stages stand within stages, deeper than an engine may allow by itself. */
  readonly closing: string
}

export const DIALECTS = ['duckdb', 'clickhouse', 'spark'] as const
export type DialectName = (typeof DIALECTS)[number]

const tuples = (rows: readonly (readonly number[])[]): string =>
  rows.map((row) => `(${row.join(', ')})`).join(', ')

/** Spark and ClickHouse read a small number as a narrow type; the first row makes the columns wide. */
const widened = (rows: readonly (readonly number[])[]): string => {
  const [first = [], ...rest] = rows
  const wide = `(${first.map((n) => `CAST(${n} AS BIGINT)`).join(', ')})`
  return rest.length > 0 ? `${wide}, ${tuples(rest)}` : wide
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

export const SQL_DIALECTS: Readonly<Record<DialectName, SqlDialect>> = {
  duckdb: {
    divide: (a, b) => `(${a} // ${b})`,
    table: (columns, rows) => `(VALUES ${widened(rows)}) AS t(${columns.join(', ')})`,
    parquet: (files) => `read_parquet(${quoted(files)})`,
    text: 'VARCHAR',
    closing: '',
  },
  clickhouse: {
    divide: (a, b) => `intDiv(${a}, ${b})`,
    table: (columns, rows) =>
      `values('${columns.map((name) => `${name} Int64`).join(', ')}', ${tuples(rows)})`,
    parquet: (files) => `file(${quoted(files)}, Parquet)`,
    text: 'Nullable(String)',
    // ClickHouse 26.7 loses a column where it moves conditions into the reading of a Parquet file.
    closing: 'SETTINGS max_subquery_depth = 1000, optimize_move_to_prewhere = 0\n',
  },
  spark: {
    divide: (a, b) => `(${a} DIV ${b})`,
    table: (columns, rows) => `(VALUES ${widened(rows)}) AS t(${columns.join(', ')})`,
    parquet: (files) => `parquet.\`${files}\``,
    text: 'STRING',
    closing: '',
  },
}
