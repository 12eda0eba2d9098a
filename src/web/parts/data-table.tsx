import type { ReactNode } from 'react'

export type Column<Row> = {
  readonly key: string
  readonly title: ReactNode
  readonly cell: (row: Row, index: number) => ReactNode
  /** Amounts stand at the right, so that their points line up. */
  readonly numeric?: boolean
  /** The column that names the row. */
  readonly heading?: boolean
}

type Props<Row> = {
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly rowKey: (row: Row, index: number) => string
  readonly rowClass?: (row: Row) => string | undefined
  readonly footer?: ReactNode
  readonly empty?: ReactNode
  /** On a phone each row becomes a card; without it a wide table scrolls in its box. */
  readonly cards?: boolean
}

/** A plain table in a box of its own, so that a wide one scrolls there and never the page. */
export function DataTable<Row>(props: Props<Row>) {
  const { caption, columns, rows, rowKey, rowClass, footer, empty, cards } = props
  if (rows.length === 0 && empty) return <p className="quiet">{empty}</p>
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <section className="table-box" aria-label={caption} tabIndex={0}>
      <table className={cards ? 'cards' : undefined}>
        <caption className="out-of-sight">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ key, title, numeric }) => (
              <th key={key} scope="col" className={numeric ? 'numeric' : undefined}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={rowKey(row, index)} className={rowClass?.(row)}>
              {columns.map((column) => (
                <Cell key={column.key} column={column} row={row} index={index} />
              ))}
            </tr>
          ))}
        </tbody>
        {footer && <tfoot>{footer}</tfoot>}
      </table>
    </section>
  )
}

function Cell<Row>({ column, row, index }: { column: Column<Row>; row: Row; index: number }) {
  const { numeric, heading, cell, title } = column
  const className = numeric ? 'numeric' : undefined
  const name = typeof title === 'string' ? title : undefined
  return heading ? (
    <th scope="row" className={className} data-name={name}>
      {cell(row, index)}
    </th>
  ) : (
    <td className={className} data-name={name}>
      {cell(row, index)}
    </td>
  )
}
