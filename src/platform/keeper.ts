import type { ChildProcess } from 'node:child_process'

/** A process that was just started, and the moment from which it can be used. */
export type Launched = { readonly child: ChildProcess; readonly ready: Promise<void> }

/** Keeps one process running: one that dies is started again, unless it was told to stop. */
export class Keeper {
  readonly #launch: () => Launched
  readonly #giveUpAfterMs: number
  readonly lost: Promise<Error>
  #giveUp: (reason: Error) => void = () => {}
  #child: ChildProcess | undefined
  #stopping = false

  constructor(launch: () => Launched, { giveUpAfterMs }: { readonly giveUpAfterMs: number }) {
    this.#launch = launch
    this.#giveUpAfterMs = giveUpAfterMs
    this.lost = new Promise((resolve) => {
      this.#giveUp = resolve
    })
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  async start(): Promise<void> {
    const { child, ready } = this.#launch()
    // Known from its first moment, so that a stop reaches one that is not ready yet.
    this.#child = child
    await ready
    // It may have died since it answered, when nobody was listening for that.
    if (hasEnded(child)) return this.#again()
    child.once('exit', () => void this.#again())
  }

  /** The processes of the one that died may hold its memory a moment longer, so one try is not enough. */
  async #again(): Promise<void> {
    const deadline = Date.now() + this.#giveUpAfterMs
    while (!this.#stopping) {
      try {
        return await this.start()
      } catch (cause) {
        if (Date.now() > deadline) return this.#giveUp(cause as Error)
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true
    const child = this.#child
    if (!child || hasEnded(child)) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGINT')
    await ended
  }
}

export const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null
