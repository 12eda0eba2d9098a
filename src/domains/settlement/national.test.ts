import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromNational, NationalBill, SETLINFO_FIELDS, toSetlinfo } from './national.ts'
import {
  COMPONENTS,
  NATIVE_COMPONENTS,
  type NativeComponent,
  type Payer,
  type Settlement,
} from './types.ts'

const zeroes = Object.fromEntries(COMPONENTS.map((name) => [name, 0]))

/** A settlement of one bill with these parts and payers; only what the interface reads is filled in. */
function settled(
  parts: Partial<Record<NativeComponent, number>>,
  payers: Partial<Record<Payer, number>>,
): Omit<Settlement, 'totals'> {
  const total = NATIVE_COMPONENTS.reduce((sum, name) => sum + (parts[name] ?? 0), 0)
  const paid = Object.values(payers).reduce((sum, amount) => sum + amount, 0)
  return {
    total,
    patient: total - paid,
    payers,
    patientParts: zeroes,
    components: Object.fromEntries(
      NATIVE_COMPONENTS.map((name) => [name, { total: parts[name] ?? 0, paid: [], patient: 0 }]),
    ),
    tiers: [
      { tier: 'basic', payer: 'basicPool' },
      { tier: 'critical', payer: 'residentCriticalIllness' },
    ],
  } as unknown as Omit<Settlement, 'totals'>
}

test('every payer stands in its own field, and the sums hold', () => {
  const bill = settled(
    {
      inScope: 1_900_000,
      separateItem: 100_000,
      upfront: 50_000,
      overLimit: 30_000,
      outOfScope: 100_000,
      specialDrug: 20_001,
    },
    {
      basicPool: 1_400_000,
      residentCriticalIllness: 100_000,
      medicalAid: 50_000,
      citySupplementary: 40_000,
      hospital: 9_000,
      personalAccount: 30_000,
      familyAccount: 5_000,
    },
  )
  const deductible = {
    step: 'deductible',
    ordinal: 1,
    limit: 80_000,
    met: 0,
    offset: 0,
    citations: [],
  }
  const steps = [
    { ...deductible, tier: 'basic', applied: 80_000 },
    { ...deductible, tier: 'critical', applied: 500_000 },
  ] as never
  const { setlinfo, withoutField } = toSetlinfo(bill, steps)
  assert.deepEqual(setlinfo, {
    medfee_sumamt: '22000.01',
    fulamt_ownpay_amt: '1200.01',
    overlmt_selfpay: '300.00',
    preselfpay_amt: '500.00',
    inscp_scp_amt: '20000.00',
    act_pay_dedc: '800.00',
    hifp_pay: '14000.00',
    cvlserv_pay: '0.00',
    hifes_pay: '0.00',
    hifmi_pay: '1000.00',
    hifob_pay: '0.00',
    maf_pay: '500.00',
    hosp_part_amt: '90.00',
    oth_pay: '400.00',
    fund_pay_sumamt: '15900.00',
    psn_part_amt: '6010.01',
    acct_pay: '300.00',
    acct_mulaid_pay: '50.00',
    psn_cash_pay: '5660.01',
  })
  assert.deepEqual(Object.keys(setlinfo), Object.keys(SETLINFO_FIELDS))
  assert.deepEqual(withoutField, [])
})

test('a payer that the interface does not know stands in the patient’s cash, and is named', () => {
  const bill = settled({ inScope: 100_000 }, { basicPool: 60_000, individualCommercial: 30_000 })
  const { setlinfo, withoutField } = toSetlinfo(bill, [])
  assert.equal(setlinfo.psn_cash_pay, '400.00')
  assert.deepEqual(withoutField, [{ payer: 'individualCommercial', amount: '300.00' }])
})

const setlinfo = {
  setl_id: 's1',
  psn_no: 'p1',
  setl_begn_date: '2025-01-02',
  setl_end_date: '2025-01-05',
  setl_time: '2025-01-05 16:00:00',
  medfee_sumamt: 300.1,
  med_type: '21',
}

test('items become lines: class, count, limit price and upfront share', () => {
  const bill = NationalBill.parse({
    setlinfo,
    items: [
      {
        det_item_fee_sumamt: '100.00',
        cnt: 2,
        pric_uplmt_amt: '45.5000',
        selfpay_prop: 0.125,
        chrgitm_lv: '02',
      },
      { feedetl_sn: 'x7', det_item_fee_sumamt: 200.1, pric_uplmt_amt: 0, chrgitm_lv: '甲' },
    ],
    answers: { level: '三级' },
  })
  assert.deepEqual(fromNational(bill), {
    amounts: 'yuan',
    persons: [],
    bills: [
      {
        id: 's1',
        person: 'p1',
        admitted: '2025-01-02',
        discharged: '2025-01-05',
        settled: '2025-01-05',
        answers: { level: '三级' },
        lines: [
          {
            id: '1',
            class: '乙',
            amount: '100.00',
            quantity: '2',
            limitPrice: '45.50',
            upfrontShare: '12.5%',
          },
          { id: 'x7', class: '甲', amount: '200.1' },
        ],
      },
    ],
  })
})

test('without items the summary is the bill', () => {
  const bill = NationalBill.parse({ setlinfo: { ...setlinfo, inscp_scp_amt: '300.10' } })
  assert.deepEqual((fromNational(bill).bills as object[])[0], {
    id: 's1',
    person: 'p1',
    admitted: '2025-01-02',
    discharged: '2025-01-05',
    settled: '2025-01-05',
    national: { medfee_sumamt: '300.1', inscp_scp_amt: '300.10' },
  })
})

test('whole percentages, tenths and nothing at all', () => {
  const share = (selfpay_prop: unknown) => {
    const item = { det_item_fee_sumamt: 1, chrgitm_lv: '02', selfpay_prop }
    const bill = fromNational(NationalBill.parse({ setlinfo, items: [item] }))
    return (bill.bills as { lines: { upfrontShare: string }[] }[])[0]?.lines[0]?.upfrontShare
  }
  assert.deepEqual([0, 0.05, '0.1', '0.3333', 1, '1.00'].map(share), [
    '0%',
    '5%',
    '10%',
    '33.33%',
    '100%',
    '100%',
  ])
})

test('amounts that are not amounts are refused', () => {
  for (const medfee_sumamt of ['', '-1', '1.005', 1e21, 'x', null, '1,000'])
    assert.equal(
      NationalBill.safeParse({ setlinfo: { ...setlinfo, medfee_sumamt } }).success,
      false,
    )
})
