import { isMap, isScalar, isSeq, type Node, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml'
import { err, ok, type Result } from '#base/result.ts'

/** Keys of maps; of a list a number, or the day on which one of its dated values begins. */
export type RulePath = readonly (string | number)[]

/** One change of a rule file: a value put in the place of another, taken away, or added to a list. */
export type Amendment = { readonly at: RulePath } & (
  | { readonly set: unknown }
  | { readonly remove: true }
  | { readonly add: unknown }
)

/** A change that says nothing: how far its path leads, and what stands there. */
export type NoSuchRule = { readonly at: RulePath; readonly known: readonly string[] }

/**
 * The text of a rule file with one change. Comments and the order of everything else stay. Refuses a path that leads
 * nowhere, so that a change that was misspelt never passes for one that changes nothing.
 */
export function amendRule(text: string, amendment: Amendment): Result<string, NoSuchRule> {
  const document = parseDocument(text)
  const { at } = amendment
  let parent: Node | null = document.contents
  for (const [depth, key] of at.slice(0, -1).entries()) {
    const next = childOf(parent, key)
    if (!next) return err({ at: at.slice(0, depth + 1), known: keysOf(parent) })
    parent = next
  }
  const key = at.at(-1)
  const place = key === undefined ? undefined : placeOf(parent, key)
  if (place === undefined || !(isMap(parent) || isSeq(parent)))
    return err({ at, known: keysOf(parent) })
  if ('add' in amendment) {
    const list = parent.get(place, true)
    if (!isSeq(list)) return err({ at, known: [] })
    list.add(document.createNode(amendment.add))
  } else if ('remove' in amendment) parent.delete(place)
  else parent.set(place, document.createNode(amendment.set))
  return ok(document.toString({ lineWidth: 0 }))
}

const childOf = (parent: Node | null, key: string | number): Node | null | undefined => {
  const place = placeOf(parent, key)
  if (place === undefined || !(isMap(parent) || isSeq(parent))) return undefined
  const child = parent.get(place, true)
  return isMap(child) || isSeq(child) ? child : undefined
}

/** Where a key is in a map, or an item in a list; undefined where there is none. */
function placeOf(parent: Node | null, key: string | number): unknown {
  if (isMap(parent)) return mapKeyOf(parent, key)
  if (!isSeq(parent)) return undefined
  if (typeof key === 'number') return key < parent.items.length ? key : undefined
  const found = namesOf(parent).indexOf(key)
  return found < 0 ? undefined : found
}

function mapKeyOf(map: YAMLMap, key: string | number): unknown {
  const pair = map.items.find(({ key: each }) => textOf(each) === String(key))
  return pair && (isScalar(pair.key) ? pair.key.value : pair.key)
}

/** By what the items of a list are called: a dated value by its first day, a word by itself. */
const namesOf = (list: YAMLSeq): string[] =>
  list.items.map((item) => (isMap(item) ? textOf(item.get('from', true)) : textOf(item)))

const keysOf = (node: Node | null): string[] => {
  if (isMap(node)) return node.items.map(({ key }) => textOf(key))
  return isSeq(node) ? namesOf(node) : []
}

const textOf = (node: unknown): string => String(isScalar(node) ? node.value : node)
