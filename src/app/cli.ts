/**
 * The entry of `bin/kangyang`. Everything else is loaded from here, so that an installation with a file
 * missing ends with the code for a bug, and not with the one for a refused bill.
 */
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

// What was compiled once need not be again: a server that was killed is back sooner. Where the folder cannot
// be written nothing is kept.
enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/kangyang', import.meta.url)))

// A reader that has seen enough (head, less) closes the pipe; that is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

try {
  const { main } = await import('./command-line.ts')
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  console.error('kangyang: 程序不完整，请重新安装 / the installation is damaged, install it again')
  console.error(error)
  process.exitCode = 70
}
