/**
 * Power cuts: the server, its database or both are killed again and again while bills are settled over
 * HTTP. `npm run test:crash` kills a thousand times; KILLS and SEED choose otherwise.
 */
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import { surviveKills } from './crash/kills.ts'

const kills = Number(process.env.KILLS ?? 20)
const seed = Number(process.env.SEED ?? randomInt(1_000_000))

test(`no acknowledged settlement is lost or doubled in ${kills} kills (SEED=${seed})`, async (t) => {
  const report = await surviveKills({ kills, seed, say: (text) => t.diagnostic(text) })
  t.diagnostic(JSON.stringify(report))
})
