/**
 * `npm start | test | check | format | bench`: installs what is missing, then works with Node 24 or newer.
 *
 * Plain JavaScript, because the Node that starts it may be as old as 20.
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  linkSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const MODULES = join(ROOT, 'node_modules')
const CLI = join(ROOT, 'src/app/cli.ts')

/** What the user must do next; the exit code is 2. */
class Stop extends Error {}

const TASKS = {
  start: (node, more) => run(node, [CLI, 'serve', ...more]),
  test: async (node, more) => {
    const checked = await check(node)
    // Several tests serve the pages; built once here, none of them builds them under another.
    const build =
      "import { buildPages } from '#app/build-pages.ts'; await buildPages(process.cwd(), console.log)"
    await run(node, ['--input-type=module', '--eval', build])
    // Browsers wait more than they work: on two cores two files at a time, where Node would take one.
    const tested = await run(node, [
      '--test',
      `--test-concurrency=${Math.max(2, availableParallelism() - 1)}`,
      '--test-reporter=spec',
      ...more,
      'src/**/*.test.ts',
      'test/*.test.ts',
    ])
    if (checked !== 0) console.error('\nnpm test: types or lint failed; see the top of this output')
    return tested || checked
  },
  check,
  bench: (node, more) => run(node, ['bench/settle.ts', ...more]),
  'bench:batch': (node, more) => run(node, ['bench/batch.ts', ...more]),
  // The threads that clear the client's memory would take the two cores from the server that it measures.
  'bench:http': (node, more) =>
    run(node, ['--single-threaded-gc', '--max-semi-space-size=8', 'bench/http.ts', ...more]),
  'bench:whatif': (node, more) => run(node, ['bench/whatif.ts', ...more]),
  'bench:enrolment': (node, more) => run(node, ['bench/enrolment.ts', ...more]),
  'bench:persons': (node, more) => run(node, ['bench/persons.ts', ...more]),
  'bench:province': (node, more) =>
    run(node, ['--max-old-space-size=6144', 'bench/province.ts', ...more]),
  'bench:cases': (node, more) => run(node, ['bench/cases.ts', ...more]),
  'bench:log': (node, more) => run(node, ['bench/access-log.ts', ...more]),
  'bench:replay': (node, more) => run(node, ['bench/replay.ts', ...more]),
  screens: (node) => run(node, ['test/browser/screens.ts']),
  'test:batch-live': (node, more) => run(node, ['test/live/run.ts', ...more]),
  'test:sql': (node, more) => run(node, ['test/plans/run.ts', ...more]),
  'test:engines': (node, more) => run(node, ['test/engines/four.ts', ...more]),
  'test:spark': (node, more) => run(node, ['test/engines/spark-run.ts', ...more]),
  'test:fuzz': (node) => run(node, ['test/fuzz/run.ts']),
  'test:mutation': (node) => run(node, ['test/mutation/run.ts']),
  'test:simulation': (node) => run(node, ['test/simulation/run.ts']),
  'test:crash': (node) =>
    run(node, ['--test', '--test-reporter=spec', 'test/crash.test.ts'], {
      KILLS: '1000',
      READY_MS: '5000',
      ...process.env,
    }),
  'test:ledger-kills': (node) =>
    run(node, ['--test', '--test-reporter=spec', 'test/ledger-kills.test.ts'], {
      KILLS: '1000',
      ...process.env,
    }),
  format: (node) => run(node, [bin('@biomejs/biome', 'biome'), 'check', '--write', '.']),
}

async function check(node) {
  const types = await run(node, [bin('typescript', 'tsc'), '--noEmit'])
  const lint = await run(node, [bin('@biomejs/biome', 'biome'), 'check', '.'])
  return types || lint
}

// --- running -----------------------------------------------------------------------------------

/** Runs Node in the project folder, passes signals on, and answers with its exit code. */
function run(node, args, more = {}) {
  return new Promise((done, fail) => {
    const child = spawn(node, args, {
      cwd: ROOT,
      stdio: 'inherit',
      env: { ...process.env, ...more },
    })
    // A terminal sends Ctrl-C to the child as well; a second one would cut its closing words short.
    const forward = (signal) => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    }
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
    for (const signal of signals) process.on(signal, forward)
    child.on('error', fail)
    child.on('exit', (code, signal) => {
      for (const name of signals) process.off(name, forward)
      if (signal) process.kill(process.pid, signal)
      else done(code ?? 70)
    })
  })
}

const bin = (name, command) => {
  const { bin: paths } = JSON.parse(readFileSync(join(MODULES, name, 'package.json'), 'utf8'))
  return join(MODULES, name, typeof paths === 'string' ? paths : paths[command])
}

/** A Node that can run TypeScript as it is: the project's own, this one, or the first on PATH. */
function findNode() {
  const candidates = [join(MODULES, '.bin/node'), process.execPath, 'node']
  return candidates.find((path) => {
    const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' })
    return Number(/^v(\d+)\./.exec(stdout ?? '')?.[1]) >= 24
  })
}

// --- installing --------------------------------------------------------------------------------

async function prepare() {
  if (!installed()) await locked(async () => installed() || install())
  const node = findNode()
  if (node) return node
  const name = `node-${process.platform}-${process.arch}`
  const version = lockFile()?.packages?.['']?.optionalDependencies?.[name]
  throw new Stop(
    version
      ? `npm skipped the optional package ${name}, and there is no Node 24 on PATH. Run:
  cd '${ROOT}' && npm install --no-save --include=optional ${name}@${version}
or install Node 24 or newer and put it on PATH`
      : `there is no packaged Node for ${process.platform} ${process.arch}: install Node 24 or newer and put it on PATH`,
  )
}

const lockFile = () => readJson(join(ROOT, 'package-lock.json'))

/** Whether node_modules holds what package-lock.json names. What npm may leave out is not counted. */
function installed() {
  const wanted = lockFile()?.packages ?? {}
  const found = readJson(join(MODULES, '.package-lock.json'))?.packages
  if (!found) return false
  return Object.entries(wanted).every(([path, { version, integrity, optional, devOptional }]) => {
    if (path === '') return true
    const there = found[path]
    if (!there || !existsSync(join(ROOT, path))) return optional === true || devOptional === true
    return there.version === version && there.integrity === integrity
  })
}

async function install() {
  try {
    accessSync(ROOT, constants.W_OK)
    if (existsSync(MODULES)) accessSync(MODULES, constants.W_OK)
  } catch {
    throw new Stop(
      `packages are missing and ${ROOT} cannot be written: run "npm ci" there as its owner, or copy the project to a folder of your own`,
    )
  }
  console.error('kangyang: installing packages (npm ci) …')
  // npm must not run on the very Node it is about to replace.
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => resolve(folder) !== join(MODULES, '.bin'))
    .join(delimiter)
  const npm = (...command) => {
    const options = ['--include=dev', '--include=optional', '--no-audit', '--no-fund']
    const { status, error } = spawnSync('npm', [...command, ...options], {
      cwd: ROOT,
      env: { ...process.env, PATH: path },
      stdio: ['ignore', 2, 2],
    })
    if (error) throw new Stop(`cannot run npm (${error.message}): install it, then run "npm ci"`)
    return status === 0
  }
  if (npm('ci') && installed()) return
  // A registry that lacks a package for some other platform makes npm ci refuse the whole lock file;
  // npm install leaves that package out, and takes every version from the lock file all the same.
  console.error('kangyang: npm ci refused; trying npm install --no-save …')
  if (npm('install', '--no-save') && installed()) return
  throw new Stop(`npm did not finish: see its message above, then run:  cd '${ROOT}' && npm ci`)
}

/** Only one run installs at a time; the others wait for it. A lock whose owner is gone is taken over. */
async function locked(work) {
  const user = process.getuid?.() ?? 'user'
  const name = createHash('sha256').update(ROOT).digest('hex').slice(0, 16)
  const file = join(tmpdir(), `kangyang-install-${user}-${name}`)
  const mine = `${process.pid}\n`
  for (;;) {
    try {
      // A link appears whole: nobody ever reads a lock that does not name its owner yet.
      writeFileSync(`${file}.${process.pid}`, mine)
      linkSync(`${file}.${process.pid}`, file)
      // Two runs may both take over one dead lock; a moment later only the last one owns it.
      await sleep(50)
      if (readText(file) === mine) break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
      if (isAlive(Number(readText(file)))) await sleep(500)
      else unlinkIfThere(file)
    } finally {
      unlinkIfThere(`${file}.${process.pid}`)
    }
  }
  try {
    await work()
  } finally {
    unlinkIfThere(file)
  }
}

function isAlive(pid) {
  if (!(pid > 0)) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function unlinkIfThere(file) {
  try {
    unlinkSync(file)
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
}

function readText(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function readJson(file) {
  const text = readText(file)
  return text === undefined ? undefined : JSON.parse(text)
}

// --- main --------------------------------------------------------------------------------------

const [task = '', ...more] = process.argv.slice(2)
try {
  if (!Object.hasOwn(TASKS, task))
    throw new Stop(`usage: node scripts/run.mjs ${Object.keys(TASKS).join(' | ')}`)
  process.exitCode = await TASKS[task](await prepare(), more)
} catch (error) {
  if (!(error instanceof Stop)) throw error
  console.error(`kangyang: ${error.message}`)
  process.exitCode = 2
}
