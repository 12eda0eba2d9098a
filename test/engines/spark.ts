import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { pythonWith } from '../python.ts'

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** What Spark makes of a query: its one row, as texts. */
export type SparkAnswer = {
  readonly values: readonly string[]
  readonly seconds: number
  /** The worker process that was ended, and how far the stage was on which it worked. */
  readonly killed?: {
    readonly pid: number
    readonly finished: number
    readonly running: number
    readonly tasks: number
  }
  /** The worker processes after one was ended. */
  readonly executors?: readonly number[]
}

/** Apache Spark on this machine: a driver and two worker processes, which are started with it and end with it. */
export class Spark {
  readonly version: string
  readonly executors: readonly number[]
  readonly #process: ChildProcess
  readonly #answers: AsyncIterator<string>

  private constructor(
    process: ChildProcess,
    answers: AsyncIterator<string>,
    { version, executors }: { readonly version: string; readonly executors: readonly number[] },
  ) {
    this.#process = process
    this.#answers = answers
    this.version = version
    this.executors = executors
  }

  /** Installs Spark if need be. Ends the program with exit code 2 where there is no Java 17 or no Python. */
  static async start(workerMb = 1024): Promise<Spark> {
    const environment = withJava()
    const python = pythonWith('spark', here('requirements.txt'))
    const child = spawn(python, [here('cluster.py'), String(workerMb)], {
      stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
      env: { ...environment, PYSPARK_PYTHON: python, SPARK_LOCAL_IP: '127.0.0.1' },
    })
    let said = ''
    child.stderr?.on('data', (text) => {
      said = `${said}${text}`.slice(-4_000)
    })
    const lines = createInterface({ input: child.stdio[3] as Readable })[Symbol.asyncIterator]()
    const { value, done } = await lines.next()
    if (done) throw new Error(`Spark ended before it began:\n${said}`)
    return new Spark(child, lines, JSON.parse(value))
  }

  /** The driver's process; the others are its children. */
  get pid(): number {
    return this.#process.pid as number
  }

  /** `kill` ends one worker process by SIGKILL in the middle of the query. */
  async one(sql: string, { kill = false } = {}): Promise<SparkAnswer> {
    this.#process.stdin?.write(`${JSON.stringify({ sql, kill })}\n`)
    const { value, done } = await this.#answers.next()
    if (done) throw new Error('Spark ended in the middle of a query')
    const answer = JSON.parse(value) as SparkAnswer & { readonly error?: string }
    if (answer.error !== undefined) throw new Error(`Spark: ${answer.error}`)
    return answer
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve))
    this.#process.stdin?.end()
    await ended
  }
}

/** The environment in which Spark finds Java 17: by JAVA_HOME, or else on the path. */
function withJava(): NodeJS.ProcessEnv {
  const { JAVA_HOME: home, ...others } = process.env
  const is17 = (java: string) =>
    /version "17[."]/.test(spawnSync(java, ['-version'], { encoding: 'utf8' }).stderr ?? '')
  if (home && is17(join(home, 'bin/java'))) return process.env
  if (is17('java')) return others
  console.error(
    'Spark runs on Java 17, which is neither in JAVA_HOME nor on the path: install it (on Debian: apt-get install openjdk-17-jre-headless), or name it in JAVA_HOME',
  )
  process.exit(2)
}
