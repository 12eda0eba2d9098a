import { createHash } from 'node:crypto'
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { parseYuan } from '#base/money.ts'
import { nearest } from '#base/nearest.ts'
import { countOf, type Steps, solve, valueAt } from '#domains/pricing/index.ts'
import {
  ENGINE,
  lintBook,
  readSchemes,
  type SchemeText,
  type Title,
} from '#domains/settlement/index.ts'
import { ColumnFiles } from '#platform/columns.ts'
import { filesOf, makeFolder, settleFolder, sourceOf } from './batch-command.ts'
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts'
import { languageOf, type Options, required, schemesFolderOf } from './options.ts'
import { programVersion } from './program-version.ts'
import { readReadmes, readSchemeTexts } from './schemes-folder.ts'
import { type Comparison, compare, type Side } from './whatif-compare.ts'
import { draftTexts, readDraft } from './whatif-draft.ts'
import { printWhatif, whatifPaper } from './whatif-print.ts'
import { workersOf } from './worker-pool.ts'

/** More than these would be a run of hours; a wider step shows the same. */
const MOST_STEPS = 21

/** What a run of `kangyang whatif` found, and from what: the same again gives the same `hash`. */
export type Whatif = {
  readonly format: 'kangyang/whatif@1'
  readonly program: string
  readonly engine: number
  readonly data: { readonly bills: readonly Data[]; readonly persons: readonly Data[] }
  readonly baseline: Rules
  readonly draft: Rules
  readonly capacity: number | undefined
  readonly elasticity: number | undefined
  /** The value of `$x` that the comparison is of. */
  readonly x: number | undefined
  readonly fan: readonly FanRow[] | undefined
  readonly kept:
    | { readonly tier: string; readonly most: number; readonly best: number | null }
    | undefined
  readonly comparison: Comparison | undefined
  readonly hash: string
}
type Data = { readonly file: string; readonly bytes: number }
/** `rules` and `result` are hashes: of all rule files, and of every row that was settled by them. */
type Rules = { readonly title: Title; readonly rules: string; readonly result: string }
/** What every fund together, and the patients, bear at one value of the unknown, in fen. */
export type FanRow = {
  readonly x: number
  readonly spent: number
  readonly paid: number
  readonly patient: number
}

/** `kangyang whatif`: a year of bills settled under the rules and under a draft of them, and what differs. */
export async function whatifCommand(options: Options): Promise<ExitCode> {
  const [, ...drafts] = options.positionals
  if (drafts.length === 0 || drafts.length > 2)
    throw new UsageError({
      zh: '写成 kangyang whatif [基线.yaml] 草案.yaml --bills … --persons … --out …',
      en: 'write kangyang whatif [baseline.yaml] draft.yaml --bills … --persons … --out …',
    })
  const lang = languageOf(options)
  const out = resolve(required(options, 'out', 'whatif'))
  const shipped = readSchemeTexts(schemesFolderOf(options))
  const [draft, base] = drafts.toReversed().map((path) => readDraft(path))
  if (!draft) throw new Error('no draft')
  if (base?.draft.unknown)
    base.file.fail(
      ['unknown'],
      'baseline_has_unknown',
      'a baseline is one set of rules; only a draft has an unknown',
    )
  const baseTexts = base ? draftTexts(shipped, base, undefined) : shipped
  const capacity = yuanOption(options, 'capacity')
  const elasticity = elasticityOf(options)
  const keep = keepOf(options)
  const { unknown } = draft.draft
  if (keep && !unknown)
    draft.file.fail(
      [],
      'nothing_to_solve',
      '--keep looks for the value of $x, which this draft does not have',
    )
  if (unknown && !keep && countOf(unknown) > MOST_STEPS)
    draft.file.fail(
      ['unknown'],
      'too_many_steps',
      `at most ${MOST_STEPS} values are tried one after another; widen the step, or say --keep`,
    )
  const bills = filesOf('bills', required(options, 'bills', "'bills-*.parquet'"))
  const persons = filesOf('persons', required(options, 'persons', "'persons-*.parquet'"))
  makeEmpty(out)
  const files = await ColumnFiles.open({
    threads: workersOf(options),
    memoryMb: 2048,
    temporary: join(out, 'spill'),
  })
  const readmes = readReadmes(schemesFolderOf(options))
  /** Settles everything by some rules; a draft whose rules lint finds at fault is refused like a scheme file. */
  const settle = async (name: string, texts: readonly SchemeText[]): Promise<Side> => {
    const book = readSchemes([...texts])
    const [fault] = lintBook(book, readmes).filter(({ severity }) => severity === 'error')
    if (fault)
      throw new UsageError({
        zh: `规则有误：${fault.file}:${fault.line} ${fault.zh}`,
        en: `the rules do not hold: ${fault.file}:${fault.line} ${fault.en}`,
      })
    const folder = join(out, name)
    makeFolder(folder)
    const quiet = name !== 'before'
    const done = await settleFolder(options, folder, { book, texts, files, bills, persons, quiet })
    if (!done) throw new UsageError({ zh: '已停止', en: 'stopped' })
    return { out: folder, summary: done.summary }
  }
  try {
    const before = await settle('before', baseTexts)
    if (keep) refuseUnknownTier(keep.tier, before)
    const textsAt = (x: number | undefined) => draftTexts(baseTexts, draft, x)
    const tried: FanRow[] = []
    /** What one value of the unknown comes to; its rows are not kept. */
    const spentAt = async (x: number): Promise<number> => {
      const side = await settle(`x-${x}`, textsAt(x))
      rmSync(side.out, { recursive: true })
      const { funds, tally } = side.summary
      const spent = keep ? paidBy(funds, keep.tier) : tally.paid
      tried.push({ x, spent, paid: tally.paid, patient: tally.patient })
      return spent
    }
    const solution = unknown && keep && (await solve(unknown, keep.most, spentAt))
    if (unknown && !keep) for (const x of valuesOf(unknown)) await spentAt(x)
    const x = solution?.best?.x
    const drafted = unknown && x === undefined ? undefined : textsAt(x)
    const after = drafted && (await settle('after', drafted))
    const comparison =
      after &&
      (await compare(files, { bills, persons }, [before, after], {
        year: await yearOf(files, bills),
        capacity,
        elasticity,
        vocabulary: readSchemes([...baseTexts]).vocabulary,
      }))
    const found: Omit<Whatif, 'hash'> = {
      format: 'kangyang/whatif@1',
      program: programVersion(),
      engine: ENGINE,
      data: { bills: bills.map(dataOf), persons: persons.map(dataOf) },
      baseline: {
        title: base?.draft.title ?? { zh: '现行规则', en: 'The rules as they are' },
        rules: hashOf(baseTexts),
        result: before.summary.hash,
      },
      draft: {
        title: draft.draft.title,
        rules: hashOf(drafted ?? draft.draft.text),
        result: after?.summary.hash ?? '',
      },
      capacity,
      elasticity,
      x,
      fan: unknown && tried.toSorted((a, b) => a.x - b.x),
      kept: keep && { ...keep, best: x ?? null },
      comparison,
    }
    const report: Whatif = { ...found, hash: hashOf(found).slice(0, 16) }
    writeFileSync(join(out, 'report.json'), `${JSON.stringify(report, undefined, 2)}\n`)
    writeFileSync(join(out, 'report.pdf'), await whatifPaper(report))
    process.stdout.write(printWhatif(report, lang))
    return keep && x === undefined ? EXIT.refused : EXIT.done
  } finally {
    files.close()
    rmSync(join(out, 'spill'), { recursive: true, force: true })
  }
}

const valuesOf = (steps: Steps): number[] =>
  Array.from({ length: countOf(steps) }, (_, i) => valueAt(steps, i))

const hashOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex')

const paidBy = (funds: Side['summary']['funds'], tier: string): number =>
  funds.filter((each) => each.tier === tier).reduce((sum, { paid }) => sum + paid, 0)

/** `--keep TIER=YUAN`: the tier whose payments are to stay within an amount. */
function keepOf(options: Options): { readonly tier: string; readonly most: number } | undefined {
  const text = options.text('keep')
  if (text === undefined) return undefined
  const [, tier = '', amount = ''] = /^(.+)=(.+)$/.exec(text) ?? []
  const most = parseYuan(amount)
  if (tier === '' || most === undefined)
    throw new UsageError({
      zh: `--keep 写成 层=元，例如 teaching/shifan/resident-inpatient=120000000，而不是 "${text}"`,
      en: `--keep is TIER=YUAN, such as teaching/shifan/resident-inpatient=120000000, not "${text}"`,
    })
  return { tier, most }
}

function refuseUnknownTier(tier: string, { summary }: Side): void {
  const tiers = [...new Set(summary.funds.map((each) => each.tier))]
  if (tiers.includes(tier)) return
  const known = nearest(tier, tiers) ?? tiers.join(' ')
  throw new UsageError({
    zh: `基线里没有层 ${tier} 的支付；有：${known}`,
    en: `no tier ${tier} pays anything in the baseline; there is ${known}`,
  })
}

function yuanOption(options: Options, name: 'capacity'): number | undefined {
  const text = options.text(name)
  if (text === undefined) return undefined
  const amount = parseYuan(text)
  if (amount === undefined || amount <= 0)
    throw new UsageError({
      zh: `--${name} 须为元，例如 24000，而不是 "${text}"`,
      en: `--${name} is an amount in yuan, such as 24000, not "${text}"`,
    })
  return amount
}

/** `--elasticity N`: an assumption, never one of our own. */
function elasticityOf(options: Options): number | undefined {
  const text = options.text('elasticity')
  if (text === undefined) return undefined
  if (/^\d(\.\d{1,3})?$/.test(text)) return Number(text)
  throw new UsageError({
    zh: `--elasticity 须为 0 到 9.999 的数，例如 0.2，而不是 "${text}"`,
    en: `--elasticity is a number from 0 to 9.999, such as 0.2, not "${text}"`,
  })
}

/** The year by which ages are told: that of the newest bill. */
async function yearOf(files: ColumnFiles, bills: readonly string[]): Promise<number> {
  const [row] = await files.rows(
    `SELECT max(year(TRY_CAST("settled" AS DATE)))::DOUBLE AS year FROM ${sourceOf(bills)}`,
  )
  return Number(row?.year)
}

function dataOf(path: string): Data {
  return { file: basename(path), bytes: statSync(path).size }
}

/** A report is made anew each time: its folder is empty, or holds what an earlier run left and nothing else. */
function makeEmpty(out: string): void {
  if (existsSync(out)) {
    const own = /^(before|after|x-\d+|spill|report\.(json|pdf))$/
    if (readdirSync(out).some((name) => !own.test(name)))
      throw new UsageError({
        zh: `${out} 里有别的内容；换一个 --out，或先清空`,
        en: `${out} holds something else; name another --out, or empty it first`,
      })
    rmSync(out, { recursive: true })
  }
  makeFolder(out)
}
