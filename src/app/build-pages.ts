import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  globSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/**
 * Builds the pages where they are missing or were built from other sources, and answers with their folder;
 * undefined where there are none to serve. A file that was only copied or checked out anew is no other source.
 */
export async function buildPages(
  project: string,
  say: (text: string) => void,
): Promise<string | undefined> {
  const folder = join(project, 'dist/web')
  const page = join(folder, 'index.html')
  const sources = join(project, 'src/web')
  const stamp = `${folder}.sources`
  const old = existsSync(page) ? folder : undefined
  if (!existsSync(join(sources, 'index.html'))) return old
  const wanted = hashOf(project)
  if (old && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return folder
  say('正在构建网页 / building the pages …')
  const began = performance.now()
  // Built beside the old ones and put in their place whole: another server may be serving those.
  const fresh = `${folder}.${process.pid}`
  const fault = unwritable(project) ?? (await runVite(project, fresh))
  if (fault === undefined) {
    putInPlace(fresh, folder)
    writeFileSync(stamp, wanted)
    say(`网页已就绪 / pages are ready (${((performance.now() - began) / 1000).toFixed(1)} s)`)
    return folder
  }
  rmSync(fresh, { recursive: true, force: true })
  say(
    old === undefined
      ? `网页未能构建，只提供接口 / the pages could not be built, only the interface is served: ${fault}`
      : `网页未能重新构建，沿用旧的 / the pages could not be built again, the old ones are served: ${fault}`,
  )
  return old
}

/** Two servers may build at once: whoever comes second finds the same pages there and drops its own. */
function putInPlace(fresh: string, folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  try {
    renameSync(fresh, folder)
  } catch (cause) {
    rmSync(fresh, { recursive: true, force: true })
    if (!existsSync(join(folder, 'index.html'))) throw cause
  }
}

function unwritable(project: string): string | undefined {
  try {
    accessSync(project, constants.W_OK)
    return undefined
  } catch {
    return `${project} 不可写 / cannot be written`
  }
}

/** In a process of its own: what building takes, half a gigabyte, is given back when it ends. */
function runVite(project: string, outDir: string): Promise<string | undefined> {
  const manifest = createRequire(import.meta.url).resolve('vite/package.json')
  const vite = join(dirname(manifest), 'bin/vite.js')
  const config = ['--config', join(project, 'vite.config.ts')]
  const options = ['--outDir', outDir, '--emptyOutDir', '--logLevel', 'error']
  return new Promise((resolve) => {
    const args = [vite, 'build', ...config, ...options]
    execFile(process.execPath, args, { cwd: project }, (error, _, stderr) =>
      resolve(error ? (stderr.trim() || error.message).slice(0, 2_000) : undefined),
    )
  })
}

/** What the pages are made from. Of the domains they take types, and the words and tables that stand among them. */
const SOURCES = [
  'src/web/**/*.*',
  'src/base/*.ts',
  'src/domains/*/types.ts',
  'vite.config.ts',
  'package-lock.json',
]

function hashOf(project: string): string {
  const hash = createHash('sha256')
  for (const path of globSync(SOURCES, { cwd: project }).toSorted())
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(project, path)))
      .update('\0')
  return hash.digest('hex')
}
