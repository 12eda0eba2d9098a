import assert from 'node:assert/strict'
import { test } from 'node:test'
import { generateBills, type PeerBill, type PeerResult, settleExactly } from './arithmetic.ts'
import { createPublicodes } from './publicodes.ts'
import { createZen } from './zen.ts'

const FIRST_OF_YEAR = {
  upfront: 0,
  outOfScope: 0,
  basicPaid: 0,
  medicalAidPaid: 0,
  supplementaryPaid: 0,
  criticalIllnessBase: 0,
  supplementaryMet: 0,
}

test('a bill of 101,200 yuan in scope passes through all four tiers', () => {
  // Net 100,000: 28,000 + 45,000 = 73,000. Left 28,200, of which 10,200 beyond 18,000: 6,120.
  // Left 22,080: 70 % is 15,456. Left 6,624 and 10,000 upfront: 1,624 beyond 15,000, 80 %: 1,299.20.
  const bill = { ...FIRST_OF_YEAR, inScope: 10_120_000, upfront: 1_000_000, outOfScope: 50_000 }
  assert.deepEqual(settleExactly(bill), {
    basic: 7_300_000,
    criticalIllness: 612_000,
    medicalAid: 1_545_600,
    supplementary: 129_920,
    patient: 1_582_480,
  })
})

test('half a fen goes up, and nothing is paid below the deductible', () => {
  assert.equal(settleExactly({ ...FIRST_OF_YEAR, inScope: 120_005 }).basic, 4)
  assert.equal(settleExactly({ ...FIRST_OF_YEAR, inScope: 120_000 }).basic, 0)
})

test('a cap that is used up pays nothing more', () => {
  const bill = { ...FIRST_OF_YEAR, inScope: 10_120_000, basicPaid: 30_000_000 }
  assert.equal(settleExactly(bill).basic, 0)
  assert.equal(settleExactly({ ...bill, basicPaid: 29_999_999 }).basic, 1)
})

test('the same seed gives the same bills, empty and very large ones among them', () => {
  const bills = generateBills(300, 2024)
  assert.deepEqual(bills, generateBills(300, 2024))
  assert.notDeepEqual(bills, generateBills(300, 2025))
  assert.ok(bills.some((bill) => bill.inScope === 0))
  assert.ok(bills.some((bill) => bill.inScope >= 100_000_000))
  const paid = (tier: keyof PeerResult) => bills.some((bill) => settleExactly(bill)[tier] > 0)
  for (const tier of ['basic', 'criticalIllness', 'medicalAid', 'supplementary'] as const) {
    assert.ok(paid(tier), `no bill reaches ${tier}`)
  }
})

// A fen of tolerance, for programs that compute in binary floats: see the notes of each.
for (const peer of [createZen(), createPublicodes()]) {
  test(`${peer.name} settles 300 bills as the reference does, one by one and together`, async () => {
    const bills = generateBills(300, 2024)
    const together = await peer.settleAll(bills)
    assert.equal(together.length, bills.length)
    for (const [index, bill] of bills.entries()) {
      assertAgrees(await peer.settle(bill), bill)
      assertAgrees(together[index] as PeerResult, bill)
    }
  })
}

function assertAgrees(result: PeerResult, bill: PeerBill): void {
  const expected = settleExactly(bill)
  assert.deepEqual(Object.keys(result).sort(), Object.keys(expected).sort())
  for (const key of Object.keys(expected) as (keyof PeerResult)[]) {
    const difference = Math.abs(result[key] - expected[key])
    assert.ok(
      difference <= 1,
      `${key}: ${result[key]}, not ${expected[key]}, of ${JSON.stringify(bill)}`,
    )
  }
}
