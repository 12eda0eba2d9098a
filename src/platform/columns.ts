import { renameSync } from 'node:fs'
import { type DuckDBConnection, type DuckDBDataChunk, DuckDBInstance } from '@duckdb/node-api'

/** What a chunk of rows arrives as: the values of each column. Arrays hold until the next chunk. */
export type Chunk = {
  readonly rows: number
  ints(column: number): Int32Array
  doubles(column: number): Float64Array
  texts(column: number): readonly (string | null)[]
  text(column: number, row: number): string | null
}

/**
 * Files of columns, read by DuckDB in this process and written from its queries. Values arrive as typed arrays, one chunk of
 * 2,048 rows at a time. Every thread that needs one opens its own.
 */
export class ColumnFiles {
  readonly #instance: DuckDBInstance
  readonly #connection: DuckDBConnection

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance
    this.#connection = connection
  }

  /** `memoryMb` bounds what DuckDB itself takes; beyond it, it writes to `temporary`. */
  static async open({
    threads,
    memoryMb,
    temporary,
  }: {
    readonly threads: number
    readonly memoryMb: number
    readonly temporary: string
  }): Promise<ColumnFiles> {
    const instance = await DuckDBInstance.create(':memory:', {
      threads: String(threads),
      memory_limit: `${memoryMb}MB`,
      temp_directory: temporary,
      preserve_insertion_order: 'true',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    })
    return new ColumnFiles(instance, await instance.connect())
  }

  close(): void {
    this.#connection.closeSync()
    this.#instance.closeSync()
  }

  /** Carries a statement out and answers with its rows as plain values. For small answers. */
  async rows(sql: string): Promise<Record<string, unknown>[]> {
    const reader = await this.#connection.runAndReadAll(sql)
    return reader.getRowObjectsJS() as Record<string, unknown>[]
  }

  /** Gives each chunk of an answer to `take`, in the order of the rows. The arrays hold until the next chunk. */
  async read(sql: string, take: (chunk: Chunk) => void): Promise<void> {
    const result = await this.#connection.stream(sql)
    for (;;) {
      const chunk = await result.fetchChunk()
      if (!chunk || chunk.rowCount === 0) return
      take(chunkOf(chunk))
    }
  }

  /** Writes the answer of a query to a Parquet file, which appears whole or not at all. */
  async copyTo(file: string, query: string): Promise<void> {
    const temporary = `${file}.tmp`
    await this.#connection.run(
      `COPY (${query}) TO ${quote(temporary)} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 262144)`,
    )
    renameSync(temporary, file)
  }
}

function chunkOf(chunk: DuckDBDataChunk): Chunk {
  const items = (column: number) =>
    (chunk.getColumnVector(column) as unknown as { items: Int32Array | Float64Array }).items
  return {
    rows: chunk.rowCount,
    ints: (column) => items(column) as Int32Array,
    doubles: (column) => items(column) as Float64Array,
    texts: (column) => chunk.getColumnValues(column) as (string | null)[],
    text: (column, row) => chunk.getColumnVector(column).getItem(row) as string | null,
  }
}

/** A text as SQL writes it. */
export const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`
