import { SaxesParser } from 'saxes'

/** One element of a file: its name without a prefix, its attributes, the elements and the text in it. */
export type Element = {
  readonly name: string
  readonly namespace: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly Element[]
  readonly text: string
}

/** Deeper than any message of ISO 20022. */
const MOST_DEPTH = 40

/** Where a file ends to be well-formed. */
export class XmlFault extends Error {
  readonly line: number
  constructor(message: string, line: number) {
    super(message)
    this.name = 'XmlFault'
    this.line = line
  }
}

/** The root of a file. Throws an `XmlFault` where it is not well-formed, declares a document type, or nests too deep. */
export function readXml(text: string): Element {
  type Open = { -readonly [key in keyof Element]: Element[key] } & { children: Element[] }
  const parser = new SaxesParser({ xmlns: true })
  const open: Open[] = []
  let root: Element | undefined
  parser.on('error', ({ message }) => {
    throw new XmlFault(message, parser.line)
  })
  // Entities of a document type could make a small file a large one.
  parser.on('doctype', () => {
    throw new XmlFault('a document type is not allowed', parser.line)
  })
  parser.on('opentag', ({ local, uri, attributes }) => {
    if (open.length >= MOST_DEPTH) throw new XmlFault('nested too deep', parser.line)
    const own = Object.values(attributes).map((each) => [each.local, each.value])
    const element: Open = {
      name: local,
      namespace: uri,
      attributes: Object.fromEntries(own),
      children: [],
      text: '',
    }
    open.at(-1)?.children.push(element)
    root ??= element
    open.push(element)
  })
  parser.on('text', (piece) => {
    const element = open.at(-1)
    if (element) element.text += piece
  })
  parser.on('closetag', () => open.pop())
  parser.write(text).close()
  if (!root) throw new XmlFault('there is no element', parser.line)
  return root
}

/** The first element of a name, along a path of names. */
export function find(
  element: Element | undefined,
  ...path: readonly string[]
): Element | undefined {
  let at = element
  for (const name of path) at = at?.children.find((child) => child.name === name)
  return at
}

/** The text at a path, without spaces around it; undefined where nothing stands there. */
export const textAt = (
  element: Element | undefined,
  ...path: readonly string[]
): string | undefined => find(element, ...path)?.text.trim() || undefined

export const all = (element: Element | undefined, name: string): readonly Element[] =>
  element?.children.filter((child) => child.name === name) ?? []
