import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { UsageError } from './exit-codes.ts'
import type { Options } from './options.ts'

/** How many worker threads to use: one a core unless another number is named. */
export function workersOf(options: Options): number {
  const text = options.text('workers')
  if (text === undefined) return availableParallelism()
  if (/^[1-9]\d{0,2}$/.test(text) && Number(text) <= 256) return Number(text)
  throw new UsageError({
    zh: `--workers 须为 1 到 256 的整数，而不是 "${text}"`,
    en: `--workers is a whole number from 1 to 256, not "${text}"`,
  })
}

/** What a worker that was told to stop says instead of an answer. */
export class Cancelled extends Error {}

/** Each thread has its next task while it ends the one before: what it still writes is not waited for. */
const TASKS_A_WORKER = 2

/**
 * Threads that each answer one task after another. A task is handed to whichever thread has room; what is answered must not
 * depend on which. Once `stop` is called no further task begins, and `run` fails with `Cancelled`.
 */
export class WorkerPool<Task, Answer> {
  readonly #workers: readonly Asked<Answer>[]
  #stopped = false

  /** `script` answers each message with one message, in their order; `data` is what every thread begins with. */
  constructor(script: URL, workers: number, data: unknown) {
    this.#workers = Array.from(
      { length: workers },
      () => new Asked<Answer>(new Worker(script, { workerData: data })),
    )
  }

  stop(): void {
    this.#stopped = true
  }

  /** Does every task and gives each answer to `take` as it comes. Fails with the first task that fails. */
  async run(tasks: Iterable<Task>, take: (answer: Answer, task: Task) => void): Promise<void> {
    const waiting = tasks[Symbol.iterator]()
    const hands = Array.from({ length: TASKS_A_WORKER }, () => this.#workers).flat()
    await Promise.all(
      hands.map(async (worker) => {
        for (;;) {
          if (this.#stopped) throw new Cancelled('stopped')
          const next = waiting.next()
          if (next.done) return
          take(await worker.ask(next.value), next.value)
        }
      }),
    )
    if (this.#stopped) throw new Cancelled('stopped')
  }

  /** Gives the same message to every thread and waits for all answers. */
  async tellAll(message: Task): Promise<Answer[]> {
    return await Promise.all(this.#workers.map((worker) => worker.ask(message)))
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.end()))
  }
}

/** A thread, and who waits for its answers, in the order in which they asked. */
class Asked<Answer> {
  readonly #worker: Worker
  readonly #waiting: { done(answer: Answer): void; fail(error: Error): void }[] = []
  #failed: Error | undefined

  constructor(worker: Worker) {
    this.#worker = worker
    worker.on('message', (answer: Answer) => this.#waiting.shift()?.done(answer))
    worker.on('error', (error: Error) => this.#fail(error))
    worker.on('exit', (code) => this.#fail(new Error(`a worker ended with ${code}`)))
  }

  ask(message: unknown): Promise<Answer> {
    return new Promise((done, fail) => {
      if (this.#failed) {
        fail(this.#failed)
        return
      }
      this.#waiting.push({ done, fail })
      this.#worker.postMessage(message)
    })
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }

  #fail(error: Error): void {
    this.#failed ??= error
    for (const { fail } of this.#waiting.splice(0)) fail(this.#failed)
  }
}

/** Stops the pool on Ctrl-C or a polite kill, and answers with what takes that back. */
export function stopOnSignal(stop: () => void): () => void {
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  return () => {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
}
