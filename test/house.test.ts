/**
 * The house rules the compiler cannot see: who may import whom.
 * These tables are the architecture; ARCHITECTURE.md explains them.
 */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

/** What each floor may import. The web reaches the app over HTTP, never by import. */
const FLOORS: Record<string, readonly string[]> = {
  base: ['base'],
  rulebook: ['base', 'rulebook'],
  platform: ['base', 'rulebook', 'platform'],
  domains: ['base', 'rulebook', 'platform', 'domains'],
  app: ['base', 'rulebook', 'platform', 'domains', 'app'],
  web: ['base', 'domains', 'web'],
}

/**
 * Which domain may knock at which door. Everything else is a wall. `index.ts` is the pure door, open
 * to decisions; `service.ts` does I/O and is open to services only. So purity holds across domains.
 */
const DOORS: Record<string, readonly string[]> = {
  settlement: ['ledger'],
  enrolment: ['settlement', 'ledger'],
  catalogue: [],
  population: [],
  ledger: [],
  payments: ['ledger', 'settlement'],
  pricing: [],
  casework: ['settlement', 'monthend', 'ledger'],
  contracts: ['ledger', 'settlement'],
  monthend: ['ledger'],
  reserves: ['ledger', 'settlement'],
  coinsurance: ['ledger', 'enrolment', 'payments'],
  crossregion: ['ledger', 'payments', 'settlement'],
}

/**
 * Inside a domain: what each file may import. A file with any other name is `decide`: pure. A domain that
 * keeps several things may divide a role among files: `imports.store.ts` is a store as well.
 */
const ROLES: Record<string, readonly string[]> = {
  types: ['types'],
  decide: ['types', 'decide'],
  store: ['types'],
  service: ['types', 'decide', 'store', 'service', 'thread'],
  thread: ['types', 'decide'],
  routes: ['types', 'decide', 'service'],
  index: ['types', 'decide'],
}

/** Packages that compute and do nothing else: a pure file may use them. */
const PURE_PACKAGES = ['zod', 'node:assert/strict', 'pinyin-pro', 'saxes', 'csv-parse/sync']

const sources = globSync('src/**/*.{ts,tsx}', { exclude: ['**/*.test.{ts,tsx}'] })

for (const file of sources) {
  test(file, () => {
    const wrong = importsOf(readFileSync(file, 'utf8')).flatMap(
      (target) => complaint(file, target) ?? [],
    )
    assert.deepEqual(wrong, [])
  })
}

test('the guard bites, and lets the right ones through', () => {
  const wrong: [string, string][] = [
    ['src/domains/settlement/settle.ts', 'node:fs'],
    ['src/domains/settlement/settle.ts', 'pg'],
    ['src/domains/settlement/settle.ts', './store.ts'],
    ['src/domains/settlement/settle.ts', '#platform/transaction.ts'],
    ['src/domains/settlement/settle.ts', '#domains/audit/index.ts'],
    ['src/domains/settlement/settle.ts', '#app/server.ts'],
    ['src/domains/settlement/types.ts', './settle.ts'],
    ['src/domains/settlement/index.ts', './service.ts'],
    ['src/web/bureau/page.tsx', '#domains/settlement/store.ts'],
    ['src/web/bureau/page.tsx', '#app/server.ts'],
    ['src/base/money.ts', '../rulebook/parse.ts'],
    ['src/rulebook/dated.ts', '#domains/settlement/index.ts'],
    ['src/app/cli.ts', '#domains/settlement/emit.ts'],
    ['src/app/server.ts', '#domains/enrolment/imports.store.ts'],
    ['src/domains/enrolment/insure.ts', '#domains/settlement/service.ts'],
    ['src/domains/enrolment/insure.ts', './imports.store.ts'],
    ['src/domains/settlement/settle.ts', '#domains/enrolment/index.ts'],
  ]
  for (const [file, target] of wrong) assert(complaint(file, target), `${file} ← ${target}`)

  const right: [string, string][] = [
    ['src/web/bureau/page.tsx', '#domains/settlement/types.ts'],
    ['src/app/server.ts', '#domains/settlement/routes.ts'],
    ['src/app/cli.ts', '#domains/settlement/index.ts'],
    ['src/domains/settlement/service.ts', '#platform/transaction.ts'],
    ['src/domains/settlement/settle.ts', 'zod'],
    ['src/domains/enrolment/insure.ts', '#domains/settlement/index.ts'],
    ['src/app/server.ts', '#domains/enrolment/imports.service.ts'],
  ]
  for (const [file, target] of right) assert.equal(complaint(file, target), undefined)
})

test('every way of importing is seen', () => {
  const text = `
    import a from 'one'
    import 'two'
    export * from "three"
    import {
      b,
    } from 'four'
    const c = await import('five')
    const d = require('six')
    const e = import(\`seven\`)
    import type { F } from 'eight'
    type G = import('nine').G
    const h = new URL('./ten.ts', import.meta.url)
  `
  const numbers = [
    'one',
    'two',
    'three',
    'four',
    'five',
    'six',
    'seven',
    'eight',
    'nine',
    './ten.ts',
  ]
  assert.deepEqual(importsOf(text).toSorted(), numbers.toSorted())
})

test('an import whose target is computed is refused: nothing could check it', () => {
  assert.deepEqual(importsOf('const a = await import(name)'), ['(computed)'])
  assert(complaint('src/app/cli.ts', '(computed)'))
})

test('every domain is in the table of doors', () => {
  const domains = new Set(globSync('src/domains/*/*').map((path) => path.split('/')[2]))
  for (const domain of domains) assert(domain && domain in DOORS, `${domain} is missing from DOORS`)
})

test('no rule names a place: that is what the data is for', () => {
  const folders = globSync('schemes/*/*', { exclude: ['schemes/teaching'] })
  const names = folders.map((path) => path.split('/').at(-1)).join('|')
  assert(names.includes('ningbo'), 'the folders of the places are found')
  const capital = names.replace(/(^|\|)./g, (start) => start.toUpperCase())
  const places = new RegExp(`\\b(?:${names})|${capital}`)
  for (const file of sources) {
    const text = readFileSync(file, 'utf8')
      .replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
      .replaceAll('Asia/Shanghai', '')
    assert(!places.test(text), `${file} names a place`)
  }
})

function complaint(file: string, target: string): string | undefined {
  if (target === '(computed)') return 'imports a computed target'
  const [, floor = '', domain = '', name = ''] = file.split('/')
  const role = roleOf(name)
  const pure = floor === 'domains' && ['types', 'decide', 'index'].includes(role)

  if (target.startsWith('#')) {
    const [to = '', toDomain = '', toFile = ''] = target.slice(1).split('/')
    if (!FLOORS[floor]?.includes(to)) return `may not reach ${target}`
    if (pure && to === 'platform') return `is pure but imports ${target}`
    if (to !== 'domains') return undefined
    if (floor === 'web')
      return toFile === 'types.ts' ? undefined : `takes more than types: ${target}`
    if (floor === 'app')
      return ['index', 'service', 'routes'].includes(roleOf(toFile))
        ? undefined
        : `climbs in past the door: ${target}`
    if (!DOORS[domain]?.includes(toDomain)) return `has no door to ${target}`
    const open = pure ? ['index'] : ['index', 'service']
    return open.includes(roleOf(toFile)) ? undefined : `climbs in past the door: ${target}`
  }
  if (target.startsWith('.')) {
    if (target.startsWith('../')) return `leaves its folder: ${target}`
    if (floor !== 'domains' || ROLES[role]?.includes(roleOf(target.slice(2)))) return undefined
    return `${role} may not import ${target}`
  }
  return pure && !PURE_PACKAGES.includes(target) ? `is pure but imports ${target}` : undefined
}

function roleOf(fileName: string): string {
  const [role = ''] = fileName
    .replace(/\.tsx?$/, '')
    .split('.')
    .slice(-1)
  return role in ROLES ? role : 'decide'
}

/** Every target of an import, export-from or require, static or dynamic; `(computed)` where unknown. */
function importsOf(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
  const fixed = [
    ...code.matchAll(/^\s*(?:import|export)\b[^'"`;=]*?\bfrom\s*(['"])([^'"\n]+)\1/gm),
    ...code.matchAll(/^\s*import\s*(['"])([^'"\n]+)\1/gm),
    ...code.matchAll(/\b(?:import|require)\s*\(\s*(['"`])([^'"`$\n]+)\1/g),
  ]
  const threads = code.matchAll(/\bnew URL\(\s*(['"])([^'"\n]+\.ts)\1,\s*import\.meta\.url/g)
  const computed = code.matchAll(/\b(?:import|require)\s*\(\s*(?!['"`])/g)
  return [...fixed, ...threads].map((m) => m[2] ?? '').concat([...computed].map(() => '(computed)'))
}
