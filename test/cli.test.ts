/**
 * The command line as a user meets it: bin/kangyang is started for real, on files in a temporary folder,
 * with the rules of the teaching city.
 */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const BIN = join(ROOT, 'bin/kangyang')
const FOLDER = mkdtempSync(join(tmpdir(), 'kangyang-cli-'))
after(() => rmSync(FOLDER, { recursive: true, force: true }))

type Answer = { readonly code: number | null; readonly out: string; readonly err: string }

async function kangyang(
  args: readonly string[],
  { stdin = '', cwd = FOLDER }: { stdin?: string; cwd?: string } = {},
): Promise<Answer> {
  const child = spawn(BIN, args, { cwd })
  child.stdin.end(stdin)
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { code, out, err }
}

let files = 0

function write(content: unknown): string {
  const path = join(FOLDER, `input-${++files}.json`)
  const text = typeof content === 'string' ? content : JSON.stringify(content, null, 2)
  writeFileSync(path, text)
  return path
}

type Fields = Record<string, unknown>

/** An adult resident of the teaching city. */
const RESIDENT: Fields = {
  id: '居民甲',
  covers: [
    { scheme: 'teaching/shifan/resident', from: '2024-01-01', answers: { class: '成年居民' } },
  ],
}

/**
 * Seven days in a level-2 hospital in 2025: 11,000.00, of which 550.00 is out of scope.
 *
 * The fund pays (10,450.00 − 450.00) × 75% = 7,500.00; what the patient bears is far below the 16,000.00
 * from which critical-illness insurance pays.
 */
const STAY: Fields = {
  id: 'b1',
  person: '居民甲',
  admitted: '2025-03-01',
  discharged: '2025-03-08',
  settled: '2025-03-08',
  answers: { medical: '住院', level: '二级' },
  parts: { inScope: '10450.00', outOfScope: '550.00' },
}

const input = (bills: readonly Fields[] = [STAY], persons: readonly Fields[] = [RESIDENT]) => ({
  amounts: 'yuan',
  persons,
  bills,
})

const later = (fields: Fields): Fields => ({
  ...STAY,
  admitted: '2025-06-01',
  discharged: '2025-06-08',
  settled: '2025-06-08',
  ...fields,
})

describe('settle', { concurrency: 4 }, () => {
  test('the table names every payer, the parts of the patient, and the sum that holds', async () => {
    const { code, out } = await kangyang(['settle', '--input', write(input())])
    assert.equal(code, 0)
    assert.match(out, /账单 b1 · 参保人 居民甲 · 结算日 2025-03-08 · 总费用 11,000.00 元/)
    assert.match(out, /基本医保统筹基金 +│ 居民住院统筹 +│ +7,500.00 │ 虚构/)
    assert.match(out, /居民大病保险 +│ 居民大病保险 +│ +0.00 │/)
    assert.match(out, /个人负担 +│ +│ +3,500.00 │/)
    assert.match(out, /其中：比例自付 +│ +2,500.00 │/)
    assert.match(out, /其中：自费 +│ +550.00 │/)
    assert.match(out, /其中：起付线以下自付 +│ +450.00 │/)
    assert.match(out, /各方支付合计 7,500.00 \+ 个人负担 3,500.00 = 总费用 11,000.00 ✓/)
    assert.match(out, /示例市：数据均为虚构，仅供教学/)
  })

  test('every row of a table is equally wide where a Chinese character takes two columns', async () => {
    const { out } = await kangyang(['settle', '--input', write(input())])
    const widths = out
      .split('\n')
      .filter((line) => /^[┌├│└]/.test(line))
      .map((line) => [...line].reduce((sum, c) => sum + (/[\u2e80-\uffef]/.test(c) ? 2 : 1), 0))
    assert.equal(new Set(widths).size, 1, String(widths))
  })

  test('the same table in English', async () => {
    const { out } = await kangyang(['settle', '--lang', 'en', '--input', write(input())])
    assert.match(out, /Basic pooled fund +│ Resident inpatient +│ +7,500.00 │ invented/)
    assert.match(out, /Check: payers 7,500.00 \+ patient 3,500.00 = total 11,000.00 ✓/)
  })

  test('JSON carries yuan as text, and the document and grade behind every tier', async () => {
    const { code, out } = await kangyang(['settle', '--format', 'json', '--input', write(input())])
    const report = JSON.parse(out)
    assert.equal(code, 0)
    assert.equal(report.format, 'kangyang/settlements@1')
    const [settlement] = report.settlements
    assert.equal(settlement.total, '11000.00')
    assert.equal(settlement.patient, '3500.00')
    assert.deepEqual(settlement.payers, { basicPool: '7500.00' })
    const [basic] = settlement.tiers
    assert.equal(basic.paid, '7500.00')
    assert.deepEqual(basic.badges, ['invented'])
    assert.deepEqual(basic.grades, ['invented'])
    const rule = report.rules[basic.rules.find((name: string) => name.includes('#rate.bands@'))]
    assert.equal(rule.from, '2024-01-01')
    assert.equal(rule.article, '第五十二条')
    assert.equal(rule.grade, 'invented')
  })

  test('CSV has one row a bill under the national field names', async () => {
    const { code, out } = await kangyang(['settle', '--format', 'csv', '--input', write(input())])
    const [head = '', row = ''] = out.replace('\uFEFF', '').split('\n')
    const values = row.split(',')
    const cells = Object.fromEntries(head.split(',').map((name, i) => [name, values[i]]))
    assert.equal(code, 0)
    assert.equal(cells.medfee_sumamt, '11000.00')
    assert.equal(cells.inscp_scp_amt, '10450.00')
    assert.equal(cells.fulamt_ownpay_amt, '550.00')
    assert.equal(cells.hifp_pay, '7500.00')
    assert.equal(cells.fund_pay_sumamt, '7500.00')
    assert.equal(cells.psn_part_amt, '3500.00')
    assert.equal(cells.psn_cash_pay, '3500.00')
    assert.equal(cells.status, 'settled')
  })

  test('a text that a spreadsheet would run as a formula is written as text', async () => {
    const id = '=HYPERLINK("http://example.invalid")'
    const { out } = await kangyang([
      'settle',
      '--format',
      'csv',
      '--input',
      write(input([{ ...STAY, id }])),
    ])
    assert.match(out, /\n"'=HYPERLINK/)
  })

  test('standard input and a byte-order mark are read too', async () => {
    const stdin = `\uFEFF${JSON.stringify(input())}`
    assert.match((await kangyang(['settle', '--input', '-'], { stdin })).out, /7,500.00/)
  })

  test('bills are settled in the order of time, whatever their order in the file', async () => {
    const second = later({ id: 'b2' })
    const { out } = await kangyang([
      'settle',
      '--format',
      'json',
      '--input',
      write(input([second, STAY])),
    ])
    const { settlements } = JSON.parse(out)
    assert.deepEqual(
      settlements.map(({ bill, patientParts }: { bill: string; patientParts: Fields }) => [
        bill,
        patientParts.deductible,
      ]),
      // The second admission of a year is charged 100 yuan less.
      [
        ['b1', '450.00'],
        ['b2', '350.00'],
      ],
    )
  })

  test('the totals of one run continue the next: two files give what one gives', async () => {
    const second = later({ id: 'b2' })
    const together = JSON.parse(
      (await kangyang(['settle', '--format', 'json', '--input', write(input([STAY, second]))])).out,
    )
    const first = JSON.parse(
      (await kangyang(['settle', '--format', 'json', '--input', write(input())])).out,
    )
    const { accounts, totals } = first.totals[0]
    const resumed = JSON.parse(
      (
        await kangyang([
          'settle',
          '--format',
          'json',
          '--input',
          write(input([second], [{ ...RESIDENT, accounts, totals }])),
        ])
      ).out,
    )
    assert.deepEqual(resumed.settlements[0].tiers, together.settlements[1].tiers)
    assert.deepEqual(resumed.totals, together.totals)
  })
})

describe('a bill that is refused', { concurrency: 4 }, () => {
  test('stands in its place with code and remedy, and stops no other: exit code 1', async () => {
    const early = {
      ...STAY,
      id: 'early',
      admitted: '2023-12-01',
      discharged: '2023-12-08',
      settled: '2023-12-08',
    }
    const { code, out } = await kangyang(['settle', '--input', write(input([early, STAY]))])
    assert.equal(code, 1)
    assert.match(out, /✗ 未结算 \[not_covered\] 2023-12-08 没有参加任何社会保障方案/)
    assert.match(out, /处理：核对参保起止日期/)
    assert.match(out, /7,500.00/)
    assert.match(out, /先前的账单 early 未结算/)
    assert.match(out, /已结算 1，未结算 1/)
  })

  const refusals: readonly [string, Fields, Fields, string][] = [
    ['a day that has not come', { settled: '2999-01-01' }, {}, 'date_in_future'],
    [
      'a scheme nobody knows',
      {},
      { covers: [{ scheme: 'teaching/atlantis', from: '2024-01-01' }] },
      'unknown_scheme',
    ],
    ['an injury at work', { cause: 'workInjury' }, {}, 'excluded_cause'],
    ['no hospital level', { answers: { medical: '住院' } }, {}, 'attribute_missing'],
  ]
  for (const [name, bill, person, expected] of refusals)
    test(`${name}: ${expected}`, async () => {
      const path = write(input([{ ...STAY, ...bill }], [{ ...RESIDENT, ...person }]))
      const { code, out } = await kangyang(['settle', '--format', 'json', '--input', path])
      assert.equal(code, 1)
      const [refusal] = JSON.parse(out).refusals
      assert.equal(refusal.code, expected)
      assert(refusal.message.zh && refusal.message.en && refusal.remedy.zh && refusal.remedy.en)
    })

  test('is a row of its own in CSV', async () => {
    const path = write(input([{ ...STAY, cause: 'workInjury' }]))
    const { code, out } = await kangyang(['settle', '--format', 'csv', '--input', path])
    assert.equal(code, 1)
    assert.match(out, /\nb1,居民甲,.*,refused,.*,excluded_cause,/)
  })

  test('what a rule without a first day would pay is refused, and marked where it is allowed', async () => {
    const person = {
      ...RESIDENT,
      covers: [
        { scheme: 'chongqing/yubei/resident', from: '2023-01-01', answers: { plan: '一档' } },
      ],
    }
    const bill = { ...STAY, answers: { medical: '住院', level: '二级' } }
    const path = write(input([bill], [person]))
    assert.match(
      (await kangyang(['settle', '--input', path])).out,
      /\[rule_undated\].*没有注明施行日期/,
    )
    assert.match((await kangyang(['settle', '--allow-undated', '--input', path])).out, /未注明日期/)
  })
})

describe('explain', { concurrency: 4 }, () => {
  test('writes the sum out as a clerk would, with rule, day, article, document and grade', async () => {
    const { code, out } = await kangyang(['explain', '--bill', 'b1', '--input', write(input())])
    assert.equal(code, 0)
    assert.match(out, /计算基数：政策范围内费用 10,450.00/)
    assert.match(out, /起付线（期内第 1 次住院）：450.00；本次扣除 450.00/)
    assert.match(out, /应付：\(10,450.00 − 450.00\) × 75% = 7,500.00/)
    assert.match(
      out,
      /依据 teaching\/shifan\/resident-inpatient#rate.bands · 自 2024-01-01 起 · 第五十二条 \[\d\]/,
    )
    assert.match(out, /\[1\] 示例市虚构文件.* · 虚构：仅供教学/)
    assert.match(out, /不适用：「救助类别」为 普通/)
  })

  test('in English, and after the bills that came before', async () => {
    const path = write(input([STAY, later({ id: 'b2' })]))
    const { out } = await kangyang(['explain', '--lang', 'en', '--bill', 'b2', '--input', path])
    assert.match(out, /deductible \(admission 2 of the period\): 350.00; applied 350.00/)
    assert.match(out, /due on the period .* − due before/)
  })

  test('as JSON, with the same amounts', async () => {
    const path = write(input())
    const { out } = await kangyang(['explain', '--format', 'json', '--bill', 'b1', '--input', path])
    const { settlement, steps, rules } = JSON.parse(out)
    const bands = steps.find(({ step }: { step: string }) => step === 'bands')
    assert.equal(bands.due, '7500.00')
    assert.deepEqual(bands.segments, [{ from: '450.00', to: '10450.00', rate: '75%' }])
    assert.equal(rules[bands.citations[0]].article, '第五十二条')
    assert.equal(settlement.patient, '3500.00')
  })

  test('a refused bill is explained by its refusal', async () => {
    const path = write(input([{ ...STAY, cause: 'workInjury' }]))
    const { code, out } = await kangyang(['explain', '--bill', 'b1', '--input', path])
    assert.equal(code, 1)
    assert.match(out, /\[excluded_cause\].*\n.*工伤保险/)
    assert.match(out, /依据 exclusions#workInjury · 自 2011-07-01 起/)
  })

  test('a bill that is not in the file: exit code 2 and the nearest id', async () => {
    const { code, err } = await kangyang(['explain', '--bill', 'b2', '--input', write(input())])
    assert.equal(code, 2)
    assert.match(err, /did you mean b1\?/)
  })
})

describe('relief', { concurrency: 4 }, () => {
  const POOR = {
    ...RESIDENT,
    attributes: [{ from: '2024-01-01', answers: { category: '低保' } }],
  }
  const relief = (path: string, ...more: string[]) => {
    const named = ['--relief', 'teaching/shifan/year-end', '--period', '2025']
    return kangyang(['relief', '--input', path, ...named, ...more])
  }

  test('for each person the sums of the year, with the rule under each', async () => {
    const { code, out } = await relief(join(ROOT, 'samples/teaching-city.json'))
    assert.equal(code, 0)
    assert.match(out, /个人负担：比例自付 2,483.56 \+ .* = 13,469.45/)
    assert.match(out, /门槛：政策范围内费用 184,709.00 × 5% = 9,235.45；超过部分 4,234.00/)
    assert.match(
      out,
      /应补：4,234.00 × 50% = 2,117.00\n +依据 .*#rate.bands · 自 2024-01-01 起 · 第十七条/,
    )
    assert.match(out, /救助金额：2,117.00 · 虚构/)
    assert.match(out, /不适用：「救助类别」为 普通/)
  })

  test('as JSON; bills that were refused are named', async () => {
    const path = write(input([STAY, { ...later({ id: 'b2' }), cause: 'workInjury' }], [POOR]))
    const { code, out } = await relief(path, '--format', 'json')
    assert.equal(code, 0)
    const { reliefs, rules } = JSON.parse(out)
    assert.equal(reliefs[0].period, '2025')
    assert.deepEqual([reliefs[0].bills, reliefs[0].settledWithout], [['b1'], ['b2']])
    assert.equal(rules[reliefs[0].steps[1].citation].article, '第十六条')
  })

  test('before the year is over it is refused by name: exit code 1', async () => {
    const path = write(input([STAY], [POOR]))
    const { code, out } = await relief(path, '--today', '2025-12-30', '--lang', 'en')
    assert.equal(code, 1)
    assert.match(out, /\[period_not_over\].*ends on 2025-12-31, and today is 2025-12-30/)
  })

  test('a relief or a year that does not exist: exit code 2 and what was meant', async () => {
    const path = write(input())
    const args = (id: string, year: string) => ['--relief', id, '--period', year, '--input', path]
    const misspelt = await kangyang(['relief', ...args('teaching/shifan/year-ends', '2024')])
    assert.deepEqual([misspelt.code, misspelt.out], [2, ''])
    assert.match(misspelt.err, /did you mean teaching\/shifan\/year-end\?/)
    const year = await kangyang(['relief', ...args('teaching/shifan/year-end', '2024-07')])
    assert.equal(year.code, 2)
    assert.match(year.err, /is written 2024, not "2024-07"/)
  })
})

describe('an input file that cannot be used: exit code 3, nothing on standard output', {
  concurrency: 4,
}, () => {
  const gbk = Buffer.from([0x7b, 0x22, 0xd5, 0xcb, 0xb5, 0xa5, 0x22, 0x3a, 0x31, 0x7d])
  const utf16 = Buffer.from('\uFEFF{"amounts": "yuan"}', 'utf16le')
  const raw = (bytes: Buffer) => {
    const path = write('')
    writeFileSync(path, bytes)
    return path
  }
  const bill = (fields: Fields) => () => write(input([{ ...STAY, ...fields }]))

  const cases: readonly [string, () => string, string, RegExp][] = [
    ['no such file', () => join(FOLDER, 'nothing.json'), 'not_found', /nothing.json \[/],
    ['a folder', () => FOLDER, 'unreadable', /it is a folder/],
    ['GBK', () => raw(gbk), 'not_utf8', /looks like GBK.*iconv -f GBK/],
    ['UTF-16', () => raw(utf16), 'not_utf8', /looks like UTF-16LE/],
    [
      '8 MiB and more',
      () => write(`"${'x'.repeat(8 * 1024 * 1024)}"`),
      'too_large',
      /--max-input-mib/,
    ],
    ['a comma too many', () => write('{\n  "amounts": "yuan",\n}'), 'bad_json', /json:3:1 \[/],
    [
      'a key twice',
      () => write('{"bills": [],\n "bills": []}'),
      'duplicate_key',
      /json:2:2 \(bills\)/,
    ],
    [
      'a misspelt field',
      bill({ setled: '2025-03-08' }),
      'unknown_field',
      /did you mean "settled"\?/,
    ],
    ['a number for an amount', bill({ parts: { inScope: 1.1 } }), 'bad_amount', /"1234.50"/],
    [
      'a negative amount',
      bill({ parts: { inScope: '-1' } }),
      'bad_amount',
      /\(bills\[0\].parts.inScope\)/,
    ],
    ['30 February', bill({ admitted: '2025-02-30' }), 'bad_date', /\(bills\[0\].admitted\)/],
    [
      'dates out of order',
      bill({ discharged: '2025-02-01' }),
      'dates_out_of_order',
      /before admitted/,
    ],
    ['a bill twice', () => write(input([STAY, STAY])), 'duplicate_id', /\(bills\[1\].id\)/],
    ['a bill of nobody', bill({ person: '居民乙' }), 'unknown_person', /did you mean "居民甲"\?/],
    [
      'parts that miss the total',
      bill({ parts: { total: '2.00', inScope: '1.00' } }),
      'parts_do_not_add_up',
      /add up to 1.00 yuan, but total is 2.00/,
    ],
    [
      'an unknown answer',
      bill({ answers: { level: '四级' } }),
      'unknown_answer',
      /一级、二级、三级/,
    ],
    [
      'an answer in the wrong place',
      bill({ answers: { class: '在职' } }),
      'wrong_owner',
      /covers\[\].answers/,
    ],
    [
      '乙 without its share',
      bill({ parts: undefined, lines: [{ id: '1', class: '乙', amount: '1.00' }] }),
      'upfront_share_missing',
      /"0%" if there is none/,
    ],
  ]
  for (const [name, path, expected, hint] of cases)
    test(`${name}: ${expected}`, async () => {
      const { code, out, err } = await kangyang(['settle', '--input', path()])
      assert.equal(code, 3)
      assert.equal(out, '')
      assert.match(err, new RegExp(`\\[${expected}\\]`))
      assert.match(err, hint)
    })

  test('one bad bill among good ones settles none of them', async () => {
    const path = write(input([STAY, later({ id: 'b2', settled: 'soon' })]))
    assert.deepEqual((await kangyang(['settle', '--input', path])).out, '')
  })

  test('a larger file is read when the limit is raised', async () => {
    const path = write(`${' '.repeat(8 * 1024 * 1024)}${JSON.stringify(input())}`)
    assert.equal((await kangyang(['settle', '--input', path])).code, 3)
    assert.equal((await kangyang(['settle', '--max-input-mib', '9', '--input', path])).code, 0)
  })
})

describe('a command that cannot be carried out: exit code 2', { concurrency: 4 }, () => {
  const cases: readonly [string, string[], RegExp][] = [
    ['a misspelt option', ['settle', '--inptu', 'x'], /no option --inptu; did you mean --input\?/],
    ['a misspelt command', ['settel'], /no command settel; did you mean settle\?/],
    ['an option of another command', ['lint', '--bill', 'b1'], /"lint" has no option --bill/],
    ['no input', ['settle'], /--input is missing/],
    ['a value left out', ['settle', '--input', '--format', 'json'], /--input needs a value/],
    ['an option twice', ['lint', '--lang', 'zh', '--lang', 'en'], /--lang is given twice/],
    [
      'a format that does not exist',
      ['settle', '--input', 'x', '--format', 'xml'],
      /one of table, json, csv/,
    ],
    [
      'a day that does not exist',
      ['settle', '--input', 'x', '--today', '2025-02-30'],
      /calendar date/,
    ],
    ['a word too many', ['settle', 'bills.json'], /one word too many/],
    ['two words too many', ['new-city', 'a/b', 'c'], /c is one word too many/],
    ['a city without its folder', ['new-city'], /folder is missing; for example kangyang new-city/],
    [
      'a place that does not exist',
      ['lint', '--place', 'teaching/shifna'],
      /no place teaching\/shifna; did you mean teaching\/shifan\?/,
    ],
  ]
  for (const [name, args, hint] of cases)
    test(name, async () => {
      const { code, out, err } = await kangyang(args)
      assert.equal(code, 2)
      assert.equal(out, '')
      assert.match(err, hint)
    })

  test('no command at all shows the help on standard error', async () => {
    const { code, err } = await kangyang([])
    assert.equal(code, 2)
    assert.match(err, /命令 \/ commands/)
  })
})

describe('--out', () => {
  test('the file appears complete, nothing else is left behind, and its mode is kept', async () => {
    const folder = join(FOLDER, 'out')
    mkdirSync(folder)
    const out = join(folder, 'settled.json')
    writeFileSync(out, 'old')
    chmodSync(out, 0o600)
    const answer = await kangyang([
      'settle',
      '--format',
      'json',
      '--input',
      write(input()),
      '--out',
      out,
    ])
    assert.deepEqual(answer, { code: 0, out: '', err: '' })
    assert.equal(JSON.parse(readFileSync(out, 'utf8')).settlements.length, 1)
    assert.deepEqual(readdirSync(folder), ['settled.json'])
    assert.equal(statSync(out).mode & 0o777, 0o600)
  })

  test('the input is never overwritten, by whatever name it goes', async () => {
    const path = write(input())
    const link = join(FOLDER, 'link.json')
    symlinkSync(path, link)
    const { code, err } = await kangyang(['settle', '--input', path, '--out', link])
    assert.equal(code, 2)
    assert.match(err, /would overwrite the input/)
    assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), input())
  })

  test('a folder that does not exist: exit code 2', async () => {
    const out = join(FOLDER, 'nowhere', 'settled.json')
    const { code, err } = await kangyang(['settle', '--input', write(input()), '--out', out])
    assert.equal(code, 2)
    assert.match(err, /cannot write/)
  })

  test('/dev/null stays what it is', async () => {
    assert.equal(
      (await kangyang(['settle', '--input', write(input()), '--out', '/dev/null'])).code,
      0,
    )
    assert(statSync('/dev/null').isCharacterDevice())
  })
})

describe('scheme files', () => {
  const schemes = join(FOLDER, 'schemes')
  const tier = join(schemes, 'teaching/shifan/resident-inpatient.tier.yaml')
  cpSync(join(ROOT, 'schemes/attributes.yaml'), join(schemes, 'attributes.yaml'))
  cpSync(join(ROOT, 'schemes/exclusions.yaml'), join(schemes, 'exclusions.yaml'))
  cpSync(join(ROOT, 'schemes/teaching'), join(schemes, 'teaching'), { recursive: true })
  const original = readFileSync(tier, 'utf8')

  test('schemes lists what a folder holds', async () => {
    const { code, out } = await kangyang(['schemes', '--schemes', schemes])
    assert.equal(code, 0)
    assert.match(
      out,
      /示例市居民医保（虚构） +│ 居民住院统筹 +│ 基本医保统筹基金 │ 虚构 │ 2024-01-01/,
    )
    assert.match(out, /│ teaching\/shifan\/resident +│/)
    assert.doesNotMatch(out, /宁波/)
  })

  test('lint finds no error in the teaching city, and says so as JSON too', async () => {
    assert.equal((await kangyang(['lint', '--schemes', schemes])).code, 0)
    const { out } = await kangyang(['lint', '--schemes', schemes, '--format', 'json'])
    assert.equal(JSON.parse(out).format, 'kangyang/lint@1')
  })

  test('lint of one place says nothing of the others', async () => {
    type Report = { readonly findings: readonly { readonly file: string }[] }
    const args = ['lint', '--schemes', schemes, '--format', 'json', '--place', 'teaching/shifan']
    const { findings } = JSON.parse((await kangyang(args)).out) as Report
    assert(findings.length > 0)
    assert(findings.every(({ file }) => file.startsWith('teaching/shifan/')))
  })

  test('a value without its unit stops everything: exit code 4, with file and line', async () => {
    writeFileSync(tier, original.replace('value: 200000元', 'value: 200000'))
    const answer = await kangyang(['settle', '--schemes', schemes, '--input', write(input())])
    writeFileSync(tier, original)
    assert.equal(answer.code, 4)
    assert.equal(answer.out, '')
    assert.match(answer.err, /resident-inpatient.tier.yaml:\d+: caps.0.*such as 1200元/)
  })

  test('a changed rate changes the money: rules are data', async () => {
    writeFileSync(tier, original.replace('二级: 75%', '二级: 80%'))
    const { out } = await kangyang(['settle', '--schemes', schemes, '--input', write(input())])
    writeFileSync(tier, original)
    assert.match(out, /居民住院统筹 +│ +8,000.00 │/)
  })

  test('a folder without schemes: exit code 4', async () => {
    const { code, err } = await kangyang(['lint', '--schemes', join(FOLDER, 'out')])
    assert.equal(code, 4)
    assert.match(err, /--schemes DIR/)
  })
})

describe('bin/kangyang', () => {
  test('--help, help and --version', async () => {
    assert.match((await kangyang(['--help'])).out, /例 \/ examples/)
    assert.match((await kangyang(['help', 'settle'])).out, /--allow-undated/)
    assert.equal(
      (await kangyang(['settle', '--help'])).out,
      (await kangyang(['help', 'settle'])).out,
    )
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    assert.deepEqual(await kangyang(['--version']), {
      code: 0,
      out: `kangyang ${version}\n`,
      err: '',
    })
  })

  test('works from any folder and through a link, and finds its own schemes', async () => {
    const link = join(FOLDER, 'kangyang link')
    symlinkSync(BIN, link)
    const { status, stdout } = spawnSync(link, ['schemes'], { cwd: '/', encoding: 'utf8' })
    assert.equal(status, 0)
    assert.match(stdout, /teaching\/shifan/)
  })

  test('without node_modules it says what to run', async () => {
    const project = join(FOLDER, 'fresh clone')
    cpSync(join(ROOT, 'bin'), join(project, 'bin'), { recursive: true })
    const { status, stderr } = spawnSync(join(project, 'bin/kangyang'), [], { encoding: 'utf8' })
    assert.equal(status, 2)
    assert.match(stderr, /fresh clone' && npm ci/)
  })

  test('a reader that closes the pipe early is no error', async () => {
    const { stderr } = spawnSync('sh', ['-c', `"${BIN}" schemes | head -1`], { encoding: 'utf8' })
    assert.equal(stderr, '')
  })
})

describe('docs/cli.md', () => {
  const docs = readFileSync(join(ROOT, 'docs/cli.md'), 'utf8')

  test('its example is settled as it stands', async () => {
    const example = /```json\n([\s\S]*?)```/.exec(docs)?.[1]
    const { code, out } = await kangyang(['settle', '--input', '-'], { stdin: example ?? '' })
    assert.equal(code, 0)
    assert.match(out, /7,500.00/)
  })

  test('it has a line on every error and every refusal', () => {
    const faults = readFileSync(join(ROOT, 'src/app/input-fault.ts'), 'utf8')
    const messages = readFileSync(join(ROOT, 'src/app/messages.ts'), 'utf8')
    const refusals = messages.split('function describeRefusal')[1] ?? ''
    const codes = [
      ...faults.matchAll(/^ {2}\| '([a-z0-9_]+)'/gm),
      ...refusals.matchAll(/case '([a-z_]+)'/g),
    ].map(([, code]) => code)
    assert(codes.length > 30, String(codes))
    for (const code of codes) assert(docs.includes(`\`${code}\``), code)
  })
})
