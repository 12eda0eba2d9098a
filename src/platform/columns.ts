import { renameSync } from 'node:fs'
import {
  DATE,
  DOUBLE,
  type DuckDBConnection,
  type DuckDBDataChunk,
  DuckDBInstance,
  DuckDBTableFunction,
  type DuckDBType,
  ENUM8,
  INTEGER,
  VARCHAR,
} from '@duckdb/node-api'
import duckdb from '@duckdb/node-bindings'

/**
 * A column to be written. With `absent`, a day 0, a number -1 or a place behind the last word is no value.
 */
export type Column = { readonly name: string; readonly absent?: boolean } & (
  | { readonly kind: 'integer' | 'date'; readonly values: Int32Array }
  | { readonly kind: 'bigint'; readonly values: Int32Array | Float64Array }
  | { readonly kind: 'enum'; readonly words: readonly string[]; readonly values: Uint8Array }
  | { readonly kind: 'text'; readonly values: readonly (string | null)[] }
)

/** What a chunk of rows arrives as: the values of each column. Arrays hold until the next chunk. */
export type Chunk = {
  readonly rows: number
  ints(column: number): Int32Array
  doubles(column: number): Float64Array
  texts(column: number): readonly (string | null)[]
  text(column: number, row: number): string | null
}

/**
 * Columnar files, read and written by DuckDB in this process. Values cross as typed arrays, one chunk of 2,048 rows
 * at a time. Every thread that works on columns opens its own.
 */
export class ColumnFiles {
  readonly #instance: DuckDBInstance
  readonly #connection: DuckDBConnection
  #source: { readonly columns: readonly Column[]; readonly rows: number } | undefined

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance
    this.#connection = connection
    connection.registerTableFunction(
      DuckDBTableFunction.create({
        name: 'columns_out',
        bindFunction: (info) => {
          for (const column of this.#source?.columns ?? [])
            info.addResultColumn(column.name, typeOf(column))
          info.setCardinality(this.#source?.rows ?? 0, true)
        },
        initFunction: (info) => {
          info.setInitData({ at: 0 })
          info.setMaxThreads(1)
        },
        mainFunction: (info, chunk) => this.#fill(info.initData as { at: number }, chunk),
      }),
    )
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

  /** Writes columns to a Parquet file. The file appears whole or not at all. */
  async writeParquet(file: string, columns: readonly Column[], rows: number): Promise<void> {
    this.#source = { columns, rows }
    try {
      await this.copyTo(file, `SELECT ${columns.map(selected).join(', ')} FROM columns_out()`)
    } finally {
      this.#source = undefined
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

  #fill(state: { at: number }, chunk: DuckDBDataChunk): void {
    const source = this.#source
    const rows = source ? Math.min(2048, source.rows - state.at) : 0
    chunk.rowCount = rows
    if (!source || rows === 0) return
    for (const [i, column] of source.columns.entries()) {
      if (column.kind === 'text') {
        chunk.setColumnValues(i, column.values.slice(state.at, state.at + rows))
        continue
      }
      const { buffer, byteOffset, BYTES_PER_ELEMENT: size } = column.values
      const vector = duckdb.data_chunk_get_vector(chunk.chunk, i)
      // Straight from the column: a copy in between is collected again, and that takes longer than the copy.
      duckdb.copy_data_to_vector(
        vector,
        0,
        buffer as ArrayBuffer,
        byteOffset + state.at * size,
        rows * size,
      )
    }
    state.at += rows
  }
}

function selected({ name, kind, absent }: Column): string {
  const column = `"${name}"`
  if (kind === 'bigint') return `CAST(${column} AS BIGINT) AS ${column}`
  if (!absent) return column
  const none = kind === 'date' ? "DATE '1970-01-01'" : kind === 'integer' ? '-1' : "''"
  return `NULLIF(${column}, ${none}) AS ${column}`
}

function typeOf(column: Column): DuckDBType {
  switch (column.kind) {
    case 'integer':
      return INTEGER
    case 'date':
      return DATE
    case 'bigint':
      return column.values instanceof Int32Array ? INTEGER : DOUBLE
    case 'enum':
      return ENUM8([...column.words, ...(column.absent ? [''] : [])])
    case 'text':
      return VARCHAR
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
