import { type Fen, formatYuan, type Rate, WHOLE } from '#base/money.ts'
import { nearest } from '#base/nearest.ts'
import { type Attribute, parseVocabulary, type Vocabulary } from '#rulebook/attributes.ts'
import { type Dated, readDated } from '#rulebook/dated.ts'
import { type RuleFile, RuleFileError, readRuleFile } from '#rulebook/rule-file.ts'
import { readSources } from '#rulebook/source.ts'
import { leavesOf, readTable, type Table, unknownAttribute } from '#rulebook/table.ts'
import { attributesAsked } from './rules-within.ts'
import {
  AccountTierFile,
  BenefitFile,
  ExclusionsFile,
  InsuranceTierFile,
  PlaceFile,
  type RawBand,
  type RawDerivedAmount,
  ReliefFile,
  SchemeFile,
} from './scheme-format.ts'
import type {
  AmountBasis,
  AmountRule,
  Band,
  Benefit,
  Cap,
  CertificateRule,
  ChargedAgain,
  Conditions,
  CountedLimit,
  Deductible,
  Exclusion,
  Growth,
  GuaranteedRatio,
  HandIn,
  Ordinal,
  Period,
  PublishedIndex,
  Relief,
  Scheme,
  SchemeBook,
  SchemePlace,
  ShareOfCost,
  Tier,
} from './types.ts'
import { NATIVE_COMPONENTS } from './types.ts'

/** One file of a schemes folder: its path below the folder, with `/`, and its text. */
export type SchemeText = { readonly path: string; readonly text: string }

/**
 * Reads a whole schemes folder. Throws a `RuleFileError` (file, line, code, remedy) at the first thing
 * that is wrong anywhere: half a rule book is never used.
 */
export function readSchemes(texts: readonly SchemeText[]): SchemeBook {
  const byPath = new Map(texts.map(({ path, text }) => [path, text]))
  const vocabularyText = byPath.get('attributes.yaml')
  if (vocabularyText === undefined)
    throw missing('attributes.yaml', 'the schemes folder has no attributes.yaml')
  const vocabulary = parseVocabulary('attributes.yaml', vocabularyText)
  const places = new Map<string, SchemePlace>()
  for (const { path, text } of texts)
    if (nameOf(path) === 'place.yaml') places.set(folderOf(path), readPlace(path, text, vocabulary))

  const tiers = new Map<string, Tier>()
  const benefits = new Map<string, Benefit>()
  const reliefs = new Map<string, Relief>()
  for (const { path, text } of texts) {
    const kind = kindOf(path)
    if (kind === undefined || kind === 'scheme') continue
    const context = contextOf(path, text, places, vocabulary)
    if (kind === 'tier') tiers.set(context.id, readTier(context))
    else if (kind === 'benefit') benefits.set(context.id, readBenefit(context))
    else reliefs.set(context.id, readRelief(context))
  }
  const schemes = new Map<string, Scheme>()
  for (const { path, text } of texts) {
    if (kindOf(path) !== 'scheme') continue
    const context = contextOf(path, text, places, vocabulary)
    schemes.set(context.id, readScheme(context, tiers, benefits, reliefs))
  }
  return {
    vocabulary,
    places,
    schemes,
    tiers,
    benefits,
    reliefs,
    ...readExclusions(byPath.get('exclusions.yaml')),
  }
}

type Context = {
  readonly id: string
  readonly folder: string
  readonly file: RuleFile
  readonly place: SchemePlace
  readonly vocabulary: Vocabulary
}

type Path = readonly PropertyKey[]

function kindOf(path: string): 'tier' | 'benefit' | 'relief' | 'scheme' | undefined {
  const m = /\.(tier|benefit|relief|scheme)\.yaml$/.exec(path)
  if (m) return m[1] as 'tier' | 'benefit' | 'relief' | 'scheme'
  if (nameOf(path) === 'place.yaml') return undefined
  if (path === 'attributes.yaml' || path === 'exclusions.yaml') return undefined
  throw missing(
    path,
    'not a kind of file that schemes are made of: place.yaml, *.scheme.yaml, *.tier.yaml, *.benefit.yaml, *.relief.yaml',
  )
}

function contextOf(
  path: string,
  text: string,
  places: ReadonlyMap<string, SchemePlace>,
  vocabulary: Vocabulary,
): Context {
  const folder = folderOf(path)
  const place = places.get(folder)
  if (!place) throw missing(path, `there is no place.yaml in ${folder} to name its sources`)
  const id = path.replace(/\.(tier|benefit|relief|scheme)\.yaml$/, '')
  return { id, folder, file: readRuleFile(path, text), place, vocabulary }
}

function readPlace(path: string, text: string, vocabulary: Vocabulary): SchemePlace {
  const file = readRuleFile(path, text)
  const { place, division, teaching = false, sources: listed, indexes = {} } = file.parse(PlaceFile)
  for (const [id, { grade }] of Object.entries(listed)) {
    if (teaching !== (grade === 'invented'))
      file.fail(
        ['sources', id, 'grade'],
        'mixed_invention',
        teaching
          ? 'a teaching place holds invented values only, so that nothing in it can pass for real'
          : 'an invented value may stand only in a place marked teaching: true',
      )
  }
  const folder = folderOf(path)
  const sources = readSources(listed)
  return {
    folder,
    file: path,
    title: place,
    division,
    teaching,
    sources,
    indexes: new Map(
      Object.entries(indexes).map(([name, { index, amount }]): [string, PublishedIndex] => {
        const at = ['indexes', name]
        if (vocabulary.has(name) || STAY_BASES.some((basis) => basis === name))
          file.fail(at, 'bad_value', `"${name}" already means something else in "of"`)
        const rule = `${folder}/place#indexes.${name}.amount`
        return [
          name,
          {
            name,
            title: index,
            amount: readDated(file, [...at, 'amount'], amount, rule, sources, (value, inside) =>
              readTable<Fen>(file, inside, value, vocabulary),
            ),
          },
        ]
      }),
    ),
    lineOf: (source) => file.lineOf(['sources', source]),
  }
}

function readExclusions(
  text: string | undefined,
): Pick<SchemeBook, 'exclusions' | 'exclusionSources'> {
  if (text === undefined) return { exclusions: [], exclusionSources: undefined }
  const file = readRuleFile('exclusions.yaml', text)
  const { sources, exclusions } = file.parse(ExclusionsFile)
  checkNoRepeat(
    file,
    ['exclusions'],
    exclusions.map(({ cause }) => cause),
  )
  const documents = readSources(sources)
  return {
    exclusions: exclusions.map(
      ({ cause, treatment }, i): Exclusion => ({
        cause,
        treatment: readDated(
          file,
          ['exclusions', i, 'treatment'],
          treatment,
          `exclusions#${cause}`,
          documents,
          (value) => value,
        ),
      }),
    ),
    exclusionSources: {
      folder: '',
      file: file.file,
      sources: documents,
      lineOf: (source) => file.lineOf(['sources', source]),
    },
  }
}

// --- tiers -----------------------------------------------------------------------------------

function readTier(context: Context): Tier {
  const { file, id } = context
  const isAccount = typeof file.value === 'object' && file.value !== null && 'account' in file.value
  const raw = isAccount ? file.parse(AccountTierFile) : file.parse(InsuranceTierFile)
  const shared = {
    id,
    title: raw.tier,
    payer: raw.payer,
    place: { file: file.file, line: 1 },
    governing: raw.governing,
    period: readPeriod(raw.period),
    eligibility: readEligibility(context, raw.eligibility),
    certificate:
      raw.certificate &&
      datedAt(context, ['certificate'], raw.certificate, ({ kind, by }, path): CertificateRule => {
        const attribute = context.vocabulary.get(by)
        if (attribute?.of === 'bill') return { kind, by: attribute }
        return attribute
          ? file.fail(path, 'bad_value', `"${by}" is not answered by the bill`)
          : file.fail(path, 'unknown_attribute', `"${by}" is not in attributes.yaml`)
      }),
    base: raw.base.map((part, i) =>
      typeof part === 'string'
        ? { component: part, weight: undefined }
        : {
            component: part.component,
            weight: tableAt(context, ['base', i, 'weight'], part.weight),
          },
    ),
    baseBefore: raw.baseBefore === undefined ? undefined : resolveId(context, raw.baseBefore),
    baseWeight: raw.baseWeight && tableAt(context, ['baseWeight'], raw.baseWeight),
    paysDown: raw.paysDown,
  }
  checkNoRepeat(
    file,
    ['base'],
    shared.base.map(({ component }) => component),
  )
  checkNoRepeat(file, ['paysDown'], raw.paysDown)
  if ('account' in raw && raw.account === 'currentYear' && raw.period !== 'calendar-year')
    file.fail(['period'], 'bad_value', "the account of a year is the calendar year's")
  if ('account' in raw) return { ...shared, kind: 'account', account: raw.account, counted: [] }

  if (raw.splits && (shared.base.length !== 1 || shared.base[0]?.component !== 'inScope'))
    file.fail(
      ['base'],
      'bad_split',
      'a tier that splits the in-scope cost has exactly [inScope] as its base',
    )
  if (raw.splits && (shared.base[0]?.weight || raw.baseWeight || raw.baseBefore || raw.counted))
    file.fail(
      ['splits'],
      'bad_split',
      'a tier that splits takes the whole in-scope cost as it stands: no weight, baseBefore or counted',
    )
  if (!raw.splits && raw.transferUpfront)
    file.fail(
      ['transferUpfront'],
      'bad_split',
      'only a tier that splits sets an upfront share for care elsewhere apart',
    )
  for (const [i, { component }] of (raw.counted ?? []).entries())
    if (!shared.base.some((part) => part.component === component))
      file.fail(
        ['counted', i, 'component'],
        'bad_value',
        `${component} is not in the base, so nothing of it is counted`,
      )
  return {
    ...shared,
    kind: 'insurance',
    splits: raw.splits,
    transferUpfront:
      raw.transferUpfront && tableAt(context, ['transferUpfront'], raw.transferUpfront),
    counted: (raw.counted ?? []).map(
      (limit, i): CountedLimit => ({
        ...limit,
        amount: tableAt(context, ['counted', i, 'amount'], limit.amount),
      }),
    ),
    waiting:
      raw.waiting &&
      datedAt(context, ['waiting'], raw.waiting, ({ months, each, per, ...rest }, path) => {
        if ((each === undefined) !== (per === undefined))
          file.fail(path, 'undeclared_choice', 'each and per go together: so much for each of what')
        const growthBy = (term: { each: number; per: string } | undefined): Growth | undefined =>
          term && {
            terms: [
              { ...term, per: numberAttribute(context, path, term.per), after: 0, less: false },
            ],
            atMost: undefined,
          }
        return {
          months,
          grows: growthBy(each === undefined || per === undefined ? undefined : { each, per }),
          repair: growthBy(rest.repair),
          atLeast:
            rest.atLeast === undefined
              ? undefined
              : readTable<number>(file, path, rest.atLeast, context.vocabulary),
        }
      }),
    admission:
      raw.admission &&
      datedAt(context, ['admission'], raw.admission, ({ readmission, ...rest }) => ({
        readmissionDays: readmission,
        transfer: rest.transfer,
        acrossPeriods: rest.acrossPeriods,
      })),
    deductible: raw.deductible && readDeductible(context, raw.deductible, raw.rate.axis),
    eligibleCap: raw.eligibleCap && {
      amount: amountAt(context, ['eligibleCap', 'amount'], raw.eligibleCap.amount),
      per: raw.eligibleCap.per,
      pool: capPool(context, ['eligibleCap'], raw.eligibleCap),
    },
    axis: raw.rate.axis,
    over: raw.rate.over,
    rate: readRate(context, raw.rate.bands),
    rateGrows: raw.rate.grows && readGrowth(context, ['rate', 'grows'], raw.rate.grows),
    dueFactor: raw.dueFactor && tableAt(context, ['dueFactor'], raw.dueFactor),
    guaranteedRatio: raw.guaranteedRatio && readGuarantee(context, raw, raw.guaranteedRatio),
    caps: (raw.caps ?? []).map((cap, i) => readCap(context, ['caps', i], cap, raw.splits)),
    rounding: raw.rounding,
  }
}

const PER_ADMISSION = [
  'ordinal',
  'floor',
  'periodTotal',
  'counts',
  'chargedAgain',
  'onceAPeriod',
] as const

type RawTier = ReturnType<typeof InsuranceTierFile.parse>

function readDeductible(
  context: Context,
  raw: NonNullable<RawTier['deductible']>,
  axis: 'gross' | 'net',
): Deductible {
  const { file } = context
  const perAdmission = PER_ADMISSION.filter((key) => raw[key] !== undefined)
  if (raw.kind === 'period' && perAdmission.length > 0)
    file.fail(
      ['deductible'],
      'bad_deductible',
      `${PER_ADMISSION.join(', ')} belong to a deductible per admission`,
    )
  if (raw.kind === 'admission' && raw.onChange)
    file.fail(
      ['deductible', 'onChange'],
      'bad_deductible',
      'onChange belongs to a deductible per period',
    )
  const amount = amountAt(context, ['deductible', 'amount'], raw.amount, 'ofStay')
  if (followsStay(amount)) {
    const refuse = (message: string) => file.fail(['deductible'], 'bad_deductible', message)
    if (raw.kind === 'period') refuse('a share of the stay belongs to a deductible per admission')
    // Each interim bill adds to the deductible, so the stretch below it does not stay where it was.
    if (axis === 'gross') refuse('a deductible that grows with the stay goes with axis: net')
    if (JSON.stringify(raw.ordinal)?.includes('"lessEach"'))
      refuse('a deductible that is a share of the stay falls in steps, not by lessEach')
    if (raw.chargedAgain) refuse('a share of the stay grows with it, and is not charged again')
  }
  return {
    kind: raw.kind,
    amount,
    ordinal:
      raw.ordinal &&
      datedAt(context, ['deductible', 'ordinal'], raw.ordinal, (value, path) =>
        readTable<Ordinal>(file, path, value, context.vocabulary),
      ),
    floor: raw.floor && amountAt(context, ['deductible', 'floor'], raw.floor),
    periodTotal:
      raw.periodTotal && amountAt(context, ['deductible', 'periodTotal'], raw.periodTotal),
    counts: raw.counts && tableAt(context, ['deductible', 'counts'], raw.counts),
    chargedAgain:
      raw.chargedAgain &&
      datedAt(
        context,
        ['deductible', 'chargedAgain'],
        raw.chargedAgain,
        ({ each, as }, path): ChargedAgain => {
          if (each === 0) file.fail(path, 'bad_value', 'a stretch is at least one day long')
          return { eachDays: each, as }
        },
      ),
    onceAPeriod:
      raw.onceAPeriod && tableAt(context, ['deductible', 'onceAPeriod'], raw.onceAPeriod),
    onChange: raw.onChange,
    pool: poolId(context, raw.pool),
    offsetBy: raw.offsetBy ?? [],
  }
}

function readGuarantee(
  context: Context,
  { splits, caps = [], deductible }: RawTier,
  raw: NonNullable<RawTier['guaranteedRatio']>,
): GuaranteedRatio {
  const { file } = context
  const at = ['guaranteedRatio']
  if (raw.of !== 'bill') checkNoRepeat(file, [...at, 'of'], raw.of)
  checkNoRepeat(file, [...at, 'countedTiers'], raw.countedTiers)
  if (raw.lessDeductible && !deductible)
    file.fail([...at, 'lessDeductible'], 'bad_value', 'the tier has no deductible to take off')
  // What is raised no longer follows the bands, so no point of the cost is where the cap begins to bind.
  if (splits && raw.stage === 'before-caps' && caps.some(({ excess }) => excess === 'cost'))
    file.fail(
      [...at, 'stage'],
      'bad_value',
      'a ratio that is guaranteed before the caps goes with excess: payment',
    )
  return {
    ...raw,
    ratio: tableAt(context, [...at, 'ratio'], raw.ratio),
    of: raw.of === 'bill' ? NATIVE_COMPONENTS : raw.of,
    countedTiers: raw.countedTiers.map((name) => resolveId(context, name)),
  }
}

function readCap(
  context: Context,
  path: Path,
  raw: NonNullable<RawTier['caps']>[number],
  splits: boolean,
): Cap {
  if (splits && raw.excess === undefined)
    context.file.fail(
      path,
      'undeclared_choice',
      'a tier that splits says what its cap leaves to the next tier: excess: cost or payment',
    )
  if (raw.per === 'admission' && raw.onChange)
    context.file.fail([...path, 'onChange'], 'bad_value', 'onChange belongs to a cap per period')
  return {
    amount: amountAt(context, [...path, 'amount'], raw.amount),
    per: raw.per,
    pool: capPool(context, path, raw),
    excess: raw.excess,
    onChange: raw.onChange,
    grows: raw.grows && readGrowth(context, [...path, 'grows'], raw.grows),
  }
}

/** What a stay comes to: known when it is settled, and more with each of its bills. */
const STAY_BASES = ['stayCost', 'stayBase'] as const

type RawAmounts<T> = Parameters<typeof tableAt<T | RawDerivedAmount>>[2]

/** Amounts that may be derived from something else. Only a deductible may follow the stay itself. */
function amountAt<T extends Fen | 'none'>(
  context: Context,
  path: Path,
  raw: RawAmounts<T>,
  ofStay?: 'ofStay',
): Dated<Table<T | AmountRule>> {
  return datedAt(context, path, raw, (value, at) =>
    mapTable(
      readTable<T | RawDerivedAmount>(context.file, at, value, context.vocabulary),
      at,
      (leaf, where): T | AmountRule =>
        typeof leaf === 'object' ? readDerived(context, where, leaf, ofStay) : leaf,
    ),
  )
}

function readDerived(
  context: Context,
  path: Path,
  raw: RawDerivedAmount,
  ofStay: 'ofStay' | undefined,
): AmountRule {
  const { file } = context
  const of = readBasis(context, [...path, 'of'], raw.of)
  const stays = of.kind === 'stayCost' || of.kind === 'stayBase'
  if (stays && !ofStay)
    file.fail(
      [...path, 'of'],
      'bad_value',
      'only the amount of a deductible follows the stay: interim bills would not add up',
    )
  if (stays && 'times' in raw)
    file.fail([...path, 'times'], 'bad_value', 'of a stay only a share can be taken')
  const { atLeast, atMost } = raw
  if (atLeast !== undefined && atMost !== undefined && atLeast > atMost)
    file.fail([...path, 'atLeast'], 'bad_value', 'atLeast is more than atMost')
  return { factor: 'share' in raw ? raw.share : raw.times, of, atLeast, atMost }
}

function readBasis({ file, place, vocabulary }: Context, path: Path, name: string): AmountBasis {
  const stay = STAY_BASES.find((basis) => basis === name)
  if (stay) return { kind: stay }
  const index = place.indexes.get(name)
  if (index) return { kind: 'index', index }
  const attribute = vocabulary.get(name)
  if (!attribute)
    return file.fail(
      path,
      'unknown_attribute',
      `"${name}" is neither stayCost, stayBase, an index of place.yaml nor an attribute`,
    )
  if (attribute.unit !== '元')
    file.fail(path, 'bad_value', `"${name}" is not a number of yuan (unit: 元 in attributes.yaml)`)
  return { kind: 'attribute', attribute }
}

/** Whether any value of a deductible is a share of what the stay comes to. */
function followsStay({ entries }: Dated<Table<AmountRule>>): boolean {
  return entries.some(
    ({ value }) =>
      value !== null &&
      leavesOf(value).some(
        ({ value: leaf }) =>
          typeof leaf === 'object' && STAY_BASES.some((basis) => basis === leaf.of.kind),
      ),
  )
}

function capPool(
  context: Context,
  path: Path,
  { per, pool }: { per: 'admission' | 'period'; pool?: string | undefined },
): string | undefined {
  if (pool !== undefined && per === 'admission')
    context.file.fail([...path, 'pool'], 'bad_value', 'tiers share a cap per period only')
  return poolId(context, pool)
}

type RawGrowth = NonNullable<NonNullable<RawTier['caps']>[number]['grows']>

function readGrowth(context: Context, path: Path, raw: RawGrowth): Dated<Growth> {
  return datedAt(context, path, raw, ({ terms, atMost }, at) => ({
    terms: terms.map((term, i) => ({
      ...term,
      per: numberAttribute(context, [...at, 'terms', i, 'per'], term.per),
    })),
    atMost,
  }))
}

function numberAttribute({ file, vocabulary }: Context, path: Path, name: string): Attribute {
  const attribute = vocabulary.get(name)
  if (!attribute) return file.fail(path, 'unknown_attribute', unknownAttribute(name, vocabulary))
  if (attribute.answers !== 'number')
    file.fail(path, 'bad_value', `"${name}" is not a number: nothing can be counted by it`)
  return attribute
}

function readRate(context: Context, raw: RawTier['rate']['bands']): Dated<Table<readonly Band[]>> {
  const { file, vocabulary } = context
  return datedAt(context, ['rate', 'bands'], raw, (value, path) =>
    mapTable(readTable(file, path, value, vocabulary), path, (leaf, at) =>
      readBands(file, at, leaf as Rate | RawBand[]),
    ),
  )
}

/** Bands cover the whole axis from zero, each beginning where the one before ends. */
function readBands(file: RuleFile, path: Path, raw: Rate | readonly RawBand[]): readonly Band[] {
  if (typeof raw === 'number') return [{ above: 0 as Fen, upTo: undefined, rate: raw }]
  let reached: number | undefined = 0
  for (const [i, band] of raw.entries()) {
    const at = [...path, i]
    const { above } = band
    const upTo = 'upTo' in band ? band.upTo : undefined
    if (reached === undefined)
      file.fail(at, 'unreachable', 'the band above has no upper end, so this one is never reached')
    else if (above > reached)
      file.fail(
        at,
        'gap',
        `nothing is said between ${formatYuan(reached)} and ${formatYuan(above)}`,
      )
    else if (above < reached)
      file.fail(at, 'overlap', `begins at ${formatYuan(above)}, inside the band above`)
    if (upTo !== undefined && upTo <= above)
      file.fail(at, 'unreachable', 'the band ends where it begins, or before')
    reached = upTo
  }
  if (reached !== undefined)
    file.fail(
      path,
      'gap',
      `nothing is said above ${formatYuan(reached)}; write a last band with rate: 0%, or rate: unknown`,
    )
  return raw.map((band): Band => {
    if ('personShare' in band)
      return { above: band.above, upTo: band.upTo, rate: (WHOLE - band.personShare) as Rate }
    if (band.rate === 'unknown')
      return { above: band.above, upTo: undefined, rate: 0 as Rate, unknown: true }
    return { above: band.above, upTo: 'upTo' in band ? band.upTo : undefined, rate: band.rate }
  })
}

// --- benefits, reliefs and schemes --------------------------------------------------------------------

function readBenefit(context: Context): Benefit {
  const raw = context.file.parse(BenefitFile)
  const at = <T>(key: string, value: Parameters<typeof tableAt<T>>[2]) =>
    tableAt<T>(context, [key], value)
  const shared = {
    id: context.id,
    title: raw.benefit,
    payer: raw.payer,
    place: { file: context.file.file, line: 1 },
    governing: raw.governing,
    period: readPeriod(raw.period),
    eligibility: readEligibility(context, raw.eligibility),
    event: raw.event,
  }
  if (raw.kind === 'lumpSum')
    return { ...shared, kind: 'lumpSum', amount: at('amount', raw.amount) }
  return {
    ...shared,
    kind: 'dailyAllowance',
    perDay: at('perDay', raw.perDay),
    freeDays: raw.freeDays && at('freeDays', raw.freeDays),
    minimum: raw.minimum && at('minimum', raw.minimum),
    maximum: raw.maximum && at('maximum', raw.maximum),
    maximumDays: raw.maximumDays && at('maximumDays', raw.maximumDays),
  }
}

function readRelief(context: Context): Relief {
  const { file } = context
  const raw = file.parse(ReliefFile)
  const period = readPeriod(raw.period)
  if (period.kind !== 'year')
    return file.fail(['period'], 'bad_value', 'a relief is of a calendar-year or a year-from-…')
  checkNoRepeat(file, ['base'], raw.base)
  const relief: Relief = {
    id: context.id,
    title: raw.relief,
    kind: raw.kind,
    payer: raw.payer,
    place: { file: file.file, line: 1 },
    governing: raw.governing,
    period,
    eligibility: readEligibility(context, raw.eligibility),
    base: raw.base,
    threshold: datedAt(context, ['threshold'], raw.threshold, (value, path) =>
      mapTable(
        readTable<Fen | ShareOfCost>(file, path, value, context.vocabulary),
        path,
        (leaf, at) => {
          if (typeof leaf === 'object') checkNoRepeat(file, [...at, 'of'], leaf.of)
          return leaf
        },
      ),
    ),
    rate: readRate(context, raw.rate.bands),
    cap: raw.cap && tableAt(context, ['cap'], raw.cap),
    rounding: raw.rounding,
  }
  // It is worked out from a year of bills, so no one bill can answer for it.
  const ofBill = attributesAsked(relief).find((attribute) => attribute.of === 'bill')
  if (ofBill)
    file.fail([], 'bad_value', `"${ofBill.name}" is answered by a bill, and a relief is of a year`)
  return relief
}

function readScheme(
  context: Context,
  tiers: ReadonlyMap<string, Tier>,
  benefits: ReadonlyMap<string, Benefit>,
  reliefs: ReadonlyMap<string, Relief>,
): Scheme {
  const { file, id, place } = context
  const raw = file.parse(SchemeFile)
  const order = raw.tiers.map((step, i): Scheme['order'][number] => {
    const at = ['tiers', i]
    if (typeof step !== 'string')
      return { ...step, place: { file: file.file, line: file.lineOf(at) } }
    const tier = tiers.get(resolveId(context, step))
    if (!tier) return file.fail(at, 'unknown_tier', noSuchFile(context, step, 'tier', tiers.keys()))
    return { tier }
  })
  const own = order.flatMap((step) => ('tier' in step ? [step.tier.id] : []))
  checkNoRepeat(file, ['tiers'], own)
  for (const [i, step] of order.entries()) {
    if (!('tier' in step)) continue
    const { tier } = step
    const isLater = (other: string) => !own.slice(0, own.indexOf(tier.id)).includes(other)
    if (tier.baseBefore && isLater(tier.baseBefore))
      file.fail(
        ['tiers', i],
        'unknown_tier',
        `${tier.id} measures its base before ${tier.baseBefore}, which does not come before it here`,
      )
    const counted =
      tier.kind === 'insurance' ? tier.guaranteedRatio?.countedTiers.find(isLater) : undefined
    if (counted)
      file.fail(
        ['tiers', i],
        'unknown_tier',
        `${tier.id} counts what ${counted} paid, which does not come before it here`,
      )
  }
  if (order.length === 0 && (raw.kind === 'public' || !raw.benefits?.length))
    file.fail(
      ['tiers'],
      'bad_scheme',
      'a scheme has a tier; only a product may have benefits alone',
    )
  if (raw.kind !== 'public' && raw.reliefs)
    file.fail(['reliefs'], 'bad_scheme', 'only a public scheme has reliefs')
  if (raw.kind !== 'public' && order.some((step) => 'covers' in step))
    file.fail(['tiers'], 'bad_scheme', 'only a public scheme leaves room for covers')
  return {
    id,
    title: raw.scheme,
    teaching: place.teaching,
    kind: raw.kind,
    order,
    handIn: raw.handIn && datedAt(context, ['handIn'], raw.handIn, (value): HandIn => value),
    newborn:
      raw.newborn && datedAt(context, ['newborn'], raw.newborn, ({ within }): number => within),
    benefits: (raw.benefits ?? []).map((name, i) => {
      const benefit = benefits.get(resolveId(context, name))
      return (
        benefit ??
        file.fail(
          ['benefits', i],
          'unknown_benefit',
          noSuchFile(context, name, 'benefit', benefits.keys()),
        )
      )
    }),
    reliefs: (raw.reliefs ?? []).map((name, i) => {
      const relief = reliefs.get(resolveId(context, name))
      return (
        relief ??
        file.fail(
          ['reliefs', i],
          'unknown_relief',
          noSuchFile(context, name, 'relief', reliefs.keys()),
        )
      )
    }),
  }
}

// --- small things ----------------------------------------------------------------------------

function readPeriod(text: string): Period {
  if (text === 'policy-year' || text === 'lifetime') return { kind: text }
  return { kind: 'year', starts: text === 'calendar-year' ? '01-01' : text.slice(-5) }
}

type RawEligibility = ReturnType<typeof InsuranceTierFile.parse>['eligibility']

function readEligibility(context: Context, raw: RawEligibility): Dated<Conditions> {
  return datedAt(context, ['eligibility'], raw, (conditions, path) =>
    Object.entries(conditions).map(([name, key]) => {
      // A condition is a table of one row: what is not in it does not hold.
      const holds = readTable<true>(
        context.file,
        path,
        { [`by ${name}`]: { [key]: true } },
        context.vocabulary,
      )
      return { attribute: context.vocabulary.get(name) as Attribute, holds }
    }),
  )
}

/** Says that a scheme names a file that is not there, and which was probably meant. */
function noSuchFile(
  { folder }: Context,
  name: string,
  kind: 'tier' | 'benefit' | 'relief',
  ids: Iterable<string>,
): string {
  const suffix = `.${kind}.yaml`
  if (name.endsWith(suffix))
    return `a ${kind} is named without its suffix: ${name.slice(0, -suffix.length)}`
  const here = [...ids].flatMap((id) =>
    id.startsWith(`${folder}/`) ? [id.slice(folder.length + 1)] : [],
  )
  const meant = nearest(name, here)
  return `there is no ${name}${suffix}${meant ? `; did you mean ${meant}?` : ''}`
}

function datedAt<Raw, T>(
  { file, id, place }: Context,
  path: Path,
  raw: Parameters<typeof readDated<Raw, T>>[2],
  read: (value: Raw, path: Path) => T,
): Dated<T> {
  return readDated(file, path, raw, `${id}#${path.join('.')}`, place.sources, read)
}

function tableAt<T>(
  context: Context,
  path: Path,
  raw: Parameters<typeof readDated<Parameters<typeof readTable<T>>[2], Table<T>>>[2],
): Dated<Table<T>> {
  return datedAt(context, path, raw, (value, at) =>
    readTable<T>(context.file, at, value, context.vocabulary),
  )
}

function mapTable<A, B>(table: Table<A>, path: Path, change: (leaf: A, path: Path) => B): Table<B> {
  if ('value' in table) return { value: change(table.value, path) }
  const { by, rows } = table
  const at = [...path, `by ${by.name}`]
  return {
    by,
    rows: rows.map((row) => ({ ...row, table: mapTable(row.table, [...at, row.key], change) })),
  }
}

function checkNoRepeat(file: RuleFile, path: Path, names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice) file.fail(path, 'overlap', `${twice} is named twice`)
}

/** A tier is named from its own folder, or from the root with a leading slash. */
function resolveId({ folder }: Context, name: string): string {
  if (name.startsWith('/')) return name.slice(1)
  return folder === '' ? name : `${folder}/${name}`
}

/** Tiers of one folder that name the same pool count into one total. */
const poolId = ({ folder }: Context, pool: string | undefined) => pool && `${folder}/${pool}`

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))

function missing(file: string, message: string): RuleFileError {
  return new RuleFileError({ file, line: 1, code: 'missing_file', message })
}
