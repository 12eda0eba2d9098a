import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import PDFDocument from 'pdfkit'

/** Long numbers show their ends only: 110101199001011234 is 110***********1234. */
export function maskedNumber(number: string): string {
  if (number.length < 12) return number
  return `${number.slice(0, 3)}${'*'.repeat(number.length - 7)}${number.slice(-4)}`
}

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
export class Paper {
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
