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

/**
 * Threads that each do one task after another. A task is handed to whichever thread is free; what is answered must not
 * depend on which. Once `stop` is called no further task begins, and `run` fails with `Cancelled`.
 */
export class WorkerPool<Task, Answer> {
  readonly #workers: readonly Worker[]
  #stopped = false

  /** `script` answers each message with one message; `data` is what every thread begins with. */
  constructor(script: URL, workers: number, data: unknown) {
    this.#workers = Array.from({ length: workers }, () => new Worker(script, { workerData: data }))
  }

  stop(): void {
    this.#stopped = true
  }

  /** Does every task and gives each answer to `take` as it comes. Fails with the first task that fails. */
  async run(tasks: Iterable<Task>, take: (answer: Answer, task: Task) => void): Promise<void> {
    const waiting = tasks[Symbol.iterator]()
    await Promise.all(
      this.#workers.map(async (worker) => {
        for (;;) {
          if (this.#stopped) throw new Cancelled('stopped')
          const next = waiting.next()
          if (next.done) return
          take(await ask<Answer>(worker, next.value), next.value)
        }
      }),
    )
    if (this.#stopped) throw new Cancelled('stopped')
  }

  /** Gives the same message to every thread and waits for all answers. */
  async tellAll(message: Task): Promise<Answer[]> {
    return await Promise.all(this.#workers.map((worker) => ask<Answer>(worker, message)))
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
  }
}

function ask<Answer>(worker: Worker, message: unknown): Promise<Answer> {
  return new Promise((done, fail) => {
    const settle = (act: () => void) => {
      worker.off('message', answered)
      worker.off('error', failed)
      worker.off('exit', ended)
      act()
    }
    const answered = (answer: Answer) => settle(() => done(answer))
    const failed = (error: Error) => settle(() => fail(error))
    const ended = (code: number) => settle(() => fail(new Error(`a worker ended with ${code}`)))
    worker.on('message', answered)
    worker.on('error', failed)
    worker.on('exit', ended)
    worker.postMessage(message)
  })
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
