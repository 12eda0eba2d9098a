import { quote } from '#platform/columns.ts'

/** The format of a file of bills or persons, by its name. */
export function kindOf(path: string): 'parquet' | 'csv' | 'ndjson' | undefined {
  if (path.endsWith('.parquet')) return 'parquet'
  if (/\.csv(\.gz)?$/.test(path)) return 'csv'
  return /\.ndjson(\.gz)?$/.test(path) ? 'ndjson' : undefined
}

/** Files as a table of SQL. Every value of a CSV file is read as text, so that no file decides for another. */
export function sourceOf(paths: readonly string[]): string {
  const list = `[${paths.map(quote).join(', ')}]`
  const kind = kindOf(paths[0] ?? '')
  if (kind === 'parquet') return `read_parquet(${list}, union_by_name = true)`
  if (kind === 'csv') return `read_csv(${list}, all_varchar = true, header = true)`
  return `read_ndjson(${list})`
}
