import { tmpdir } from 'node:os'
import { ColumnFiles, quote } from '#platform/columns.ts'
import { UsageError } from './exit-codes.ts'

/** The names of the columns of some Parquet files. */
export async function parquetColumns(option: string, files: string): Promise<readonly string[]> {
  const reader = await ColumnFiles.open({ threads: 1, memoryMb: 256, temporary: tmpdir() })
  try {
    const found = await reader.rows(`DESCRIBE SELECT * FROM read_parquet(${quote(files)})`)
    return found.map((row) => String(row.column_name))
  } catch (error) {
    const { message } = error as Error
    throw new UsageError({
      zh: `无法读取 --${option} ${files}（${message}）`,
      en: `cannot read --${option} ${files} (${message})`,
    })
  } finally {
    reader.close()
  }
}
