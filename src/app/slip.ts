import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import PDFDocument from 'pdfkit'
import { formatFactor, formatRate } from '#base/money.ts'
import {
  type Badge,
  type Citation,
  COMPONENT_TITLES,
  COMPONENTS,
  NATIVE_COMPONENTS,
  PAYERS,
  type Step,
  type Title,
} from '#domains/settlement/index.ts'
import type { SlipRecord } from '#domains/settlement/routes.ts'
import { groupBy } from './group-by.ts'
import {
  BADGES,
  describeAdmission,
  describeAnswer,
  describeNewborn,
  describeNotApplicable,
  describeStatus,
  GRADES,
} from './messages.ts'
import { thousands } from './words.ts'

/** 结算单: one settlement on paper, in Chinese with English below, its amounts named as the interface names them. */
export function printSlip(record: SlipRecord): Promise<Buffer> {
  const sheet = new Sheet({
    Title: `结算单 ${record.id}`,
    Subject: 'Settlement slip',
    Creator: 'Kangyang',
  })
  printHeading(sheet, record)
  printPersonAndBill(sheet, record)
  printPayers(sheet, record)
  printPatient(sheet, record)
  printComponents(sheet, record)
  printBeside(sheet, record)
  printSteps(sheet, record)
  printSources(sheet, record)
  return sheet.finish({
    watermark: record.settlement.teaching ? '示例市 虚构数据 仅供教学' : undefined,
    stamp: record.state === 'reversed' ? '已撤销 REVERSED' : undefined,
    foot: `结算单 ${record.id} · 规则第 ${record.rules.version} 版 ${record.rules.hash.slice(0, 12)}`,
  })
}

// --- what stands on it ---------------------------------------------------------------------------

function printHeading(sheet: Sheet, { settlement }: SlipRecord): void {
  const { title, teaching } = settlement
  sheet.title('医疗保障基金结算单', 'Medical protection settlement slip')
  sheet.line(`${title.zh} · ${title.en}`)
  if (teaching)
    sheet.line(
      '本单各项规则和金额均为虚构，仅供教学 · Every rule and amount here is invented, for teaching',
    )
}

function printPersonAndBill(sheet: Sheet, record: SlipRecord): void {
  const { bill, settlement } = record
  const answers = Object.values(bill.attributes).filter((answer) => answer !== undefined)
  sheet.pairs([
    ['参保人', 'Person', record.name || '—'],
    ['人员编号', 'Person no.', maskedNumber(bill.person)],
    ['账单号', 'Bill no.', bill.id],
    ['就诊情况', 'Care', answers.join(' · ') || '—'],
    ['入院日期', 'Admitted', bill.admitted],
    ['出院日期', 'Discharged', bill.discharged],
    ['费用结算日', 'Settlement date', settlement.settled],
    [
      '办理时间',
      'Recorded',
      `${record.settledAt.replace('T', ' ').slice(0, 19)} · ${record.settledBy}`,
    ],
  ])
}

function printPayers(sheet: Sheet, { settlement, vocabulary }: SlipRecord): void {
  sheet.section('支付情况', 'Who pays (yuan)')
  const paying = settlement.tiers.filter(({ notApplicable }) => !notApplicable)
  sheet.table(
    [
      { head: ['支付方', 'Payer'], width: 118 },
      { head: ['待遇档', 'Tier'], width: 150 },
      { head: ['接口字段', 'Field'], width: 82 },
      { head: ['标记', 'Marks'], width: 85 },
      { head: ['金额', 'Amount'], width: 80, right: true },
    ],
    [
      ...paying.map(({ payer, title, badges, paid }) => [
        both(PAYERS[payer]),
        both(title),
        PAYERS[payer].field ?? '—',
        marks(badges),
        thousands(paid),
      ]),
      ['各方支付合计\nAll payers', '', '', '', thousands(settlement.total - settlement.patient)],
      ['个人负担\nPatient', '', '', '', thousands(settlement.patient)],
      ['总费用\nTotal', '', 'medfee_sumamt', '', thousands(settlement.total)],
    ],
    { strong: 3 },
  )
  sheet.gap(3)
  const idle = groupBy(
    settlement.tiers.filter(({ notApplicable }) => notApplicable),
    ({ notApplicable }) =>
      notApplicable ? both(describeNotApplicable(notApplicable, vocabulary), ' · ') : '',
  )
  for (const [reason, tiers] of idle)
    sheet.small(`${reason} — ${tiers.map(({ title }) => both(title, ' ')).join('；')}`)
}

function printPatient(sheet: Sheet, { settlement }: SlipRecord): void {
  const parts = COMPONENTS.filter((name) => settlement.patientParts[name] > 0)
  if (parts.length === 0) return
  sheet.section('个人负担的组成', "The patient's share (yuan)")
  sheet.table(
    [
      { head: ['项目', 'Part'], width: 435 },
      { head: ['金额', 'Amount'], width: 80, right: true },
    ],
    parts.map((name) => [
      both(COMPONENT_TITLES[name].left, ' · '),
      thousands(settlement.patientParts[name]),
    ]),
  )
}

const COMPONENT_FIELDS = {
  inScope: 'inscp_scp_amt',
  upfront: 'preselfpay_amt',
  overLimit: 'overlmt_selfpay',
  outOfScope: 'fulamt_ownpay_amt',
  specialDrug: 'fulamt_ownpay_amt',
  separateItem: 'inscp_scp_amt',
} as const

function printComponents(sheet: Sheet, { settlement }: SlipRecord): void {
  sheet.section('费用的组成', 'What the bill is made of (yuan)')
  sheet.table(
    [
      { head: ['组成', 'Component'], width: 163 },
      { head: ['接口字段', 'Field'], width: 112 },
      { head: ['费用', 'Cost'], width: 80, right: true },
      { head: ['各方支付', 'Paid'], width: 80, right: true },
      { head: ['个人', 'Patient'], width: 80, right: true },
    ],
    NATIVE_COMPONENTS.filter((name) => settlement.components[name].total > 0).map((name) => {
      const { total, patient } = settlement.components[name]
      return [
        both(COMPONENT_TITLES[name].input, ' · '),
        COMPONENT_FIELDS[name],
        thousands(total),
        thousands(total - patient),
        thousands(patient),
      ]
    }),
  )
}

/** What stands beside the bill, and what is to be claimed back. */
function printBeside(sheet: Sheet, { settlement }: SlipRecord): void {
  const { benefits, recoveries } = settlement
  if (benefits.length + recoveries.length === 0) return
  sheet.section('账单之外', 'Beside the bill (yuan)')
  for (const { title, payer, amount, days, badges } of benefits) {
    const facts = [
      `定额给付 Fixed benefit：${both(title, ' ')}`,
      both(PAYERS[payer], ' '),
      ...(days === undefined ? [] : [`${days} 天 days`]),
      thousands(amount),
      marks(badges),
    ]
    sheet.line(facts.filter(Boolean).join(' · '))
  }
  for (const { payer, amount } of recoveries)
    sheet.line(
      `先行支付，应向责任第三方追偿 To be recovered from the liable party：${both(PAYERS[payer], ' ')} · ${thousands(amount)}`,
    )
}

function printSteps(sheet: Sheet, { settlement, steps, recomputed }: SlipRecord): void {
  sheet.section('计算过程', 'How it was worked out (yuan)')
  if (recomputed.differences.length > 0 || recomputed.refusal !== undefined)
    sheet.line(
      '注意：今天重新计算的结果与当时保存的不同。以上为当时保存、据以支付的金额；以下步骤按今天的程序计算 · Computed again today this settlement comes out otherwise: the amounts above were kept and paid, the steps below are of the program of today',
    )
  for (const [tier, own] of groupBy(steps, (step) => ('tier' in step ? step.tier : ''))) {
    if (own.some(({ step }) => step === 'not-applicable')) continue
    const found = settlement.tiers.find((each) => each.tier === tier)
    const title = found?.title ?? PAYERS.liableThirdParty
    sheet.step(`${title.zh} ${title.en}`, tier)
    // Where there is nothing to pay for, the sums that follow would all be zero.
    const nothing = own.some((step) => step.step === 'base' && step.amount === 0)
    const told = nothing ? own.filter(({ step }) => step === 'base') : own
    for (const text of told.flatMap(describeStep)) sheet.small(text)
    const rules = [
      ...new Set(own.flatMap(citationsOf).map(({ rule, from }) => `${localName(rule)}@${from}`)),
    ]
    if (rules.length > 0) sheet.faint(`依据 Rules：${rules.join('  ')}`)
  }
}

function describeStep(step: Step): string[] {
  switch (step.step) {
    case 'third-party':
      return [
        `责任第三方先承担 The liable party bears ${formatRate(step.share)} = ${thousands(step.amount)}`,
      ]
    case 'base':
      return [`计入 Counts：${thousands(step.amount)}`]
    case 'transfer-upfront':
      return step.amount > 0
        ? [
            `转外自付 Upfront, care elsewhere：${thousands(step.of)} × ${formatRate(step.share)} = ${thousands(step.amount)}`,
          ]
        : []
    case 'eligible-cap':
      return step.over > 0
        ? [`超出可计入限额 Not eligible above ${thousands(step.limit)}：${thousands(step.over)}`]
        : []
    case 'newborn':
      return [both(describeNewborn(step), ' ')]
    case 'status':
      return [both(describeStatus(step), ' ')]
    case 'answer':
      return [both(describeAnswer(step), ' ')]
    case 'admission':
      return describeAdmission(step).map((text) => both(text, ' '))
    case 'derived-amount':
      return [
        `${step.title.zh} ${step.title.en}：${thousands(step.basis)} × ${formatFactor(step.factor)} → ${thousands(step.amount)}`,
      ]
    case 'deductible': {
      const ordinal =
        step.ordinal === undefined ? '' : `（第 ${step.ordinal} 次 no. ${step.ordinal}）`
      return [
        `起付线 Deductible${ordinal}：${thousands(step.limit)}，本次 applied ${thousands(step.applied)}`,
      ]
    }
    case 'bands': {
      const segments = step.segments.map(
        ({ from, to, rate }) => `${thousands(from)}–${thousands(to)} × ${formatRate(rate)}`,
      )
      return [`分段 Bands：${segments.join(' + ') || '—'} → ${thousands(step.due)}`]
    }
    case 'due-factor':
      return [
        `折算 Factor：${thousands(step.of)} × ${formatRate(step.factor)} → ${thousands(step.due)}`,
      ]
    case 'guaranteed-ratio':
      return [
        `保底 Guaranteed：${thousands(step.of)} × ${formatRate(step.ratio)} = ${thousands(step.share)} → ${thousands(step.due)}`,
      ]
    case 'cap':
      return step.cut > 0
        ? [
            `封顶线 Cap：${thousands(step.limit)} − 已用 used ${thousands(step.used)}，扣减 cut ${thousands(step.cut)}`,
          ]
        : []
    case 'unpaid-limit':
      return step.cut > 0
        ? [`不超过尚未支付的 Never more than unpaid：${thousands(step.unpaid)}`]
        : []
    case 'balance':
      return [`账户余额 Balance：${thousands(step.balance)}`]
    case 'paid':
      return [`支付 Pays：${thousands(step.amount)}`]
    case 'not-applicable':
    case 'no-cap':
      return []
  }
}

function printSources(sheet: Sheet, { settlement, steps }: SlipRecord): void {
  const citations = [
    ...steps.flatMap(citationsOf),
    ...settlement.benefits.flatMap((benefit) => benefit.citations),
  ]
  const sources = new Map(citations.map(({ source }) => [source.id + source.address, source]))
  if (sources.size === 0) return
  sheet.section('依据文件', 'Documents')
  for (const { id, title, address, grade } of sources.values()) {
    const articles = citations.flatMap(({ source, article }) =>
      source.id === id && article ? [article] : [],
    )
    const list = [...new Set(articles)].join('、')
    sheet.small(`${title}${list ? ` ${list}` : ''}`)
    sheet.faint(`${address} · ${both(GRADES[grade], ' · ')}`)
  }
}

function citationsOf(step: Step): Citation[] {
  const found: Citation[] = []
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    if ('rule' in value && 'source' in value) found.push(value as Citation)
    else for (const inner of Object.values(value)) walk(inner)
  }
  walk(step)
  return found
}

const both = ({ zh, en }: Title, between = '\n'): string => zh + between + en
const marks = (badges: readonly Badge[]): string =>
  badges.map((badge) => both(BADGES[badge], ' ')).join('\n')
const localName = (rule: string): string => rule.slice(rule.lastIndexOf('/') + 1)

/** Long numbers show their ends only: 110101199001011234 is 110***********1234. */
function maskedNumber(number: string): string {
  if (number.length < 12) return number
  return `${number.slice(0, 3)}${'*'.repeat(number.length - 7)}${number.slice(-4)}`
}

// --- the paper -----------------------------------------------------------------------------------

const MARGIN = 40
const WIDTH = 515
const BOTTOM = 785
const INK = '#1a1a1a'
const QUIET = '#5c6670'
const RULE = '#c5ccd3'

type Column = {
  readonly head: readonly [string, string]
  readonly width: number
  readonly right?: boolean
}

/** An A4 page in progress: knows where the pen is and when a page is full. */
class Sheet {
  readonly #pdf: PDFKit.PDFDocument
  readonly #chunks: Buffer[] = []
  #y = MARGIN

  constructor(info: PDFKit.DocumentInfo) {
    this.#pdf = new PDFDocument({
      size: 'A4',
      margin: MARGIN,
      bufferPages: true,
      info,
      lang: 'zh-CN',
    })
    this.#pdf.registerFont('regular', font('regular'))
    this.#pdf.registerFont('bold', font('bold'))
    this.#pdf.on('data', (chunk: Buffer) => this.#chunks.push(chunk))
  }

  title(zh: string, en: string): void {
    this.#write(zh, { size: 18, bold: true, center: true })
    this.#y += 4
    this.#write(en, { size: 9, color: QUIET, center: true })
    this.#y += 4
  }

  section(zh: string, en: string): void {
    this.#reserve(60)
    this.#y += 10
    const before = this.#y
    this.#write(zh, { size: 11, bold: true })
    const offset = this.#pdf.widthOfString(zh) + 6
    this.#at(en, MARGIN + offset, before + 3.5, { size: 8, color: QUIET })
    this.#y += 2
    this.#stroke(this.#y)
    this.#y += 4
  }

  gap(height: number): void {
    this.#y += height
  }

  line(text: string): void {
    this.#write(text, { size: 9 })
  }

  small(text: string): void {
    this.#write(text, { size: 8 })
  }

  faint(text: string): void {
    this.#write(text, { size: 7, color: QUIET })
    this.#y += 2
  }

  step(title: string, id: string): void {
    this.#reserve(40)
    this.#y += 3
    this.#write(title, { size: 8.5, bold: true })
    this.#write(id, { size: 7, color: QUIET })
  }

  /** Names and values in two columns. */
  pairs(pairs: readonly (readonly [string, string, string])[]): void {
    this.#y += 8
    const half = WIDTH / 2
    for (let i = 0; i < pairs.length; i += 2) {
      const heights = pairs.slice(i, i + 2).map(([zh, en, value], column) => {
        const x = MARGIN + column * half
        this.#at(zh, x, this.#y, { size: 9, bold: true, width: 62 })
        this.#at(en, x, this.#y + 12, { size: 7, color: QUIET, width: 66 })
        return this.#at(value, x + 70, this.#y, { size: 9, width: half - 78 })
      })
      this.#y += Math.max(24, ...heights) + 2
    }
  }

  /** A table whose head is repeated on a new page. The last `strong` rows are sums. */
  table(
    columns: readonly Column[],
    rows: readonly (readonly string[])[],
    { strong = 0 }: { readonly strong?: number } = {},
  ): void {
    const head = columns.map(({ head }) => head.join(' '))
    const printHead = () => this.#row(columns, head, { size: 7.5, color: QUIET, bold: false })
    printHead()
    for (const [i, row] of rows.entries()) {
      const style = { size: 8.5, color: INK, bold: i >= rows.length - strong }
      if (this.#y + this.#heightOf(columns, row, style) > BOTTOM) {
        this.#turn()
        printHead()
      }
      this.#row(columns, row, style)
    }
  }

  /** Page numbers, watermark and stamp on every page, and the bytes. */
  finish(marks: {
    readonly watermark: string | undefined
    readonly stamp: string | undefined
    readonly foot: string
  }): Promise<Buffer> {
    const pdf = this.#pdf
    const { start, count } = pdf.bufferedPageRange()
    for (let page = start; page < start + count; page++) {
      pdf.switchToPage(page)
      // What stands in the margin must not begin a page of its own.
      pdf.page.margins.bottom = 0
      if (marks.watermark) this.#across(marks.watermark, 40, 440, '#8a6d00', 0.13)
      if (marks.stamp) this.#across(marks.stamp, 46, 240, '#b00020', 0.22)
      this.#at(marks.foot, MARGIN, 806, { size: 7, color: QUIET, width: 380 })
      this.#at(`第 ${page + 1} 页 / 共 ${count} 页 · ${page + 1} / ${count}`, MARGIN + 380, 806, {
        size: 7,
        color: QUIET,
        width: WIDTH - 380,
        right: true,
      })
    }
    return new Promise((resolve, reject) => {
      pdf.on('end', () => resolve(Buffer.concat(this.#chunks)))
      pdf.on('error', reject)
      pdf.end()
    })
  }

  #row(columns: readonly Column[], row: readonly string[], style: Style): void {
    const height = this.#heightOf(columns, row, style)
    let x = MARGIN
    for (const [i, { width, right = false }] of columns.entries()) {
      this.#at(row[i] ?? '', x, this.#y + 2, { ...style, width: width - 6, right })
      x += width
    }
    this.#y += height
    this.#stroke(this.#y)
  }

  #heightOf(columns: readonly Column[], row: readonly string[], style: Style): number {
    this.#pdf.font(style.bold ? 'bold' : 'regular').fontSize(style.size)
    const heights = columns.map(({ width }, i) =>
      this.#pdf.heightOfString(row[i] ?? '', { width: width - 6, lineGap: -style.size * 0.25 }),
    )
    return Math.max(...heights) + 5
  }

  #write(text: string, style: Style & { readonly center?: boolean }): void {
    this.#pdf.font(style.bold ? 'bold' : 'regular').fontSize(style.size)
    const lineGap = -style.size * 0.2
    this.#reserve(this.#pdf.heightOfString(text, { width: WIDTH, lineGap }))
    this.#y += this.#at(text, MARGIN, this.#y, { ...style, width: WIDTH })
  }

  /** Writes at a place and answers how high the text stood. */
  #at(text: string, x: number, y: number, style: Style & Place): number {
    const { size, bold = false, color = INK, width = WIDTH, right = false, center = false } = style
    const align = right ? 'right' : center ? 'center' : 'left'
    const options = { width, align, lineGap: -size * 0.25 } as const
    this.#pdf
      .font(bold ? 'bold' : 'regular')
      .fontSize(size)
      .fillColor(color)
    this.#pdf.text(text, x, y, options)
    return this.#pdf.heightOfString(text, options)
  }

  #across(text: string, size: number, y: number, color: string, opacity: number): void {
    const pdf = this.#pdf
    pdf.save()
    pdf.rotate(-30, { origin: [297, y] })
    pdf.font('bold').fontSize(size).fillColor(color, opacity)
    pdf.text(text, 0, y - size / 2, { width: 595, align: 'center', lineBreak: false })
    pdf.restore()
    pdf.fillColor(INK, 1)
  }

  #stroke(y: number): void {
    this.#pdf
      .moveTo(MARGIN, y)
      .lineTo(MARGIN + WIDTH, y)
      .lineWidth(0.5)
      .strokeColor(RULE)
      .stroke()
  }

  #reserve(height: number): void {
    if (this.#y + height > BOTTOM) this.#turn()
  }

  #turn(): void {
    this.#pdf.addPage()
    this.#y = MARGIN
  }
}

type Style = { readonly size: number; readonly bold?: boolean; readonly color?: string }
type Place = { readonly width?: number; readonly right?: boolean; readonly center?: boolean }

const FONTS = {
  regular: '@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf',
  bold: '@expo-google-fonts/noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf',
} as const

const read = new Map<string, Buffer>()

/** Ten megabytes each, read once; a slip carries only the characters it shows. */
function font(weight: keyof typeof FONTS): Buffer {
  const known = read.get(weight)
  if (known) return known
  const bytes = readFileSync(createRequire(import.meta.url).resolve(FONTS[weight]))
  read.set(weight, bytes)
  return bytes
}
