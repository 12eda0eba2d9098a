import { formatYuan } from '#base/money.ts'

/** `money(1234567)` is `12,345.67`: fen, for people to read. */
export const money = (fen: number): string =>
  formatYuan(fen)
    .replace(/\B(?=(\d{3})+\.)/g, ',')
    .replace('-', '−')
