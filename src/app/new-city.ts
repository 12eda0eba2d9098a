import type { PlainDate } from '#base/plain-date.ts'
import type { SchemeText } from '#domains/settlement/index.ts'

/** What is known of a city before its first value is. */
export type NewCity = {
  readonly province: string
  readonly city: string
  readonly zh: string
  readonly en: string
  readonly division: string | undefined
  readonly teaching: boolean
  readonly today: PlainDate
  /** The way from the city's folder to the JSON Schemas, for editors. */
  readonly schemas: string
}

type Tier = {
  readonly name: string
  readonly zh: string
  readonly en: string
  readonly payer: string
  readonly medical: string | undefined
  readonly toObtain: { readonly zh: string; readonly en: string }
}

const INPATIENT = {
  zh: '起付线、支付比例（按级别、人群）、封顶线、年度按哪一天',
  en: 'deductible, rates by level and class, cap, which day governs',
}
const OUTPATIENT = {
  zh: '起付线、支付比例、年度限额',
  en: 'deductible, rates, yearly limit',
}
const CRITICAL = {
  zh: '起付线、分段比例、封顶线、困难群众倾斜、合规医疗费用含不含先行自付',
  en: 'deductible, bands, cap, tilt for assisted people, whether the upfront share counts',
}

const SCHEMES: readonly {
  readonly name: string
  readonly zh: string
  readonly en: string
  readonly tiers: readonly Tier[]
}[] = [
  {
    name: 'resident',
    zh: '居民医保',
    en: 'resident scheme',
    tiers: [
      {
        name: 'resident-inpatient',
        zh: '居民住院',
        en: 'Resident inpatient',
        payer: 'basicPool',
        medical: '住院',
        toObtain: INPATIENT,
      },
      {
        name: 'resident-outpatient',
        zh: '居民门诊',
        en: 'Resident outpatient',
        payer: 'basicPool',
        medical: '普通门诊',
        toObtain: OUTPATIENT,
      },
      {
        name: 'resident-critical-illness',
        zh: '居民大病保险',
        en: 'Resident critical illness',
        payer: 'residentCriticalIllness',
        medical: undefined,
        toObtain: CRITICAL,
      },
    ],
  },
  {
    name: 'employee',
    zh: '职工医保',
    en: 'employee scheme',
    tiers: [
      {
        name: 'employee-inpatient',
        zh: '职工住院',
        en: 'Employee inpatient',
        payer: 'basicPool',
        medical: '住院',
        toObtain: INPATIENT,
      },
      {
        name: 'employee-outpatient',
        zh: '职工门诊',
        en: 'Employee outpatient',
        payer: 'basicPool',
        medical: '普通门诊',
        toObtain: OUTPATIENT,
      },
      {
        name: 'employee-critical-illness',
        zh: '职工大额医疗补助',
        en: 'Employee large-amount subsidy',
        payer: 'employeeLargeAmount',
        medical: undefined,
        toObtain: CRITICAL,
      },
    ],
  },
]

/** Without it, a bill of another kind of care would meet no tier and be settled as if nothing were paid. */
const OTHER_CARE: Tier = {
  name: 'not-published',
  zh: '其他医疗类别（待取得）',
  en: 'Other kinds of care (to be obtained)',
  payer: 'basicPool',
  medical: '门慢特|特药|生育',
  toObtain: {
    zh: '门慢特、特药、生育的标准',
    en: 'chronic disease, special drugs, maternity',
  },
}

/** A title or address that a person must still write. `kangyang lint` asks for it. */
const TO_FILL_IN = '待填写'

/**
 * The files of a city of which nothing is known yet, by their paths below the schemes folder. They load, and every
 * bill is refused by name until somebody fills them in.
 */
export function newCityFiles(city: NewCity): SchemeText[] {
  const folder = `${city.province}/${city.city}`
  const files: [string, string][] = [
    ['place.yaml', placeFile(city)],
    ['README.md', readmeFile(city)],
    ...SCHEMES.flatMap(({ name, zh, en, tiers }): [string, string][] => [
      [`${name}.scheme.yaml`, schemeFile(city, zh, en, tiers)],
      ...tiers.map((tier): [string, string] => [`${tier.name}.tier.yaml`, tierFile(city, tier)]),
    ]),
    [`${OTHER_CARE.name}.tier.yaml`, tierFile(city, OTHER_CARE)],
    [`${city.city}.cases.yaml`, casesFile(city)],
  ]
  return files.map(([name, text]) => ({ path: `${folder}/${name}`, text }))
}

const modeline = ({ schemas }: NewCity, kind: string): string =>
  `# yaml-language-server: $schema=${schemas}/${kind}.schema.json`

function placeFile(city: NewCity): string {
  const { zh, en, division, teaching } = city
  const grade = teaching ? 'invented' : 'C'
  const heading = [
    modeline(city, 'place'),
    `place: { zh: ${quoted(zh)}, en: ${quoted(en)} }`,
    ...(division === undefined ? [] : [`division: '${division}'`]),
    ...(teaching ? ['teaching: true'] : []),
  ]
  return `${heading.join('\n')}
# One entry for each document that was read. Values name it by its key: "source: page".
sources:
  page:
    title: ${TO_FILL_IN}：文件或网页的标题
    address: ${TO_FILL_IN}：网址
    # A the authority's own page at its own address; B named media, insurer or portal; C a copy, or an address not kept;
    # D looks machine-generated; "invented" in teaching places, and there alone.
    grade: ${grade}
    note: ${TO_FILL_IN}：何时见到，有什么要注意 / when it was seen, and what a reader should know
  not-published:
    title: 待取得（未见公布）
    address: 无
    grade: ${grade}
    note: No page was found that gives this value. A bill that needs it is refused by name.
`
}

function schemeFile(city: NewCity, zh: string, en: string, tiers: readonly Tier[]): string {
  return `${modeline(city, 'scheme')}
scheme: { zh: ${quoted(city.zh + zh)}, en: ${quoted(`${city.en} ${en}`)} }
kind: public
# The order in which they pay. A gap such as "covers: supplementary" is where a product that the person holds comes in.
tiers:
${[...tiers, OTHER_CARE].map(({ name }) => `  - ${name}`).join('\n')}
  - covers: supplementary
  - covers: enterprise
  - covers: group
  - covers: individual
`
}

function tierFile(city: NewCity, { zh, en, payer, medical }: Tier): string {
  const splits = payer === 'basicPool'
  const parts = splits ? '[inScope]' : '[inScope, deductible, aboveCap]'
  const condition = `{ ${medical === undefined ? '' : `medical: ${medical}, `}amounts: 全额 }`
  const entry = `from: unknown, observed: ${city.today}, source: not-published`
  return `${modeline(city, 'insurance-tier')}
# Nothing is known yet, so every bill that comes here is refused by name. Each line marked OPEN is a choice that the
# document has to decide; docs/add-a-city.md fills such a file in, docs/formats.md describes every key.
tier: { zh: ${zh}, en: ${en} }
payer: ${payer}
governing: settled # OPEN: admitted, discharged or settled
period: calendar-year # OPEN: calendar-year, year-from-07-01, policy-year
eligibility:
  - { ${entry}, value: ${condition} }
base: ${parts}${splits ? '' : ' # OPEN: is upfront (先行自付) in it?'}
splits: ${splits}
rate:
  axis: net # OPEN: net, bands after the deductible; gross, with it
  over: ${splits ? 'admission' : 'period'} # OPEN: admission or period
  bands:
    - { ${entry}, value: { by medical: {} } }
paysDown: ${parts}
rounding: half-up # OPEN: half-up, down or up
`
}

function readmeFile({ zh, en, teaching }: NewCity): string {
  const invented = teaching
    ? `
**${zh}不存在。** 这里的每一个标准、日期和文号都是虚构的，不得用于任何真实的结算。
**${en} does not exist.** Every value, date and document number here is invented; never settle a real bill with it.
`
    : ''
  return `# ${zh} / ${en}
${invented}
| 方案 / Scheme | 依据 / Rests on |
|---|---|
${SCHEMES.map(({ name }) => `| \`${name}\` | ${TO_FILL_IN} / to be filled in |`).join('\n')}

## 待取得 / To obtain

需要下列标准的账单会被点名拒绝。 A bill that needs one of these is refused by name.

${[...SCHEMES.flatMap(({ tiers }) => tiers), OTHER_CARE].map(({ name, toObtain }) => `- \`${name}\`：${toObtain.zh} / ${toObtain.en}.`).join('\n')}
- 医疗救助 / medical assistance.
`
}

function casesFile({ province, city, zh }: NewCity): string {
  const id = `${province}-${city}`.toUpperCase()
  return `# Worked examples of this city: bills, and the figures that must come out, worked by hand. CONTRIBUTING.md says how they
# are written; \`kangyang examples\` settles them. Replace this one by a bill of the page that you read.

- id: ${id}-REFUSED
  name: ${quoted(`${zh}：标准取得之前，住院账单被点名拒绝，而不是按零支付`)}
  published: own
  mechanisms: [33]
  allowUndated: false
  persons:
    - { id: p, covers: [{ scheme: ${province}/${city}/resident, from: "2024-01-01" }] }
  bills: [{ answers: { medical: 住院 }, parts: { inScope: "1000" } }]
  expect: { refusal: rule_undated }
`
}

/** A text as YAML takes it, whatever signs are in it. */
const quoted = (text: string): string =>
  /^[\p{Script=Han}A-Za-z ]+$/u.test(text) && !/^(true|false|null)$/i.test(text)
    ? text
    : JSON.stringify(text)
