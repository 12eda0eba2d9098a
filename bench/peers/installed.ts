import { readFileSync } from 'node:fs'

/** The installed version of a package of this project. Throws if it is not installed. */
export function installedVersion(name: string): string {
  const manifest = new URL(`../../node_modules/${name}/package.json`, import.meta.url)
  return JSON.parse(readFileSync(manifest, 'utf8')).version
}
