import { parentPort, Worker, workerData } from 'node:worker_threads'

/** Threads that do one kind of work, whoever is free the next piece. */
export type Threads<In, Out> = {
  /** `moved` are buffers that the thread takes over instead of copying them. */
  run(input: In, moved?: readonly ArrayBuffer[]): Promise<Out>
  close(): Promise<void>
}

type Task<In, Out> = {
  readonly input: In
  readonly moved: readonly ArrayBuffer[]
  readonly done: (output: Out) => void
  readonly failed: (error: Error) => void
}

/**
 * Starts `count` threads on a file that calls `serveThread`. Each is told `data` once, and works through one piece
 * at a time. A thread that throws fails its piece, and all that come after.
 */
export function openThreads<Data, In, Out>(file: URL, count: number, data: Data): Threads<In, Out> {
  const waiting: Task<In, Out>[] = []
  const free: Worker[] = []
  const busy = new Map<Worker, Task<In, Out>>()
  let broken: Error | undefined
  const workers = Array.from({ length: count }, () => new Worker(file, { workerData: data }))
  const next = () => {
    while (free.length > 0 && waiting.length > 0) {
      const worker = free.pop() as Worker
      const task = waiting.shift() as Task<In, Out>
      busy.set(worker, task)
      worker.postMessage(task.input, [...task.moved])
    }
  }
  const fail = (error: Error) => {
    broken ??= error
    for (const task of [...busy.values(), ...waiting.splice(0)]) task.failed(error)
    busy.clear()
  }
  for (const worker of workers) {
    free.push(worker)
    worker.on('message', (output: Out) => {
      const task = busy.get(worker)
      busy.delete(worker)
      free.push(worker)
      task?.done(output)
      next()
    })
    worker.on('error', (error) => fail(error as Error))
    // Nothing but the work itself keeps the process alive.
    worker.unref()
  }
  return {
    run: (input, moved = []) =>
      new Promise((done, failed) => {
        if (broken) return failed(broken)
        waiting.push({ input, moved, done, failed })
        next()
      }),
    async close() {
      fail(new Error('the threads were closed'))
      await Promise.all(workers.map((worker) => worker.terminate()))
    },
  }
}

/** What a thread does with each piece, prepared once from what it was told. On the main thread nothing happens. */
export function serveThread<Data, In, Out>(
  prepare: (data: Data) => (input: In) => { readonly output: Out; readonly moved: ArrayBuffer[] },
): void {
  if (!parentPort) return
  const port = parentPort
  const work = prepare(workerData as Data)
  port.on('message', (input: In) => {
    const { output, moved } = work(input)
    port.postMessage(output, moved)
  })
}

/** Works on several inputs at a time, and answers in their order. */
export async function* inParallel<In, Out>(
  inputs: AsyncIterable<In>,
  most: number,
  work: (input: In) => Promise<Out>,
): AsyncGenerator<Out, void, void> {
  const begun: Promise<Out>[] = []
  for await (const input of inputs) {
    const output = work(input)
    // Whoever waits for it hears of a failure; until then nobody does.
    output.catch(() => {})
    begun.push(output)
    if (begun.length >= most) yield await (begun.shift() as Promise<Out>)
  }
  for (const output of begun) yield await output
}
