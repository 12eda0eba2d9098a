import { parseYuan } from '#base/money.ts'
import { isMonth } from '#base/month.ts'
import type { Booked } from '#domains/reserves/types.ts'

/** The rows of a history as it is typed or exported: month of care, month of booking, yuan. Or the number of the first line at fault. */
export function readHistory(text: string): { readonly rows: Booked[] } | { readonly line: number } {
  const rows: Booked[] = []
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  for (const [i, line] of lines.entries()) {
    const [care = '', booked = '', yuan = ''] = line.split(/[,，\t]/).map((cell) => cell.trim())
    if (line.trim() === '' || (i === 0 && !isMonth(care))) continue
    const below = yuan.startsWith('-')
    const amount = parseYuan(below ? yuan.slice(1) : yuan)
    if (!isMonth(care) || !isMonth(booked) || amount === undefined) return { line: i + 1 }
    rows.push({ care, booked, amount: below ? 0 - amount : amount })
  }
  return rows.length > 0 ? { rows } : { line: 1 }
}
