/**
 * A stretch of settlements, replays, a run by corrected rules, payment runs with their answers and decisions, with the
 * program and the database killed in the middle: the ledger is that of a stretch that nobody interrupted.
 * `npm run test:ledger-kills` kills a thousand times. KILLS says how often, SEED which round is the first: a run that was
 * stopped goes on with the number after the last one it printed.
 */
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import { sameLedgerOverKills } from './simulation/same-ledger.ts'

const kills = Number(process.env.KILLS ?? 20)
const first = Number(process.env.SEED ?? randomInt(1_000_000))

test(`the ledger is the same over ${kills} kills as over none (SEED=${first})`, async () => {
  const killed = await sameLedgerOverKills({ kills, first, say: (text) => console.log(text) })
  console.log(JSON.stringify(killed))
})
