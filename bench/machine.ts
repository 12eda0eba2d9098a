import { spawnSync } from 'node:child_process'
import { cpus, totalmem } from 'node:os'

/**
 * Runs a benchmark on one core: the script starts itself again under `taskset`, where there is one, so
 * that no program measured beside ours gains from a second core.
 */
export function onOneCore(script: string): void {
  if (process.env.BENCH_PINNED === '1') return
  const pinned = spawnSync(
    'taskset',
    ['-c', '0', process.execPath, script, ...process.argv.slice(2)],
    {
      stdio: 'inherit',
      env: { ...process.env, BENCH_PINNED: '1' },
    },
  )
  if (!pinned.error) process.exit(pinned.status ?? 1)
  console.log('taskset is not installed: not pinned to one core')
}

/** One line that names the machine a figure was measured on. */
export function describeMachine(): string {
  const [cpu] = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  return `${cpu?.model.trim()}, ${cpus().length} cores, ${memory} GiB, Node ${process.versions.node}, ${process.platform}-${process.arch}`
}

/** Calls a second, the median of `runs` runs after one that is not counted. */
export function rateOf(calls: number, run: () => void, runs = 7): number {
  run()
  const rates: number[] = []
  for (let i = 0; i < runs; i++) {
    const start = performance.now()
    run()
    rates.push((calls / (performance.now() - start)) * 1000)
  }
  return rates.toSorted((a, b) => a - b)[Math.floor(runs / 2)] ?? 0
}
