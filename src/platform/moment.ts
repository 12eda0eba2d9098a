/** A column that holds a moment, told in SQL as clocks in China show it: 2026-03-02T09:30:00+08:00. */
export const MOMENT = (column: string): string =>
  `to_char(${column} at time zone 'Asia/Shanghai', 'YYYY-MM-DD"T"HH24:MI:SS"+08:00"')`
