/**
 * `npm run test:mutation`: is each building block really held by a case?
 *
 * Every mutation of `mutations.yaml` switches one key of the engine off, or breaks it, in a copy that exists in memory
 * only; then the cases that name the mechanism are settled with the copy. One of them must come out wrong. A mutation
 * that no case notices is a key that could be broken tomorrow without anybody being told.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parse } from 'yaml'
import { z } from 'zod'
import type * as Cases from '#app/cases.ts'
import { type Case, readCases } from '#app/cases.ts'

const ROOT = join(import.meta.dirname, '../..')
const SOURCES_FOLDER = join(ROOT, 'src')
const SOURCES = pathToFileURL(`${SOURCES_FOLDER}/`).href
const DOMAIN = 'domains/settlement'
const READER = `${DOMAIN}/scheme.ts`

const Mutation = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  /** The building blocks that it breaks; each has to notice by a case of its own. */
  mechanisms: z.array(z.int()).min(1),
  breaks: z.string().min(1),
  /** The source below `src/`. */
  file: z.string(),
  /** Stands exactly once in the source, or the mutation no longer says what it does. */
  find: z.string().min(1),
  replace: z.string(),
})
export type Mutation = z.infer<typeof Mutation>

/** What became of one mutation in the cases of one mechanism. */
export type Verdict = {
  readonly mechanism: number
  readonly mutation: Mutation
  /** The cases that came out wrong. */
  readonly caughtBy: readonly string[]
  /** Why the mutation says nothing: it cannot be applied, or the program stops instead of paying wrongly. */
  readonly fault: string | undefined
}

export function readMutations(): Mutation[] {
  const text = readFileSync(join(import.meta.dirname, 'mutations.yaml'), 'utf8')
  const mutations = z.array(Mutation).parse(parse(text))
  const ids = mutations.map(({ id }) => id)
  assert.deepEqual(
    ids.filter((id, i) => ids.indexOf(id) < i),
    [],
    'each mutation has a name of its own',
  )
  return mutations
}

/** The building blocks of the domain's README that this domain has, by number. */
export function readBuildingBlocks(): number[] {
  const text = readFileSync(join(SOURCES_FOLDER, DOMAIN, 'README.md'), 'utf8')
  const [, table = ''] = text.split('## Building blocks')
  return [...table.matchAll(/^\| (\d+) \| [^|]+ \| ([^|]+) \|$/gm)].flatMap(
    ([, number, keys = '']) =>
      /^(another domain|\*\*not yet\*\*)/.test(keys) ? [] : [Number(number)],
  )
}

/** The source with the mutation applied, or why it cannot be. */
export function mutate(
  source: string,
  { find, replace }: Mutation,
): { text: string } | { fault: string } {
  const times = source.split(find).length - 1
  if (times === 1) return { text: source.replace(find, () => replace) }
  return {
    fault:
      times === 0
        ? 'its text is no longer in the source'
        : `its text stands ${times} times in the source`,
  }
}

/** Runs every mutation against the cases of each of its mechanisms. */
export async function runMutations(mutations: readonly Mutation[]): Promise<Verdict[]> {
  const engine = new MutableEngine()
  try {
    const cases = readCases(join(ROOT, 'schemes')).filter(
      ({ unreached }) => unreached === undefined,
    )
    assert.deepEqual(
      cases.filter(await engine.load(undefined)).map(({ id }) => id),
      [],
      'every case agrees before anything is broken',
    )
    const verdicts: Verdict[] = []
    for (const mutation of mutations) verdicts.push(...(await judge(engine, mutation, cases)))
    return verdicts.toSorted((a, b) => a.mechanism - b.mechanism)
  } finally {
    engine.unhook()
  }
}

async function judge(
  engine: MutableEngine,
  mutation: Mutation,
  cases: readonly Case[],
): Promise<Verdict[]> {
  const verdict = (mechanism: number, caughtBy: readonly string[], fault?: string): Verdict => ({
    mechanism,
    mutation,
    caughtBy,
    fault,
  })
  const source = readFileSync(join(SOURCES_FOLDER, mutation.file), 'utf8')
  const mutated = mutate(source, mutation)
  if ('fault' in mutated) return mutation.mechanisms.map((m) => verdict(m, [], mutated.fault))
  try {
    const red = await engine.load({ file: mutation.file, text: mutated.text })
    return mutation.mechanisms.map((mechanism) =>
      verdict(
        mechanism,
        cases.filter((one) => one.mechanisms.includes(mechanism) && red(one)).map(({ id }) => id),
      ),
    )
  } catch (error) {
    return mutation.mechanisms.map((m) => verdict(m, [], `the program stops: ${String(error)}`))
  }
}

/** Whether a case comes out wrong. An assertion of the engine is a wrong amount that it noticed itself. */
type Red = (one: Case) => boolean

/**
 * Loads the engine as often as one likes, each time with another source replaced. Every load is a copy of all modules
 * below `src/`, told apart by a number in their addresses; no file is written.
 */
class MutableEngine {
  readonly #sources = new Map<string, { readonly url: string; readonly text: string }>()
  readonly #hooks = registerHooks({
    resolve: (specifier, context, next) => {
      const found = next(specifier, context)
      const copy = copyOf(context.parentURL)
      if (copy === null || !found.url.startsWith(SOURCES)) return found
      return { ...found, url: `${found.url}?copy=${copy}` }
    },
    load: (url, context, next) => {
      const loaded = next(url, context)
      const mutated = this.#sources.get(copyOf(url) ?? '')
      return mutated && url.startsWith(`${mutated.url}?`)
        ? { ...loaded, source: mutated.text }
        : loaded
    },
  })
  #shipped: Cases.Shipped | undefined
  /** Counted over all engines: Node keeps what it loaded once under an address. */
  static #copies = 0

  async load(mutated: { readonly file: string; readonly text: string } | undefined): Promise<Red> {
    const copy = String(++MutableEngine.#copies)
    if (mutated) this.#sources.set(copy, { url: SOURCES + mutated.file, text: mutated.text })
    const { runCase, shippedSchemes } = (await import(
      `${SOURCES}app/cases.ts?copy=${copy}`
    )) as typeof Cases
    // A rule book is plain data: the one that was read first serves every copy but of the reader itself.
    const shipped =
      this.#shipped && mutated?.file !== READER
        ? this.#shipped
        : shippedSchemes(join(ROOT, 'schemes'))
    this.#shipped ??= shipped
    return (one) => {
      try {
        return !runCase(one, shipped).agrees
      } catch (error) {
        if (error instanceof assert.AssertionError) return true
        throw error
      }
    }
  }

  unhook(): void {
    this.#hooks.deregister()
  }
}

const copyOf = (url: string | undefined): string | null =>
  url === undefined ? null : new URL(url).searchParams.get('copy')

/** One row for each mechanism and mutation, and how many were not caught. */
export function printVerdicts(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ mechanism, mutation, caughtBy, fault }) => {
    const by = fault ? `✗ CANNOT BE JUDGED: ${fault}` : caughtBy.join(', ') || '✗ SURVIVES'
    return `${String(mechanism).padStart(2)}  ${mutation.id.padEnd(28)}  ${mutation.breaks}\n      ${by}`
  })
  return `${rows.join('\n')}\n`
}

/** The building blocks that no mutation breaks. */
export function unbroken(blocks: readonly number[], mutations: readonly Mutation[]): number[] {
  return blocks.filter((block) => !mutations.some(({ mechanisms }) => mechanisms.includes(block)))
}

if (import.meta.main) {
  const mutations = readMutations()
  const verdicts = await runMutations(mutations)
  const missed = verdicts.filter(({ caughtBy }) => caughtBy.length === 0)
  const blocks = readBuildingBlocks()
  const never = unbroken(blocks, mutations)
  process.stdout.write(printVerdicts(verdicts))
  for (const block of never) console.log(`${block}  ✗ NO MUTATION`)
  console.log(
    `\n${blocks.length} building blocks, ${mutations.length} mutations, ${verdicts.length} pairs of both; not caught: ${missed.length}`,
  )
  process.exitCode = missed.length + never.length > 0 ? 1 : 0
}
