import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const { version } = JSON.parse(readFileSync(folder('package.json'), 'utf8')) as { version: string }

/** The console: `vite build` writes what the server sends out; `vite` serves it beside a running server. */
export default defineConfig({
  root: folder('src/web'),
  plugins: [react()],
  define: { __VERSION__: JSON.stringify(version) },
  resolve: {
    alias: { '#web': folder('src/web'), 'node:assert/strict': folder('src/web/assert.ts') },
  },
  build: {
    outDir: folder('dist/web'),
    emptyOutDir: true,
    // A font or picture inside the style sheet would need a wider content security policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
  },
  server: {
    proxy: Object.fromEntries(
      ['/api', '/health'].map((path) => [
        path,
        process.env.KANGYANG_URL ?? 'http://127.0.0.1:8080',
      ]),
    ),
  },
})
