/** A batch comes to what the server comes to. `npm run test:batch-live` does the same with 100,000 bills. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareWithLive } from './live/compare.ts'

test('bills settled over HTTP come out of a batch the same, to the fen', async () => {
  const bills = await compareWithLive(120)
  assert(bills > 300, `${bills} bills`)
})
