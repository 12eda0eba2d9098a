import { pinyin } from 'pinyin-pro'

const HAN = /\p{Script=Han}/u

/** What a search compares: code, name, generic name, pinyin in full and by initials. */
export function searchText({
  code,
  name = '',
  genericName = '',
}: {
  readonly code: string
  readonly name?: string | undefined
  readonly genericName?: string | undefined
}): string {
  const names = genericName !== '' && !name.includes(genericName) ? [name, genericName] : [name]
  return [code, ...names, ...names.map(fullPinyin), ...names.map(initials)]
    .map((part) => part.toLowerCase().replace(/\s+/g, ''))
    .filter((part) => part !== '')
    .join(' ')
}

export const fullPinyin = (text: string): string =>
  pinyin(text, { toneType: 'none', type: 'array', v: true }).join('')

export const initials = (text: string): string =>
  pinyin(text, { pattern: 'first', toneType: 'none', type: 'array' }).join('')

/**
 * The pieces by which an index finds a text: single Chinese characters and pairs with one in them, three
 * other characters in a row, and how each part begins. An ordinary index of arrays serves; no extension.
 */
export function piecesOf(search: string): string[] {
  const pieces = new Set<string>()
  for (const part of search.split(' ')) {
    const letters = [...part]
    if (letters[0]) pieces.add(`^${letters[0]}`)
    if (letters.length > 1) pieces.add(`^${letters.slice(0, 2).join('')}`)
    for (const piece of inner(letters)) pieces.add(piece)
  }
  return [...pieces]
}

/** The pieces that whatever holds the words must have. Fewer than three Latin letters ask how a part begins. */
export function piecesAsked(words: string): string[] {
  const letters = [...words]
  const pieces = inner(letters)
  return pieces.length > 0 ? pieces : [`^${letters.slice(0, 2).join('')}`]
}

/** As a search compares it. */
export const normalWords = (words: string): string => words.toLowerCase().replace(/\s+/g, '')

function inner(letters: readonly string[]): string[] {
  const single = letters.length === 1 && HAN.test(letters[0] ?? '') ? letters : []
  const pieces: string[] = [...single]
  for (const [i, letter] of letters.entries()) {
    const [second, third] = [letters[i + 1], letters[i + 2]]
    if (letters.length > 1 && HAN.test(letter)) pieces.push(letter)
    if (second !== undefined && (HAN.test(letter) || HAN.test(second))) pieces.push(letter + second)
    else if (third !== undefined && !HAN.test(third)) pieces.push(letter + second + third)
  }
  return pieces
}
