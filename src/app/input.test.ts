import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseVocabulary } from '#rulebook/attributes.ts'
import { readInput } from './input.ts'
import { InputError } from './input-fault.ts'

const VOCABULARY = parseVocabulary(
  'attributes.yaml',
  `remote:
  of: bill
  zh: 就医地
  en: Place of care
  answers: { 市内: Home, 市外转诊: Referred, 市外未转诊: Not referred }
  whenAbsent: 市内
  unregistered: 市外未转诊

level: { of: bill, zh: 医院级别, en: Level, answers: { 二级: Level 2, 三级: Level 3 } }
hospital: { of: bill, zh: 医院名称, en: Hospital, answers: text }
class: { of: cover, zh: 参保人群, en: Class, answers: { 在职: Working, 退休: Retired } }
years: { of: cover, zh: 年数, en: Years, answers: number }
category: { of: person, zh: 救助类别, en: Category, answers: { 低保: Subsistence allowance } }
`,
)

type Fields = Record<string, unknown>

/** A file with one person and one bill; what is given takes the place of what stands here. */
function file({ bill, person, ...top }: { bill?: Fields; person?: Fields } & Fields = {}): string {
  return JSON.stringify({
    amounts: 'yuan',
    persons: [{ id: 'p1', covers: [{ scheme: 'a/b/c', from: '2024-01-01' }], ...person }],
    bills: [
      {
        id: 'b1',
        person: 'p1',
        admitted: '2024-03-01',
        discharged: '2024-03-09',
        settled: '2024-03-10',
        parts: { inScope: '100.00' },
        ...bill,
      },
    ],
    ...top,
  })
}

const line = (fields: Fields = {}): Fields => ({
  id: '1',
  class: '甲',
  amount: '100.00',
  ...fields,
})
const lines = (...all: Fields[]): Fields => ({ parts: undefined, lines: all })
const read = (text: string) => readInput('bills.json', text, VOCABULARY)
const only = <T>(list: readonly T[]): T => {
  assert.equal(list.length, 1)
  return list[0] as T
}

function refused(text: string): { code: string; place: string; remedy: string } {
  try {
    read(text)
  } catch (error) {
    assert(error instanceof InputError, String(error))
    const { fault, place } = error
    assert(fault.what.zh && fault.what.en && fault.remedy.zh, 'said in both languages')
    return { code: fault.code, place: place.path, remedy: fault.remedy.en }
  }
  return assert.fail('was accepted')
}

describe('what a good file says', () => {
  test('the parts of a bill add up to its total, and what is not given is zero', () => {
    const bill = only(read(file({ bill: { parts: { inScope: '80.10', outOfScope: '20' } } })).bills)
    assert.equal(bill.total, 10010)
    assert.deepEqual(bill.parts, {
      inScope: 8010,
      upfront: 0,
      overLimit: 0,
      outOfScope: 2000,
      specialDrug: 0,
      separateItem: 0,
    })
  })

  test('a 乙 line of 100 yuan with 10% upfront and a limit price of 60 leaves 54 in scope', () => {
    const drug = line({ class: '乙', upfrontShare: '10%', quantity: '2', limitPrice: '30.00' })
    const bill = only(read(file({ bill: lines(drug) })).bills)
    assert.deepEqual(bill.parts, {
      inScope: 5400,
      upfront: 600,
      overLimit: 4000,
      outOfScope: 0,
      specialDrug: 0,
      separateItem: 0,
    })
  })

  test('the national summary fields are read by their own names', () => {
    const national = {
      medfee_sumamt: '22000',
      inscp_scp_amt: '20000',
      preselfpay_amt: '500',
      overlmt_selfpay: '0',
      fulamt_ownpay_amt: '1500',
    }
    const bill = only(read(file({ bill: { parts: undefined, national } })).bills)
    assert.equal(bill.total, 2_200_000)
    assert.equal(bill.parts.upfront, 50_000)
  })

  test('amounts may be whole fen', () => {
    const text = file({ amounts: 'fen', bill: { parts: { inScope: 10010 } } })
    assert.equal(only(read(text).bills).total, 10010)
  })

  test('days are counted from the dates unless they are given; a day case counts as one', () => {
    const dayCase = { discharged: '2024-03-01' }
    assert.equal(only(read(file()).bills).days, 8)
    assert.equal(only(read(file({ bill: dayCase })).bills).days, 1)
    assert.equal(only(read(file({ bill: { days: 3 } })).bills).days, 3)
  })

  test('a stay nobody named belongs to the one bill, even if another year uses its id again', () => {
    const stayOf = (bill: Fields) => only(read(file({ bill })).bills).stay
    const nextYear = { admitted: '2025-03-01', discharged: '2025-03-09', settled: '2025-03-10' }
    assert.notEqual(stayOf({}), stayOf(nextYear))
    assert.equal(stayOf({ stay: 's1' }), 's1')
  })

  test('accounts and running totals become the totals that settling begins with', () => {
    const person = {
      accounts: { personal: '12.34' },
      totals: [{ slot: 'a/b/tier:paid', period: '2024', value: 500 }],
    }
    const { totals } = only(read(file({ person })).persons)
    assert.deepEqual(Object.fromEntries(totals), {
      'a/b/tier:paid@2024': 500,
      'account:personal@lifetime': 1234,
    })
  })

  test('what is known of a person is put in the order of time', () => {
    const attributes = [
      { from: '2024-06-01', answers: { category: '低保' } },
      { from: '2023-01-01', answers: {} },
    ]
    const { person } = only(read(file({ person: { attributes } })).persons)
    assert.deepEqual(
      person.attributes.map(({ from }) => from),
      ['2023-01-01', '2024-06-01'],
    )
  })

  test('a byte-order mark has been dropped before; leading white space is harmless', () => {
    assert.equal(read(` \n${file()}`).bills.length, 1)
  })
})

describe('what a bad file is refused for', () => {
  const amount = (value: unknown) => file({ bill: { parts: { inScope: value } } })
  const fen = (value: string) =>
    file({ amounts: 'fen', bill: { parts: { inScope: 'X' } } }).replace('"X"', value)
  const inScope = 'bills[0].parts.inScope'
  const twice = '{"amounts": "yuan", "amounts": "fen"}'
  const cover = (fields: Fields) => ({
    covers: [{ scheme: 'a/b/c', from: '2024-01-01', ...fields }],
  })
  const attributes = (answers: Fields) => ({ attributes: [{ from: '2024-01-01', answers }] })

  const cases: readonly [name: string, text: string, code: string, place: string][] = [
    ['no JSON at all', 'amounts: yuan', 'bad_json', ''],
    ['an empty file', '', 'bad_json', ''],
    ['a comma too many', '{"amounts": "yuan",}', 'bad_json', ''],
    ['a comment', '{"amounts": "yuan" /* money */}', 'bad_json', ''],
    ['NaN', fen('NaN'), 'bad_json', ''],
    ['brackets without end', '['.repeat(100_000), 'bad_json', ''],
    ['a list instead of an object', '[]', 'wrong_type', ''],
    ['null', 'null', 'wrong_type', ''],
    ['one key twice', twice, 'duplicate_key', 'amounts'],
    [
      'a key that reaches behind the data',
      file({ bill: { answers: {} } }).replace('"answers":{}', '"answers":{"__proto__":{}}'),
      'unknown_field',
      'bills[0].answers.__proto__',
    ],
    [
      'an unknown field',
      file({ bill: { admited: '2024-01-01' } }),
      'unknown_field',
      'bills[0].admited',
    ],
    ['no amounts', file({ amounts: undefined }), 'missing_field', 'amounts'],
    ['amounts in dollars', file({ amounts: 'dollars' }), 'bad_choice', 'amounts'],
    ['no persons', file({ persons: undefined }), 'missing_field', 'persons'],
    ['no covers', file({ person: { covers: undefined } }), 'missing_field', 'persons[0].covers'],
    ['bills that are no list', file({ bills: {} }), 'wrong_type', 'bills'],
    ['a bill that is null', file({ bills: [null] }), 'wrong_type', 'bills[0]'],
    ['a number for an id', file({ bill: { id: 1 } }), 'wrong_type', 'bills[0].id'],
    ['an empty id', file({ bill: { id: ' ' } }), 'bad_text', 'bills[0].id'],
    ['an escape sequence', file({ bill: { id: '\u001b[2J' } }), 'bad_text', 'bills[0].id'],
    ['half a character', file({ bill: { id: '\ud800' } }), 'bad_text', 'bills[0].id'],
    ['201 characters', file({ bill: { id: 'x'.repeat(201) } }), 'text_too_long', 'bills[0].id'],
    ['a negative amount', amount('-1.00'), 'bad_amount', inScope],
    ['minus nothing', amount('-0.00'), 'bad_amount', inScope],
    ['NaN as text', amount('NaN'), 'bad_amount', inScope],
    ['three decimals', amount('1.005'), 'bad_amount', inScope],
    ['a number in yuan', amount(100.1), 'bad_amount', inScope],
    ['thousands separators', amount('1,000.00'), 'bad_amount', inScope],
    ['full-width digits', amount('１００'), 'bad_amount', inScope],
    ['too many yuan', amount('99999999999999'), 'bad_amount', inScope],
    ['text in fen', fen('"100"'), 'bad_amount', inScope],
    ['half a fen', fen('100.5'), 'bad_amount', inScope],
    ['a negative number of fen', fen('-1'), 'bad_amount', inScope],
    ['1e400', fen('1e400'), 'bad_amount', inScope],
    ['more than 9e15 fen', fen('9000000000000001'), 'bad_amount', inScope],
    [
      'bills that only together are too much',
      file({
        amounts: 'fen',
        bill: { parts: { inScope: 9e15, upfront: 9e15 } },
      }),
      'bad_amount',
      'bills[0]',
    ],
    [
      'a day that does not exist',
      file({ bill: { settled: '2024-02-30' } }),
      'bad_date',
      'bills[0].settled',
    ],
    [
      'a date without zeros',
      file({ bill: { settled: '2024-3-10' } }),
      'bad_date',
      'bills[0].settled',
    ],
    ['a date as a number', file({ bill: { settled: 20240310 } }), 'wrong_type', 'bills[0].settled'],
    ['the year 24', file({ bill: { settled: '0024-03-10' } }), 'bad_date', 'bills[0].settled'],
    [
      'discharge before admission',
      file({ bill: { discharged: '2024-02-29' } }),
      'dates_out_of_order',
      'bills[0].discharged',
    ],
    [
      'settlement before discharge',
      file({ bill: { settled: '2024-03-08' } }),
      'dates_out_of_order',
      'bills[0].settled',
    ],
    [
      'a cover that ends before it begins',
      file({ person: cover({ until: '2023-12-31' }) }),
      'dates_out_of_order',
      'persons[0].covers[0].until',
    ],
    ['two persons of one id', personsTwice(), 'duplicate_id', 'persons[1].id'],
    [
      'two lines of one id',
      file({ bill: lines(line(), line()) }),
      'duplicate_id',
      'bills[0].lines[1].id',
    ],
    [
      'one running total twice',
      file({
        person: {
          totals: [
            { slot: 's', period: '2024', value: 1 },
            { slot: 's', period: '2024', value: 2 },
          ],
        },
      }),
      'duplicate_id',
      'persons[0].totals[1]',
    ],
    [
      'an account among the totals',
      file({ person: { totals: [{ slot: 'account:personal', period: 'lifetime', value: 1 }] } }),
      'contradiction',
      'persons[0].totals[0].slot',
    ],
    ['a bill of nobody', file({ bill: { person: 'p2' } }), 'unknown_person', 'bills[0].person'],
    ['no charges', file({ bill: { parts: undefined } }), 'missing_field', 'bills[0]'],
    ['no lines', file({ bill: lines() }), 'missing_field', 'bills[0].lines'],
    ['charges given twice', file({ bill: { lines: [line()] } }), 'several_forms', 'bills[0]'],
    [
      'parts that miss the total',
      file({ bill: { parts: { total: '100.01', inScope: '100.00' } } }),
      'parts_do_not_add_up',
      'bills[0].parts.total',
    ],
    [
      'national fields that miss the total',
      file({ bill: { parts: undefined, national: { medfee_sumamt: '5', inscp_scp_amt: '4' } } }),
      'parts_do_not_add_up',
      'bills[0].national.medfee_sumamt',
    ],
    [
      'no upfront share',
      file({ bill: lines(line({ class: '乙' })) }),
      'upfront_share_missing',
      'bills[0].lines[0].upfrontShare',
    ],
    [
      'a share above the whole',
      file({ bill: lines(line({ class: '乙', upfrontShare: '101%' })) }),
      'bad_rate',
      'bills[0].lines[0].upfrontShare',
    ],
    [
      'no such class',
      file({ bill: lines(line({ class: '丁' })) }),
      'bad_choice',
      'bills[0].lines[0].class',
    ],
    [
      'nothing of it',
      file({ bill: lines(line({ quantity: '0' })) }),
      'bad_quantity',
      'bills[0].lines[0].quantity',
    ],
    [
      'a stay transferred from itself',
      file({ bill: { stay: 'a', transferFrom: 'a' } }),
      'contradiction',
      'bills[0].transferFrom',
    ],
    [
      'a place of care that is no division',
      file({ bill: { placeOfCare: '3201' } }),
      'bad_text',
      'bills[0].placeOfCare',
    ],
    [
      'a registration that ends before it begins',
      file({
        person: {
          registrations: [{ kind: '市外转诊', from: '2025-02-01', until: '2025-01-31' }],
        },
      }),
      'dates_out_of_order',
      'persons[0].registrations[0].until',
    ],
    [
      'a registration for care at home',
      file({ person: { registrations: [{ kind: '市内', from: '2025-02-01' }] } }),
      'unknown_answer',
      'persons[0].registrations[0].kind',
    ],
    [
      'a certificate of no known kind',
      file({ person: { certificates: [{ kind: '门特', of: '透析', from: '2025-02-01' }] } }),
      'bad_choice',
      'persons[0].certificates[0].kind',
    ],
    [
      'the account of a year that is not named',
      file({ person: { accounts: { currentYear: '500.00' } } }),
      'contradiction',
      'persons[0].accounts.year',
    ],
    [
      'a newborn without a day of birth',
      file({
        person: { born: undefined, covers: [{ scheme: 's', from: '2025-01-01', newborn: true }] },
      }),
      'contradiction',
      'persons[0].covers[0].newborn',
    ],
    [
      'a liable party for an illness',
      file({ bill: { thirdParty: { share: '70%', advance: true } } }),
      'contradiction',
      'bills[0].thirdParty',
    ],
    [
      'an attribute nobody knows',
      file({ bill: { answers: { levl: '三级' } } }),
      'unknown_attribute',
      'bills[0].answers.levl',
    ],
    [
      'an attribute named like a method',
      file({ bill: { answers: { constructor: '三级' } } }),
      'unknown_attribute',
      'bills[0].answers.constructor',
    ],
    [
      'an answer nobody knows',
      file({ bill: { answers: { level: '四级' } } }),
      'unknown_answer',
      'bills[0].answers.level',
    ],
    [
      'an answer named like a method',
      file({ bill: { answers: { level: 'toString' } } }),
      'unknown_answer',
      'bills[0].answers.level',
    ],
    [
      'a number in quotes',
      file({ person: cover({ answers: { years: '3' } }) }),
      'unknown_answer',
      'persons[0].covers[0].answers.years',
    ],
    [
      'a negative number',
      file({ person: cover({ answers: { years: -3 } }) }),
      'wrong_type',
      'persons[0].covers[0].answers.years',
    ],
    [
      "a person's attribute on the bill",
      file({ bill: { answers: { category: '低保' } } }),
      'wrong_owner',
      'bills[0].answers.category',
    ],
    [
      "a bill's attribute on the person",
      file({ person: attributes({ level: '三级' }) }),
      'wrong_owner',
      'persons[0].attributes[0].answers.level',
    ],
  ]
  for (const [name, text, code, place] of cases)
    test(`${name}: ${code}`, () => {
      const found = refused(text)
      assert.deepEqual({ code: found.code, place: found.place }, { code, place })
    })

  test('the place is given as line and column too', () => {
    const text = '{\n  "amounts": "yuan",\n  "persons": [],\n  "bills": [],\n  "bill": []\n}'
    assert.throws(
      () => read(text),
      (error: InputError) => error.place.line === 5 && error.place.column === 3,
    )
  })

  test('a slip of the pen is answered with the word that was probably meant', () => {
    assert.throws(() => read(file({ bill: { admited: '2024-01-01' } })), /did you mean "admitted"/)
    assert.throws(() => read(file({ bill: { answers: { levl: '三级' } } })), /did you mean "level"/)
  })

  test('what may be answered is listed', () => {
    assert.equal(
      refused(file({ bill: { answers: { level: '四级' } } })).remedy,
      'it can be 二级, 三级',
    )
  })
})

function personsTwice(): string {
  const person = { id: 'p1', covers: [] }
  return file({ persons: [person, person] })
}
