/**
 * A batch against the server, bill by bill:
 *
 *     npm run test:batch-live              100,000 bills
 *     npm run test:batch-live -- 3000      a year of so many persons
 */
import { compareWithLive } from './compare.ts'

const persons = Number(process.argv[2] ?? 30_500)
const began = performance.now()
const bills = await compareWithLive(persons)
const seconds = Math.round((performance.now() - began) / 1000)
console.log(
  `${bills.toLocaleString('en-US')} bills came out the same over HTTP and in a batch, to the fen (${seconds} s)`,
)
