import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const PYTHON = process.env.PYTHON ?? 'python3'
/** Says by its exit code whether it is new enough and can make an environment of its own. */
const SUITABLE = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))'

/**
 * The Python of a virtual environment in `.data/<name>` that holds what `requirements` names; made anew whenever the file
 * changes. Ends the program with exit code 2 where there is no Python 3.10 or newer with venv.
 */
export function pythonWith(name: string, requirements: string): string {
  const folder = join(ROOT, '.data', name)
  const python = join(folder, 'bin/python')
  const stamp = join(folder, 'installed.txt')
  const wanted = readFileSync(requirements, 'utf8')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return python
  if (spawnSync(PYTHON, ['-c', SUITABLE], { stdio: 'ignore' }).status !== 0) {
    console.error(
      `${PYTHON} is not there, is older than 3.10, or lacks venv: install it (on Debian: apt-get install python3 python3-venv), or name another one in PYTHON`,
    )
    process.exit(2)
  }
  console.log(`installing ${requirements} into ${folder} …`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(ROOT, '.data'), { recursive: true, mode: 0o700 })
  run(PYTHON, ['-m', 'venv', folder])
  run(python, ['-m', 'pip', 'install', '--quiet', '--requirement', requirements])
  writeFileSync(stamp, wanted)
  return python
}

function run(program: string, args: readonly string[]): void {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit' })
  if (error || status !== 0)
    throw new Error(
      `${program} ${args.join(' ')} did not succeed${error ? `: ${error.message}` : ''}`,
    )
}
