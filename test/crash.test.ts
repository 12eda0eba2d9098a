/**
 * Power cuts: the server, its database or both are killed again and again while bills are settled over
 * HTTP. `npm run test:crash` kills a thousand times and holds each restart to five seconds; KILLS, SEED
 * and READY_MS choose otherwise.
 */
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import { surviveKills } from './crash/kills.ts'

const kills = Number(process.env.KILLS ?? 20)
const seed = Number(process.env.SEED ?? randomInt(1_000_000))
/**
 * Among a whole suite that runs at once, the time of a restart says more about the suite than about the
 * server: here it only has to come back. The figure is for the command that runs alone.
 */
const withinMs = Number(process.env.READY_MS ?? 60_000)

test(`no acknowledged settlement is lost or doubled in ${kills} kills (SEED=${seed})`, async (t) => {
  const report = await surviveKills({ kills, seed, withinMs, say: (text) => t.diagnostic(text) })
  t.diagnostic(JSON.stringify(report))
})
