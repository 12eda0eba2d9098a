import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { fen, formatYuan, rate, yuan } from '#base/money.ts'
import { balancesOf, type Leg } from '#domains/ledger/index.ts'
import { RuleFileError } from '#rulebook/rule-file.ts'
import { differenceLegs, yearLegs } from './post.ts'
import { readContract } from './read-contract.ts'
import type { Contract, YearFacts, YearLineCode, YearStatement } from './types.ts'
import { overBands, releasedFor, sideOf, yearIn, yearOf } from './year.ts'

const TEXT = readFileSync('samples/critical-illness.contract.yaml', 'utf8')
const CONTRACT = readContract('sample', TEXT)

/** Ten insured in 2024 at 1,200 yuan: a premium of 12,000. */
const QUIET: YearFacts = {
  heads: { sum: 10, days: 1 },
  claims: yuan('10000'),
  cost: { amount: yuan('600'), by: 'li' },
  policy: undefined,
  score: undefined,
  reserveBefore: yuan('500'),
}

function stated(facts: YearFacts, contract = CONTRACT, year = 2024): YearStatement {
  const done = yearOf(contract, year, facts)
  assert(done.ok, done.ok ? '' : JSON.stringify(done.error))
  return done.value
}
const refusal = (facts: YearFacts, contract = CONTRACT, year = 2024): string => {
  const done = yearOf(contract, year, facts)
  return done.ok ? 'stated' : done.error.code
}
const amounts = ({ lines }: YearStatement): Partial<Record<YearLineCode, string>> =>
  Object.fromEntries(lines.map(({ code, amount }) => [code, formatYuan(amount)]))
const formula = (of: YearStatement, code: YearLineCode) =>
  of.lines.find((line) => line.code === code)?.formula

describe('a year of a contract', () => {
  test('with a surplus: handling up to its cap, bands returned, a third of that into the reserve', () => {
    const year = stated(QUIET)
    // 12,000 − 10,000 − 480 = 1,520. To 2 % of the premium, 240, nothing is returned; to 5 %, 600, half: 180; of the rest,
    // 920, all of it. 420 stay, which is more than 3 % of the premium, 360: 60 more are returned.
    assert.deepEqual(amounts(year), {
      premium: '12000.00',
      claims: '10000.00',
      handling: '480.00',
      surplus: '1520.00',
      'reserve-in': '348.00',
      returned: '812.00',
      profit: '360.00',
      'reserve-after': '848.00',
      'held-back': '600.00',
      'to-insurer': '240.00',
    })
    assert.equal(formula(year, 'premium'), '1200.00 × 10 = 12000.00')
    assert.equal(formula(year, 'handling'), 'min(600.00; 12000.00 × 4% = 480.00) = 480.00')
    assert.equal(
      formula(year, 'returned'),
      '240.00 × 0% + 360.00 × 50% + 920.00 × 100% = 1100.00 ; max(0; 420.00 − 360.00) = 60.00 ; 1160.00 − 348.00 = 812.00',
    )
    assert.equal(year.lines.find(({ code }) => code === 'handling')?.by, 'li')
  })

  test('with a loss: the reserve first, then the bands of each cause, the rest is the insurer’s', () => {
    const year = stated({
      ...QUIET,
      claims: yuan('15000'),
      policy: { difference: yuan('2000'), proof: 'p', by: 'replay' },
    })
    // 12,000 − 15,000 − 480 = −3,480, of which 2,000 by policy. The reserve gives its 500 for that. Of the 1,500 left the
    // fund bears all up to 20 % of the premium, 2,400. Of the 1,480 of business: nothing to 600, half of the next 880.
    assert.deepEqual(amounts(year), {
      premium: '12000.00',
      claims: '15000.00',
      handling: '480.00',
      loss: '3480.00',
      'policy-loss': '2000.00',
      'business-loss': '1480.00',
      'reserve-out': '500.00',
      'policy-shared': '1500.00',
      'business-shared': '440.00',
      borne: '1040.00',
      'reserve-after': '0.00',
      'held-back': '600.00',
      'to-insurer': '-1160.00',
    })
  })

  test('a loss by policy is no more than was lost, and a saving by policy is none', () => {
    const lost = { ...QUIET, claims: yuan('11620'), reserveBefore: fen(0) }
    const proven = (difference: string) =>
      stated({ ...lost, policy: { difference: yuan(difference), proof: 'p', by: 'replay' } })
    assert.equal(amounts(proven('9000'))['policy-loss'], '100.00')
    assert.equal(amounts(proven('-9000'))['policy-loss'], '0.00')
  })

  test('the hold-back stays held until somebody decides on the score', () => {
    const scored = (released: string) =>
      amounts(
        stated({
          ...QUIET,
          score: { points: 85, released: rate(released), reason: '考核报告', by: 'zhao' },
        }),
      )
    assert.equal(scored('80%').released, '480.00')
    assert.equal(scored('80%').forfeited, '120.00')
    // 480 handling and 360 profit, less the 120 that are kept.
    assert.equal(scored('80%')['to-insurer'], '720.00')
    const term = CONTRACT.terms.holdBack?.[0]
    assert(term)
    assert.deepEqual(
      [100, 90, 89.9, 60, 1].map((points) => releasedFor(term.value, points)),
      [rate('100%'), rate('100%'), rate('80%'), rate('50%'), 0],
    )
  })

  test('terms change with the year, and heads may be an average of twelve days', () => {
    assert.equal(amounts(stated(QUIET, CONTRACT, 2025)).premium, '13000.00')
    const year = stated({ ...QUIET, heads: { sum: 125, days: 12 } })
    assert.equal(formula(year, 'premium'), '1200.00 × 125 ÷ 12 = 12500.00')
  })

  test('where the fund bears the result, a fee is paid, and part of it waits for the score', () => {
    const text = TEXT.replace('bears: insurer', 'bears: fund')
      .replace(/ {2}profit:[\s\S]*? {2}holdBack:/, '  holdBack:')
      .replace('{ actual: { atMost: 4% } }', '{ perHead: 30元 }')
    const contract = readContract('fee', text)
    const facts = {
      ...QUIET,
      cost: undefined,
      score: { points: 70, released: rate('50%'), reason: '回访不足', by: 'zhao' },
    }
    assert.deepEqual(amounts(stated(facts, contract)), {
      fee: '300.00',
      claims: '10000.00',
      'held-back': '15.00',
      released: '7.50',
      forfeited: '7.50',
      'to-insurer': '292.50',
    })
    const ofRaised = readContract('rate', text.replace('{ perHead: 30元 }', '{ rate: 5% }'))
    assert.equal(amounts(stated(facts, ofRaised)).fee, '600.00')
  })

  test('is refused by name, in this order', () => {
    assert.equal(refusal(QUIET, CONTRACT, 2023), 'no_such_contract_year')
    const late = TEXT.replace(/(holdBack:\s+- from: )2024-01-01/, '$12025-01-01')
    assert.equal(refusal(QUIET, readContract('late', late)), 'term_not_in_force')
    assert.equal(refusal({ ...QUIET, cost: undefined }), 'handling_cost_missing')
    const flat = readContract('flat', TEXT.replace('{ actual: { atMost: 4% } }', '{ rate: 4% }'))
    assert.equal(refusal(QUIET, flat), 'handling_cost_misplaced')
    const score = { points: 1, released: rate('0%'), reason: '', by: 'zhao' }
    const unheld = readContract('unheld', TEXT.replace(/ {2}holdBack:[\s\S]*/, ''))
    assert.equal(refusal({ ...QUIET, score }, unheld), 'score_misplaced')
    const policy = { difference: 1, proof: 'p', by: 'x' }
    const fee = TEXT.replace('bears: insurer', 'bears: fund').replace(
      / {2}profit:[\s\S]*? {2}holdBack:/,
      '  holdBack:',
    )
    assert.equal(refusal({ ...QUIET, policy }, readContract('fee', fee)), 'policy_loss_misplaced')
    assert.equal(refusal({ ...QUIET, score }), 'score_reason_missing')
  })
})

describe('whatever the terms and the year', () => {
  const ppm = fc.integer({ min: 0, max: 1_000_000 })
  const bands = fc
    .uniqueArray(fc.integer({ min: 1, max: 400_000 }), { maxLength: 4 })
    .chain((ends) =>
      fc.tuple(
        fc.constant(ends.toSorted((a, b) => a - b)),
        fc.array(ppm, { minLength: 5, maxLength: 5 }),
      ),
    )
    .map(([ends, rates]) =>
      [...ends, undefined].map((upTo, i) => ({
        above: i === 0 ? 0 : (ends[i - 1] ?? 0),
        upTo,
        rate: rates[i] as never,
      })),
    )
  const money = fc.integer({ min: 0, max: 3_000_000_000_00 }).map(fen)
  const contracts = fc
    .record({
      rounding: fc.constantFrom('half-up', 'down', 'up'),
      perHead: fc.integer({ min: 1, max: 1_000_00 }).map(fen),
      cap: ppm,
      profit: ppm,
      returned: bands,
      policy: bands,
      business: bands,
      paidIn: fc.record({ of: fc.constantFrom('premium', 'returned'), rate: ppm }),
      ceiling: ppm,
      covers: fc.constantFrom(['policy'], ['policy', 'business'], ['business']),
      withReserve: fc.boolean(),
      holdBack: ppm,
    })
    .map((given): Contract => {
      const value = <T>(term: keyof Contract['terms'], said: T) => {
        const clause = CONTRACT.terms[term]?.[0]?.clause
        assert(clause)
        return [{ clause, value: said as never }]
      }
      return {
        ...CONTRACT,
        rounding: given.rounding as never,
        terms: {
          perHead: value('perHead', given.perHead),
          handling: value('handling', { kind: 'actual', atMost: given.cap }),
          profit: value('profit', { atMost: given.profit }),
          surplus: value('surplus', { returned: given.returned }),
          loss: value('loss', { policy: given.policy, business: given.business }),
          reserve: given.withReserve
            ? value('reserve', {
                paidIn: given.paidIn,
                ceiling: given.ceiling,
                covers: given.covers,
                opening: 0,
              })
            : undefined,
          holdBack: value('holdBack', { rate: given.holdBack, released: [] }),
        },
      }
    })
  const years = fc
    .record({
      heads: fc.record({
        sum: fc.integer({ min: 0, max: 30_000_000 }),
        days: fc.constantFrom(1, 12),
      }),
      claims: money,
      cost: money,
      difference: fc.option(fc.integer({ min: -1_000_000_00, max: 3_000_000_000_00 })),
      released: fc.option(ppm),
      reserveBefore: money,
    })
    .map(
      ({ cost, difference, released, ...facts }): YearFacts => ({
        ...facts,
        cost: { amount: cost, by: 'x' },
        policy: difference === null ? undefined : { difference, proof: 'p', by: 'x' },
        score:
          released === null
            ? undefined
            : { points: 1, released: released as never, reason: 'x', by: 'x' },
      }),
    )

  test('sources and uses are one sum, nothing is below zero, caps hold', () =>
    fc.assert(
      fc.property(contracts, years, (contract, facts) => {
        const { lines, amounts: of } = stated(facts, contract)
        assert.equal(sideOf(lines, 'source'), sideOf(lines, 'use'))
        assert(lines.every(({ code, amount }) => amount >= 0 || code === 'to-insurer'))
        assert(of.profit === 0 || of.loss === 0)
        const most = Math.ceil((of.premium * (contract.terms.profit?.[0]?.value.atMost ?? 0)) / 1e6)
        assert(of.profit <= most)
        assert.equal(of['policy-loss'] + of['business-loss'], of.loss)
        assert.equal(
          of['reserve-out'] + of['policy-shared'] + of['business-shared'] + of.borne,
          of.loss,
        )
        if (facts.score) assert.equal(of.released + of.forfeited, of['held-back'])
        const waits = facts.score ? of.forfeited : of['held-back']
        assert.equal(of['to-insurer'], of.handling + of.profit - of.borne - waits)
      }),
    ))

  test('what is posted leaves the contract’s accounts at what was claimed, and both funds owe each other one sum', () =>
    fc.assert(
      fc.property(contracts, years, (contract, facts) => {
        const year = stated(facts, contract)
        const balances = balancesOf(yearLegs(contract, year))
        const own = (fund: string, accounts: string) =>
          [...(balances.get(fund) ?? [])].reduce(
            (sum, [account, amount]) => (account.startsWith(accounts) ? sum + amount : sum),
            0,
          )
        const { fund, financedBy } = contract
        assert.equal(own(fund, 'contract/'), year.amounts.claims)
        assert.equal(own(fund, 'between/') + own(financedBy, 'between/'), 0)
        assert.equal(own(fund, 'held/') + own(financedBy, 'held/'), 0)
        const waits = facts.score ? 0 : year.amounts['held-back']
        assert.equal(own(fund, 'insurer/') - waits, year.amounts['to-insurer'])
        assert.equal(
          own(fund, 'reserve/'),
          year.amounts['reserve-in'] - year.amounts['reserve-out'],
        )
      }),
    ))

  test('stated again, a year posts the difference, and the same year nothing', () =>
    fc.assert(
      fc.property(contracts, years, years, (contract, before, now) => {
        const [old, next] = [before, now].map((facts) =>
          yearLegs(contract, stated(facts, contract)),
        )
        assert(old && next)
        assert.deepEqual(differenceLegs(next, next), [])
        const posted: Leg[] = [...old, ...differenceLegs(next, old)]
        assert.deepEqual(sorted(posted), sorted(next))
        assert(differenceLegs(next, old).every(({ amount }) => amount > 0))
      }),
    ))

  test('bands give at least nothing and at most one fen of each further fen', () =>
    fc.assert(
      fc.property(
        bands,
        money,
        money,
        fc.constantFrom('half-up', 'down', 'up'),
        (of, premium, amount, rounding) => {
          const shareOf = (x: number) => overBands(of, x, premium, rounding as never).amount
          const further = shareOf(amount + 1) - shareOf(amount)
          assert(further === 0 || further === 1)
          assert.equal(shareOf(0), 0)
        },
      ),
    ))
})

const sorted = (legs: readonly Leg[]) =>
  [...balancesOf(legs)]
    .map(([fund, accounts]) => [fund, [...accounts].toSorted()] as const)
    .filter(([, accounts]) => accounts.length > 0)
    .toSorted()

describe('a contract’s file', () => {
  const bad = (from: string | RegExp, to: string): string => {
    try {
      assert.notEqual(TEXT.replace(from, to), TEXT, 'the sample has what is to be broken')
      readContract('bad', TEXT.replace(from, to))
      return 'read'
    } catch (thrown) {
      if (!(thrown instanceof RuleFileError)) throw thrown
      return `${thrown.fault.line} ${thrown.fault.code}`
    }
  }

  test('is read with its clauses and grades', () => {
    assert.equal(CONTRACT.terms.surplus?.[0]?.clause.article, '第十一条')
    assert.equal(CONTRACT.terms.surplus?.[0]?.clause.grade, 'invented')
    assert.deepEqual(yearIn(CONTRACT, 2026), {
      year: 2026,
      from: '2026-01-01',
      until: '2026-12-31',
    })
    assert.equal(yearIn(CONTRACT, 2027), undefined)
  })

  test('is refused at the line of what is wrong', () => {
    assert.equal(bad('fund: residentCriticalIllness@', 'fund: nobody@'), '10 unknown_payer')
    assert.equal(bad('until: 2026-12-31', 'until: 2023-12-31'), '13 ends_first')
    assert.equal(bad('until: 2026-12-31', 'until: 2026-11-30'), '13 broken_year')
    assert.equal(
      bad('financedBy: basicPool@', 'financedBy: residentCriticalIllness@'),
      '11 pays_itself',
    )
    assert.equal(bad(/ {2}profit:\n.*\n/, ''), '24 missing_term')
    assert.equal(bad('bears: insurer', 'bears: fund'), '30 useless_term')
    assert.equal(bad('article: 第九条, ', ''), '29 missing_article')
    assert.equal(
      bad('source: contract-2024, article: 第九条', 'source: other, article: 第九条'),
      '29 missing_source',
    )
    assert.equal(
      bad(
        'from: 2024-01-01, source: contract-2024, article: 第十条',
        'from: 2024-06-01, source: contract-2024, article: 第十条',
      ),
      '30 term_begins_late',
    )
    assert.equal(bad('above: 2%, upTo: 5%', 'above: 3%, upTo: 5%'), '39 bad_value')
    assert.equal(
      bad('{ above: 5%, rate: 100% }', '{ above: 5%, upTo: 9%, rate: 100% }'),
      '40 bad_value',
    )
    assert.equal(bad('atLeast: 80', 'atLeast: 95'), '68 bad_value')
    assert.equal(bad('4%', '4'), '29 bad_value')
  })
})
