import { Presets, SingleBar } from 'cli-progress'

/**
 * A bar on a terminal's standard error for work that takes over a second; nothing anywhere else.
 *
 * The work itself may never yield, so the bar is drawn from inside it, at most ten times a second.
 */
export function progressOver(total: number): { step(by?: number): void; stop(): void } {
  if (!process.stderr.isTTY) return { step() {}, stop() {} }
  const began = performance.now()
  let done = 0
  let drawn = 0
  let bar: SingleBar | undefined
  return {
    step(by = 1) {
      done += by
      const now = performance.now()
      if (now - began < 1000 || now - drawn < 100) return
      drawn = now
      if (!bar) {
        const format = '{bar} {percentage}% · {value}/{total}'
        bar = new SingleBar(
          { format, stream: process.stderr, clearOnComplete: true, noTTYOutput: false },
          Presets.shades_classic,
        )
        bar.start(total, done)
      }
      bar.update(done)
      bar.render()
    },
    stop() {
      bar?.stop()
    },
  }
}
