/**
 * Numbers short lists of whole numbers: equal lists get one number, counted from 0 in the order in which they come.
 * Every list has the same length. Holds four bytes a word, and no object a list.
 */
export class Interner {
  readonly #width: number
  #words: Int32Array
  #table: Int32Array
  #count = 0

  constructor(width: number) {
    this.#width = width
    this.#words = new Int32Array(width * 1024)
    this.#table = new Int32Array(4096).fill(-1)
  }

  get count(): number {
    return this.#count
  }

  /** One word of the list with this number. */
  word(number: number, at: number): number {
    return this.#words[number * this.#width + at] as number
  }

  /** The number of a list of up to four words; those that the width leaves out are zero. */
  of(a: number, b = 0, c = 0, d = 0): number {
    const mask = this.#table.length - 1
    let at = hashOf(a, b, c, d) & mask
    for (;;) {
      const known = this.#table[at] as number
      if (known < 0) return this.#add(a, b, c, d, at)
      if (this.#is(known, a, b, c, d)) return known
      at = (at + 1) & mask
    }
  }

  #is(number: number, a: number, b: number, c: number, d: number): boolean {
    const words = this.#words
    const at = number * this.#width
    return (
      words[at] === a &&
      (this.#width < 2 || words[at + 1] === b) &&
      (this.#width < 3 || words[at + 2] === c) &&
      (this.#width < 4 || words[at + 3] === d)
    )
  }

  #add(a: number, b: number, c: number, d: number, place: number): number {
    const number = this.#count++
    const at = number * this.#width
    if (at + this.#width > this.#words.length) {
      const larger = new Int32Array(this.#words.length * 2)
      larger.set(this.#words)
      this.#words = larger
    }
    const list = [a, b, c, d]
    for (let i = 0; i < this.#width; i++) this.#words[at + i] = list[i] as number
    this.#table[place] = number
    if (this.#count * 2 > this.#table.length) this.#rehash()
    return number
  }

  #rehash(): void {
    this.#table = new Int32Array(this.#table.length * 2).fill(-1)
    const mask = this.#table.length - 1
    for (let number = 0; number < this.#count; number++) {
      const word = (i: number) => (i < this.#width ? this.word(number, i) : 0)
      let at = hashOf(word(0), word(1), word(2), word(3)) & mask
      while ((this.#table[at] as number) >= 0) at = (at + 1) & mask
      this.#table[at] = number
    }
  }
}

function hashOf(a: number, b: number, c: number, d: number): number {
  let h = Math.imul(a, 0x9e3779b1)
  h = Math.imul(h ^ (h >>> 15) ^ b, 0x85ebca77)
  h = Math.imul(h ^ (h >>> 13) ^ c, 0xc2b2ae3d)
  h = Math.imul(h ^ (h >>> 16) ^ d, 0x27d4eb2f)
  return h ^ (h >>> 15)
}
