import { createHash } from 'node:crypto'
import {
  createReadStream,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { parseYuan } from '#base/money.ts'
import { nearest } from '#base/nearest.ts'
import {
  countOf,
  type DataFile,
  type FanRow,
  FEWEST,
  type Premium,
  type PremiumAsked,
  type Steps,
  solve,
  tooFew,
  valueAt,
  type Whatif,
} from '#domains/pricing/index.ts'
import { ENGINE, lintBook, readSchemes, type SchemeText } from '#domains/settlement/index.ts'
import { ColumnFiles } from '#platform/columns.ts'
import { RuleFileError } from '#rulebook/rule-file.ts'
import { filesOf, makeFolder, type SharedBatch, settleFolder } from './batch-command.ts'
import { sourceOf } from './batch-source.ts'
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts'
import { languageOf, type Options, required, schemesFolderOf } from './options.ts'
import { programVersion } from './program-version.ts'
import { readReadmes, readSchemeTexts } from './schemes-folder.ts'
import { compare, countChanged, type Side } from './whatif-compare.ts'
import { type DraftFile, draftTexts, readDraft } from './whatif-draft.ts'
import { premiumOf, priceProduct, tiersOfProduct, withEverybody } from './whatif-premium.ts'
import { printDraft, printWhatif, whatifPaper } from './whatif-print.ts'
import { workersOf } from './worker-pool.ts'

/** More than these would be a run of hours; a wider step shows the same. */
const MOST_STEPS = 21

/** How far a run is: bills settled in the settlement at hand, and which of how many settlements that is. */
export type Told = (progress: {
  readonly pass: number
  readonly passes: number
  readonly bills: number
  readonly ofBills: number
}) => void

/** `kangyang whatif`: a year of bills settled under the rules and under a draft of them, and what differs. */
export async function whatifCommand(options: Options): Promise<ExitCode> {
  const lang = languageOf(options)
  const out = outOf(options)
  makeEmpty(out)
  if (options.text('drafts') !== undefined) return await manyDrafts(options, out)
  const report = await runWhatif(options)
  writeFileSync(join(out, 'report.pdf'), await whatifPaper(report))
  process.stdout.write(printWhatif(report, lang))
  return report.kept && report.x === undefined ? EXIT.refused : EXIT.done
}

/** What drafts that are held against one baseline share: its settlement, the data and how they are divided. */
type Shared = {
  readonly folder: string
  readonly files: ColumnFiles
  readonly batch: SharedBatch
  readonly data: Map<string, Promise<DataFile>>
}

/**
 * `kangyang whatif --drafts 'drafts/*.yaml'`: one draft after another, each held against the same baseline. That is settled
 * once, and bills and persons are read once. A draft that is refused is told, and the others go on.
 */
async function manyDrafts(options: Options, out: string): Promise<ExitCode> {
  const lang = languageOf(options)
  const drafts = globSync(required(options, 'drafts', "'drafts/*.yaml'")).toSorted()
  if (drafts.length === 0 || options.positionals.length > 1)
    throw new UsageError({
      zh: '--drafts 须指向草案文件，且不再另写草案',
      en: '--drafts names the files of drafts, and no draft stands beside it',
    })
  const spill = join(out, 'spill')
  const files = await ColumnFiles.open({
    ...{ threads: workersOf(options), memoryMb: 2048, temporary: spill },
  })
  const shared: Shared = {
    ...{ folder: out, files, data: new Map() },
    batch: { folder: out, people: new Map() },
  }
  const began = performance.now()
  let refused = 0
  try {
    for (const draft of drafts) {
      const name = basename(draft).replace(/\.ya?ml$/, '')
      const own = join(out, 'drafts', name)
      mkdirSync(own, { recursive: true })
      const of: Options = {
        ...options,
        positionals: ['whatif', draft],
        text: (option) => (option === 'out' ? own : options.text(option)),
      }
      try {
        const report = await runWhatif(of, undefined, shared)
        writeFileSync(join(own, 'report.pdf'), await whatifPaper(report))
        process.stdout.write(printDraft(name, report, lang))
      } catch (error) {
        if (!(error instanceof UsageError || error instanceof RuleFileError)) throw error
        refused++
        const said = error instanceof UsageError && lang === 'zh' ? error.zh : error.message
        process.stdout.write(`${name}  ${said}\n`)
      }
      // What it came to is in its report: rows of twenty settlements would fill a disk.
      for (const part of readdirSync(own))
        if (!/^report\.(json|pdf)$/.test(part)) rmSync(join(own, part), { recursive: true })
    }
  } finally {
    files.close()
    rmSync(spill, { recursive: true, force: true })
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  const memory = Math.round(process.resourceUsage().maxRSS / 1024).toLocaleString('en-US')
  process.stdout.write(
    lang === 'zh'
      ? `${drafts.length} 份草案，用时 ${seconds} 秒，内存最多 ${memory} MB\n`
      : `${drafts.length} drafts in ${seconds} s, at most ${memory} MB of memory\n`,
  )
  return refused > 0 ? EXIT.refused : EXIT.done
}

const outOf = (options: Options): string => resolve(required(options, 'out', 'whatif'))

/**
 * Settles, compares and leaves `report.json` in the folder `out`. What an earlier run of the same has settled there is
 * not settled again.
 */
export async function runWhatif(
  options: Options,
  told: Told = () => {},
  shared?: Shared,
): Promise<Whatif> {
  const [, ...drafts] = options.positionals
  if (drafts.length === 0 || drafts.length > 2)
    throw new UsageError({
      zh: '写成 kangyang whatif [基线.yaml] 草案.yaml --bills … --persons … --out …',
      en: 'write kangyang whatif [baseline.yaml] draft.yaml --bills … --persons … --out …',
    })
  const out = outOf(options)
  const shipped = readSchemeTexts(schemesFolderOf(options))
  const [draft, base] = drafts.toReversed().map((path) => readDraft(path))
  if (!draft) throw new Error('no draft')
  if (base?.draft.unknown)
    base.file.fail(
      ['unknown'],
      'baseline_has_unknown',
      'a baseline is one set of rules; only a draft has an unknown',
      '基线是一套确定的规则；只有草案可以有 unknown',
    )
  const baseTexts = base ? draftTexts(shipped, base, undefined) : shipped
  const capacity = yuanOption(options, 'capacity')
  const capacitySource = options.text('capacity-source')
  if (capacitySource !== undefined && capacity === undefined)
    throw new UsageError({
      zh: '--capacity-source 须与 --capacity 一起写',
      en: '--capacity-source goes with --capacity',
    })
  const elasticity = elasticityOf(options)
  const keep = keepOf(options)
  const pricing = premiumOf(options)
  const { unknown } = draft.draft
  refuseUnsolvable(draft, keep !== undefined)
  const bills = filesOf('bills', required(options, 'bills', "'bills-*.parquet'"))
  const persons = filesOf('persons', required(options, 'persons', "'persons-*.parquet'"))
  makeFolder(out)
  const files =
    shared?.files ??
    (await ColumnFiles.open({
      threads: workersOf(options),
      memoryMb: 2048,
      temporary: join(out, 'spill'),
    }))
  const readmes = readReadmes(schemesFolderOf(options))
  const dataFile = (path: string): Promise<DataFile> => {
    const known = shared?.data.get(path) ?? dataOf(path)
    shared?.data.set(path, known)
    return known
  }
  const passes = 2 + triesOf(unknown, keep !== undefined) + (pricing ? 1 : 0)
  let pass = 0
  /** Settles everything by some rules; a draft whose rules lint finds at fault is refused like a scheme file. */
  const settle = async (
    name: string,
    texts: readonly SchemeText[],
    everybody = persons,
  ): Promise<Side> => {
    const book = readSchemes([...texts])
    const [fault] = lintBook(book, readmes).filter(({ severity }) => severity === 'error')
    if (fault)
      throw new UsageError({
        zh: `规则有误：${fault.file}:${fault.line} ${fault.zh}`,
        en: `the rules do not hold: ${fault.file}:${fault.line} ${fault.en}`,
      })
    const folder = join(name === 'before' && shared ? shared.folder : out, name)
    makeFolder(folder)
    const quiet = name !== 'before'
    pass++
    const done = await settleFolder(options, folder, {
      ...{ book, texts, files, bills, persons: everybody, quiet },
      caps: name === 'before' || name === 'after',
      told: (bills, ofBills) => told({ pass, passes, bills, ofBills }),
      ...(shared ? { shared: shared.batch } : {}),
    })
    if (!done) throw new UsageError({ zh: '已停止', en: 'stopped' })
    return { out: folder, summary: done.summary }
  }
  /** A product's premium: everything once more, as if everybody held it. */
  const priced = async (
    asked: PremiumAsked,
    texts: readonly SchemeText[],
    drafted: Side,
  ): Promise<Premium> => {
    const tiers = tiersOfProduct(readSchemes([...texts]), asked.scheme)
    const year = await yearOf(files, bills)
    const folder = join(out, 'everybody')
    const everybody = existsSync(join(folder, 'made'))
      ? filesOf('persons', join(folder, 'persons-*.parquet'))
      : await withEverybody(files, persons, { scheme: asked.scheme, year, folder })
    writeFileSync(join(folder, 'made'), '')
    const side = await settle('held', texts, everybody)
    return priceProduct(files, everybody, { drafted, side }, asked, tiers)
  }
  try {
    const before = await settle('before', baseTexts)
    refuseTooFew(before)
    if (keep) refuseUnknownTier(keep.tier, before)
    const textsAt = (x: number | undefined) => draftTexts(baseTexts, draft, x)
    const tried: FanRow[] = []
    /** What one value of the unknown comes to; its rows are not kept. */
    const spentAt = async (x: number): Promise<number> => {
      const file = join(out, `x-${x}.json`)
      if (existsSync(file)) pass++
      else {
        const side = await settle(`x-${x}`, textsAt(x))
        const { funds, tally } = side.summary
        const spent = keep ? paidBy(funds, keep.tier) : tally.paid
        const hidden = tooFew(await countChanged(files, before, side))
        const row: Tried = { x, spent, paid: tally.paid, patient: tally.patient, hidden }
        writeFileSync(`${file}.tmp`, JSON.stringify(row))
        renameSync(`${file}.tmp`, file)
        rmSync(side.out, { recursive: true })
      }
      const { hidden, ...row } = JSON.parse(readFileSync(file, 'utf8')) as Tried
      tried.push(hidden ? { x, hidden } : row)
      return row.spent
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
    const premium = pricing && drafted && after && (await priced(pricing, drafted, after))
    const found: Omit<Whatif, 'hash'> = {
      format: 'kangyang/whatif@2',
      program: programVersion(),
      engine: ENGINE,
      data: {
        bills: await Promise.all(bills.map(dataFile)),
        persons: await Promise.all(persons.map(dataFile)),
      },
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
      capacitySource,
      elasticity,
      x,
      fan: unknown && tried.toSorted((a, b) => a.x - b.x),
      kept: keep && { ...keep, best: x ?? null },
      comparison,
      premium,
    }
    const report: Whatif = { ...found, hash: hashOf(found).slice(0, 16) }
    writeFileSync(join(out, 'report.json'), `${JSON.stringify(report, undefined, 2)}\n`)
    return report
  } finally {
    if (!shared) files.close()
    rmSync(join(out, 'spill'), { recursive: true, force: true })
  }
}

/** How many settlements are made to try values, at most. */
function triesOf(unknown: Steps | undefined, solves: boolean): number {
  if (!unknown) return 0
  const count = countOf(unknown)
  return solves ? Math.min(count, 2 + Math.ceil(Math.log2(count))) : count - 1
}

/** A value is looked for where the draft has one; and not too many are tried one after another. */
function refuseUnsolvable({ draft, file }: DraftFile, solves: boolean): void {
  if (solves && !draft.unknown)
    file.fail(
      [],
      'nothing_to_solve',
      '--keep looks for the value of $x, which this draft does not have',
      '求解要找的是 $x 的取值，而这份草案里没有 $x',
    )
  if (draft.unknown && !solves && countOf(draft.unknown) > MOST_STEPS)
    file.fail(
      ['unknown'],
      'too_many_steps',
      `at most ${MOST_STEPS} values are tried one after another; widen the step, or say --keep`,
      `最多逐一试 ${MOST_STEPS} 个取值；请加大步长，或改为求解`,
    )
}

type Tried = Record<'x' | 'spent' | 'paid' | 'patient', number> & { readonly hidden: boolean }

/** For whatever is told, there have to be enough of whom it is told. */
function refuseTooFew({ summary: { persons } }: Side): void {
  if (persons >= FEWEST) return
  throw new UsageError({
    zh: `有账单的不足 ${FEWEST} 人，不出报告`,
    en: `fewer than ${FEWEST} persons have bills; of so few nothing is reported`,
  })
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

async function dataOf(path: string): Promise<DataFile> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer)
  return { file: basename(path), bytes: statSync(path).size, sha256: hash.digest('hex') }
}

/** A report is made anew each time: its folder is empty, or holds what an earlier run left and nothing else. */
function makeEmpty(out: string): void {
  if (existsSync(out)) {
    const own = /^(before|after|held|everybody|x-\d+(\.json)?|spill|drafts|report\.(json|pdf))$/
    if (readdirSync(out).some((name) => !own.test(name)))
      throw new UsageError({
        zh: `${out} 里有别的内容；换一个 --out，或先清空`,
        en: `${out} holds something else; name another --out, or empty it first`,
      })
    rmSync(out, { recursive: true })
  }
  makeFolder(out)
}
