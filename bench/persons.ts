/**
 * A province of persons, and how long it takes to ask about one of them.
 *
 *     npm run bench:persons -- 1000000 10000000 23790000
 *
 * Loads persons with memberships up to each size and prints time, disk, memory, and how long eligibility on a day
 * and the whole file of a person take. Program and database share the machine.
 */
import { plainDate } from '#base/plain-date.ts'
import { insure } from '#domains/enrolment/index.ts'
import { copyLine } from '#platform/database.ts'
import { migratedDatabase } from '../test/crash/database.ts'
import { ACTOR, BOOK, idNumberOf, SECRETS, services } from './enrolled.ts'
import { describeMachine } from './machine.ts'

const SIZES = process.argv.slice(2).map(Number)
if (SIZES.length === 0) SIZES.push(100_000)
const ASKED = 2_000
const BATCH = 20_000
const PIECE = 1_000_000

const reading = {
  kindOf: (scheme: string) => BOOK.schemes.get(scheme)?.kind,
  vocabulary: BOOK.vocabulary,
}
const day = plainDate
const idOf = (n: number) => `P${String(n).padStart(10, '0')}`

/** One membership in a public scheme, and for every third person one of the city's product. */
function membershipsOf(n: number) {
  const resident = n % 3 !== 0
  const open = {
    scheme: resident ? 'teaching/shifan/resident' : 'teaching/shifan/employee',
    from: day('2024-01-01'),
    until: undefined,
    enrolledOn: day('2023-12-01'),
    answers: { class: resident ? '成年居民' : '在职' },
    employer: undefined,
  }
  if (n % 3 !== 1) return [open]
  const product = {
    scheme: 'teaching/shifan/products/huimin',
    from: day('2026-01-01'),
    until: day('2026-12-31'),
    enrolledOn: day('2025-11-20'),
    answers: { preexisting: '无' },
    employer: undefined,
  }
  return [open, product]
}

async function* persons(from: number, to: number): AsyncGenerator<string> {
  for (let i = from; i < to; i += BATCH) {
    let text = ''
    for (let n = i; n < Math.min(to, i + BATCH); n++) {
      const number = idNumberOf(n)
      const born = day(`${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`)
      const body = insure(
        {
          id: idOf(n),
          born,
          died: undefined,
          memberships: membershipsOf(n),
          statuses: [],
          repairs: [],
          conditions: [],
        },
        reading,
      )
      text += copyLine([
        ACTOR.tenant,
        idOf(n),
        `示例${n}`,
        JSON.stringify(body),
        't',
        Number(number[16]) % 2 === 1 ? 'male' : 'female',
        SECRETS.seal(number),
        SECRETS.digest(`id ${number}`),
      ])
    }
    yield text
  }
}

async function* memberships(from: number, to: number): AsyncGenerator<string> {
  for (let i = from; i < to; i += BATCH) {
    let text = ''
    for (let n = i; n < Math.min(to, i + BATCH); n++)
      for (const each of membershipsOf(n))
        text += copyLine([
          ACTOR.tenant,
          idOf(n),
          each.scheme,
          each.from,
          each.until,
          each.enrolledOn,
          JSON.stringify(each.answers),
        ])
    yield text
  }
}

const { database, close } = await migratedDatabase({ max: 6 })
const { enrolment } = await services(database)

/** In pieces of a million, so that no transaction and no growth of the log is larger than that. */
async function load(from: number, to: number): Promise<void> {
  for (let i = from; i < to; i += PIECE)
    await database.transaction(async (sql) => {
      const end = Math.min(to, i + PIECE)
      await sql.copyIn(
        'copy persons (tenant_id, id, name, body, enrolled, sex, id_sealed, id_digest) from stdin',
        persons(i, end),
      )
      await sql.copyIn(
        'copy memberships (tenant_id, person_id, scheme, from_day, until_day, enrolled_on, answers) from stdin',
        memberships(i, end),
      )
    })
}

async function times(work: (n: number) => Promise<unknown>, size: number): Promise<string> {
  const taken: number[] = []
  for (let i = 0; i < ASKED; i++) {
    const began = performance.now()
    await work(Math.floor(Math.random() * size))
    taken.push(performance.now() - began)
  }
  taken.sort((a, b) => a - b)
  const at = (share: number) => (taken[Math.floor(ASKED * share)] ?? 0).toFixed(2)
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`
}

try {
  console.log(describeMachine())
  let loaded = 0
  for (const size of SIZES) {
    const began = performance.now()
    await load(loaded, size)
    const seconds = (performance.now() - began) / 1_000
    await database.query('analyze persons')
    await database.query('analyze memberships')
    const [disk] = await database.query<{ bytes: number }>(
      'select pg_database_size(current_database()) as bytes',
    )
    const gib = ((disk?.bytes ?? 0) / 2 ** 30).toFixed(2)
    const each = Math.round((disk?.bytes ?? 0) / size)
    console.log(
      `${size.toLocaleString('en-US')} persons: ${(size - loaded).toLocaleString('en-US')} loaded in ${seconds.toFixed(1)} s (${Math.round((size - loaded) / seconds).toLocaleString('en-US')}/s), ${gib} GiB on disk (${each} bytes a person), program ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB`,
    )
    loaded = size
    const on = day('2026-06-01')
    const eligibility = await times((n) => enrolment.eligibility(ACTOR, idOf(n), on), size)
    console.log(`  eligibility on a day: ${eligibility} (wanted p99 5 ms)`)
    const file = await times((n) => enrolment.file(ACTOR, idOf(n)), size)
    console.log(`  file of a person:     ${file} (wanted p99 20 ms)`)
  }
} finally {
  await close()
}
