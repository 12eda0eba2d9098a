import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseRate } from '#base/money.ts'
import { type Premium, type PremiumAsked, premiumFan, tooFew } from '#domains/pricing/index.ts'
import type { SchemeBook } from '#domains/settlement/index.ts'
import { type ColumnFiles, quote } from '#platform/columns.ts'
import { columnsOf } from './batch-command.ts'
import { sourceOf } from './batch-source.ts'
import { UsageError } from './exit-codes.ts'
import { type Options, required } from './options.ts'
import { plansOf, type Side } from './whatif-compare.ts'

/** `--premium SCHEME --take-up 40% --selection 2 --loss-ratio 85%`. */
export function premiumOf(options: Options): PremiumAsked | undefined {
  const scheme = options.text('premium')
  const others = (['take-up', 'selection', 'loss-ratio'] as const).find((name) =>
    options.flag(name),
  )
  if (scheme === undefined) {
    if (others)
      throw new UsageError({
        zh: `--${others} 须与 --premium 一起写`,
        en: `--${others} goes with --premium`,
      })
    return undefined
  }
  const takeUp = shareOf(required(options, 'take-up', '40%'), 'take-up')
  const lossRatio = shareOf(options.text('loss-ratio') ?? '100%', 'loss-ratio')
  const selection = options.text('selection') ?? '1'
  if (!/^\d{1,3}(\.\d{1,3})?$/.test(selection) || Number(selection) < 1)
    throw new UsageError({
      zh: `--selection 须为 1 到 999.999 的数，例如 2，而不是 "${selection}"`,
      en: `--selection is a number from 1 to 999.999, such as 2, not "${selection}"`,
    })
  return { scheme, takeUp, selection: Math.round(Number(selection) * 1000), lossRatio }
}

function shareOf(text: string, name: string): number {
  const share = parseRate(text)
  if (share !== undefined && share > 0) return share
  throw new UsageError({
    zh: `--${name} 须为 0 以上的百分比，例如 40%，而不是 "${text}"`,
    en: `--${name} is a percentage above zero, such as 40%, not "${text}"`,
  })
}

/** The tiers by which a product pays. */
export function tiersOfProduct(book: SchemeBook, scheme: string): readonly string[] {
  const found = book.schemes.get(scheme)
  const tiers = (found?.order ?? []).flatMap((step) => ('tier' in step ? [step.tier.id] : []))
  if (found && found.kind !== 'public' && tiers.length > 0) return tiers
  const products = [...book.schemes.values()].filter(({ kind }) => kind !== 'public')
  throw new UsageError({
    zh: `草案规则里没有产品 ${scheme}；有：${products.map(({ id }) => id).join(' ')}`,
    en: `the rules of the draft have no product ${scheme}; there is ${products.map(({ id }) => id).join(' ')}`,
  })
}

/**
 * The persons of a batch, each of whom holds a product for the whole year. Whoever has it already keeps it as it is; the
 * others are taken to have what holders with the same long-term diseases are said to have had before, and else nothing.
 */
export async function withEverybody(
  files: ColumnFiles,
  persons: readonly string[],
  {
    scheme,
    year,
    folder,
  }: { readonly scheme: string; readonly year: number; readonly folder: string },
): Promise<string[]> {
  const names = (await columnsOf(files, 'persons', persons)).map(({ name }) => name)
  const kept = names.includes('kept')
  if (!names.includes('scheme'))
    throw new UsageError({
      zh: '--premium 需要逐列的参保人员文件；按原样保存的人员不能加保',
      en: '--premium needs persons in columns: to persons as a server keeps them no cover is added',
    })
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const source = sourceOf(persons)
  const known = names.includes('preexisting') && names.includes('chronic')
  await files.rows(
    `CREATE OR REPLACE TEMP TABLE had AS ${
      known
        ? `SELECT "chronic", max("preexisting") AS had FROM ${source} WHERE "scheme" = ${quote(scheme)} GROUP BY 1`
        : "SELECT '' AS chronic, NULL::VARCHAR AS had WHERE false"
    }`,
  )
  // Of somebody who is kept whole a column says what they hold.
  const holds = `COALESCE("scheme" = ${quote(scheme)}, false)${names.includes('holds') ? ` OR contains(COALESCE("holds", ''), ${quote(`|${scheme}|`)})` : ''}`
  const made = persons.map((_, i) => join(folder, `persons-${String(i).padStart(4, '0')}.parquet`))
  for (const [i, file] of persons.entries()) {
    const rows = sourceOf([file])
    const replaced = [
      `${quote(scheme)} AS "scheme"`,
      `DATE '${year}-01-01' AS "from"`,
      ...(names.includes('until') ? [`DATE '${year}-12-31' AS "until"`] : []),
      ...(kept ? ['NULL AS "kept"'] : []),
      ...(names.includes('preexisting')
        ? [
            `COALESCE((SELECT any_value(had.had) FROM had WHERE ${known ? 'had."chronic" = first_row."chronic"' : 'false'}), '无') AS "preexisting"`,
          ]
        : []),
    ]
    await files.copyTo(
      made[i] as string,
      `SELECT * FROM ${rows} UNION ALL BY NAME SELECT * REPLACE (${replaced.join(', ')}) FROM
        (SELECT * FROM ${rows} QUALIFY row_number() OVER (PARTITION BY "person" ORDER BY "from", "scheme") = 1
           AND NOT bool_or(${holds}) OVER (PARTITION BY "person")) first_row`,
    )
  }
  return made
}

/** The premium, from everything settled as if everybody held the product. */
export async function priceProduct(
  files: ColumnFiles,
  persons: readonly string[],
  { drafted, side }: { readonly drafted: Side; readonly side: Side },
  asked: PremiumAsked,
  tiers: readonly string[],
): Promise<Premium> {
  const refused = side.summary.tally.refused - drafted.summary.tally.refused
  if (refused > 0)
    throw new UsageError({
      zh: `如人人参保，产品 ${asked.scheme} 使 ${refused} 张账单无法结算（例如它按明细计算，而账单没有明细），无从定价；逐张原因见 held/rejects`,
      en: `if everybody held ${asked.scheme}, ${refused} bills could not be settled (it may count single charges, and the bills have none), so it is not priced; each with its reason in held/rejects`,
    })
  const sums = Object.entries(plansOf(side)).flatMap(([plan, own]) => {
    const paid = own.tiers.flatMap((tier, t) => (tiers.includes(tier) ? [`paid_${t + 1}`] : []))
    return paid.length === 0 ? [] : [`WHEN ${plan} THEN ${paid.join(' + ')}`]
  })
  const [row] =
    await files.rows(`SELECT count(*) FILTER (paid > 0)::DOUBLE AS claimants, sum(paid)::DOUBLE AS claims,
      (SELECT count(DISTINCT "person")::DOUBLE FROM ${sourceOf(persons)}) AS persons
    FROM (SELECT person, sum(${sums.length === 0 ? '0' : `CASE plan ${sums.join(' ')} ELSE 0 END`}) AS paid
            FROM read_parquet(${quote(join(side.out, 'bills', '*.parquet'))}, union_by_name = true) GROUP BY person)`)
  const all = {
    persons: Number(row?.persons),
    claimants: Number(row?.claimants),
    claims: Number(row?.claims),
  }
  if (tooFew(all.claimants) || all.claimants === 0)
    throw new UsageError({
      zh: `如人人参保，产品 ${asked.scheme} 赔付的不足十人，无从定价`,
      en: `if everybody held ${asked.scheme} it would pay fewer than ten persons: there is nothing to price it by`,
    })
  return { ...asked, ...all, rows: premiumFan(all, asked), result: side.summary.hash }
}
