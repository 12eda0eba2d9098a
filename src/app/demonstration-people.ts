import { plainDate } from '#base/plain-date.ts'
import type { CatalogueService } from '#domains/catalogue/service.ts'
import { checkOf } from '#domains/enrolment/index.ts'
import type { ReferralService } from '#domains/enrolment/referrals.service.ts'
import type { RegistryService } from '#domains/enrolment/registry.service.ts'
import type { Change, EnrolmentService } from '#domains/enrolment/service.ts'
import type { SettlementService } from '#domains/settlement/service.ts'
import type { Actor } from '#platform/actor.ts'
import { DEMONSTRATION } from './demonstration.ts'
import { readUpload } from './read-upload.ts'

type Services = {
  readonly service: SettlementService
  readonly catalogue: CatalogueService
  readonly enrolment: EnrolmentService
  readonly referrals: ReferralService
  readonly registry: RegistryService
}

const RESIDENT = 'teaching/shifan/resident'
const EMPLOYEE = 'teaching/shifan/employee'
const GROUP = 'teaching/shifan/products/group'
const HUIMIN = 'teaching/shifan/products/huimin'
const CONSTRUCTION = 'teaching/shifan/special-groups/construction-worker'

/** The people of the demonstration who have histories. All of them are invented; so is the region of their numbers. */
const PEOPLE = [
  { id: 'newborn', name: '示例十', born: '2025-05-01', sex: 'female' },
  { id: 'mother', name: '示例十一', born: '1994-08-16', sex: 'female' },
  { id: 'returned', name: '示例十二', born: '1986-03-09', sex: 'male' },
  { id: 'assisted', name: '示例十三', born: '1971-11-30', sex: 'male' },
  { id: 'twice-filed', name: '示例十四', born: '1958-06-21', sex: 'female' },
  { id: 'builder-a', name: '示例十五', born: '1983-02-14', sex: 'male' },
  { id: 'builder-b', name: '示例十六', born: '1979-09-05', sex: 'male' },
] as const

/**
 * Gives a demonstration people with a past, so that every part of a person's file shows something: a newborn, a break
 * that was repaired, assistance that was approved months later, cover by an employer, two files of one person, an
 * account shared in the family, a construction site. Each step is a command of its own key: done once, however often
 * the server starts; what people changed since stays as they left it.
 */
export async function prepareDemonstrationPeople(services: Services): Promise<void> {
  const { enrolment } = services
  const handler = actorOf('handler')
  for (const { id, name, born, sex } of PEOPLE)
    await enrolment.register(handler, `demonstration person ${id}`, {
      id,
      name,
      idNumber: idNumberOf(born, sex, id),
    })
  await employersAndSites(services, handler)
  await institutions(services, handler)
  for (const [i, [person, change, reason]] of CHANGES.entries())
    await enrolment.change(handler, `demonstration change ${i}`, person, change, reason)
  await services.referrals.enter(
    handler,
    'demonstration referral',
    { person: 'returned' },
    {
      kind: '市外转诊',
      from: 'H101',
      place: '310000',
      since: day('2025-06-01'),
      until: day('2025-08-31'),
      reason: '本院不能确诊（虚构）',
      document: '转诊单 2025-18（虚构）',
    },
  )
  await money(services, handler)
  await bills(services, handler)
  // What was found in the bills waits for somebody to decide; the assistance came after a bill had been settled.
  for (const [i, [person, change, reason]] of LATER.entries())
    await enrolment.change(handler, `demonstration later ${i}`, person, change, reason)
  await mergedPair(services, handler)
}

const actorOf = (name: 'handler' | 'admin'): Actor => ({
  tenant: DEMONSTRATION.tenant.id,
  user: '',
  name,
  role: name,
})
const day = plainDate

/** No region begins with 99: such a number is nobody's. */
function idNumberOf(born: string, sex: 'male' | 'female', id: string): string {
  const serial = 100 + PEOPLE.findIndex((each) => each.id === id) * 2 + (sex === 'male' ? 1 : 0)
  const digits = `990101${born.replaceAll('-', '')}${serial}`
  return digits + checkOf(digits)
}

const enrol = (
  scheme: string,
  from: string,
  more: {
    readonly until?: string
    readonly enrolledOn?: string
    readonly answers?: Readonly<Record<string, string>>
    readonly employer?: string
    readonly premiums?: readonly { readonly payer: string; readonly due: number }[]
  } = {},
): Change => ({
  kind: 'enrol',
  membership: {
    scheme,
    from: day(from),
    until: more.until === undefined ? undefined : day(more.until),
    enrolledOn: day(more.enrolledOn ?? from),
    answers: more.answers ?? {},
    employer: more.employer,
  },
  premiums: more.premiums ?? [],
})
const ADULT = { class: '成年居民' }
const CHILD = { class: '学生儿童' }

type Step = readonly [person: string, change: Change, reason?: string]

const CHANGES: readonly Step[] = [
  [
    'newborn',
    enrol(RESIDENT, '2025-05-01', {
      enrolledOn: '2025-06-20',
      answers: CHILD,
      premiums: [{ payer: 'self', due: 40_000 }],
    }),
    '新生儿落地参保',
  ],
  ['mother', enrol(EMPLOYEE, '2016-07-01', { answers: { class: '在职' } })],
  [
    'mother',
    enrol(GROUP, '2025-01-01', {
      until: '2025-12-31',
      enrolledOn: '2024-12-20',
      employer: 'E101',
      premiums: [{ payer: 'employer', due: 36_000 }],
    }),
  ],
  ['returned', enrol(RESIDENT, '2019-01-01', { until: '2020-12-31', answers: ADULT })],
  [
    'returned',
    enrol(RESIDENT, '2024-01-01', {
      enrolledOn: '2023-12-10',
      answers: ADULT,
      premiums: [{ payer: 'self', due: 40_000 }],
    }),
  ],
  [
    'returned',
    {
      kind: 'repair',
      repair: {
        scheme: RESIDENT,
        from: day('2022-01-01'),
        until: day('2023-12-31'),
        paidOn: day('2024-01-15'),
      },
    },
    '补缴两年',
  ],
  ['returned', { kind: 'declare', disease: '高血压', since: day('2022-09-01') }],
  ['returned', enrol(HUIMIN, '2025-01-01', { until: '2025-12-31', enrolledOn: '2024-11-28' })],
  [
    'assisted',
    enrol(RESIDENT, '2021-01-01', {
      enrolledOn: '2020-12-11',
      answers: ADULT,
      premiums: [{ payer: 'assistance', due: 40_000 }],
    }),
  ],
  ['twice-filed', enrol(RESIDENT, '2025-01-01', { enrolledOn: '2024-11-20', answers: ADULT })],
  [
    'twice-filed',
    {
      kind: 'certificate',
      certificate: { kind: '门慢特', of: '糖尿病', from: day('2025-01-01') },
      document: '门慢特认定表（虚构）',
      source: '经办窗口',
    },
  ],
  [
    'twice-filed',
    {
      kind: 'registration',
      registration: {
        kind: '异地长期居住',
        place: '310000',
        from: day('2025-03-01'),
        until: day('2026-02-28'),
      },
      document: '居住证明（虚构）',
      source: '线上办理',
    },
  ],
  ...(['builder-a', 'builder-b'] as const).flatMap((person, i): Step[] => [
    [person, enrol(RESIDENT, '2023-01-01', { enrolledOn: '2022-12-01', answers: ADULT })],
    [
      person,
      {
        kind: 'site',
        site: 'S101',
        from: day(i === 0 ? '2025-03-01' : '2025-05-10'),
        until: day(i === 0 ? '2025-06-30' : '2025-09-20'),
      },
      '出险后补登记',
    ],
  ]),
]

const LATER: readonly Step[] = [
  [
    'assisted',
    {
      kind: 'status',
      status: { attribute: 'category', value: '低保', from: day('2025-03-01'), until: undefined },
    },
    '六月审批，自三月起',
  ],
  ['twice-filed', { kind: 'search-history' }],
]

async function employersAndSites({ registry }: Services, handler: Actor): Promise<void> {
  for (const [id, name] of [
    ['E101', '示例食品厂（虚构）'],
    ['E102', '示例建筑公司（虚构）'],
  ] as const)
    await registry.addEmployer(handler, `demonstration employer ${id}`, { id, name })
  await registry.roster(handler, 'demonstration roster', {
    employer: 'E101',
    person: 'mother',
    from: day('2019-04-01'),
    until: undefined,
  })
  const shared = { employer: 'E102', scheme: CONSTRUCTION, from: day('2025-01-01') }
  await registry.addSite(handler, 'demonstration site 1', {
    ...shared,
    id: 'S101',
    name: '示例一号工地',
    until: day('2025-12-31'),
    headcount: 2,
    areaM2: undefined,
  })
  await registry.addSite(handler, 'demonstration site 2', {
    ...shared,
    id: 'S102',
    name: '示例二号工地',
    until: day('2026-06-30'),
    headcount: undefined,
    areaM2: 12_000,
  })
}

/** A hospital that was raised in the middle of a year, and one whose agreement has ended. */
async function institutions({ registry }: Services, handler: Actor): Promise<void> {
  const add = async (
    id: string,
    name: string,
    kind: 'hospital' | 'clinic',
    levels: readonly (readonly [from: string, level: string])[],
    agreements: readonly (readonly [kind: string, from: string, until?: string])[],
  ) => {
    const key = `demonstration institution ${id}`
    await registry.addInstitution(handler, key, { id, name, kind })
    for (const [from, level] of levels)
      await registry.level(handler, `${key} ${from}`, id, {
        from: day(from),
        level,
        document: `示例卫发〔${from.slice(0, 4)}〕1号（虚构）`,
      })
    for (const [what, from, until] of agreements)
      await registry.agreement(handler, `${key} ${what} ${from}`, id, {
        kind: what,
        from: day(from),
        until: until === undefined ? undefined : day(until),
        document: `定点协议 ${from.slice(0, 4)}（虚构）`,
      })
  }
  await add(
    'H101',
    '示例市第一人民医院',
    'hospital',
    [
      ['2018-01-01', '二级'],
      ['2024-07-01', '三级'],
    ],
    [
      ['住院', '2018-01-01'],
      ['门诊', '2020-01-01'],
    ],
  )
  await add(
    'C101',
    '示例市城东社区卫生服务中心',
    'clinic',
    [['2019-01-01', '社区']],
    [['门诊', '2019-01-01', '2024-12-31']],
  )
}

/** Premiums that came in or went back, an account that is credited, used and shared with the child. */
async function money({ enrolment }: Services, handler: Actor): Promise<void> {
  const premium = (
    person: string,
    scheme: string,
    from: string,
    payer: string,
    posting: 'collected' | 'refunded',
    amount: number,
  ) =>
    enrolment.premium(
      handler,
      `demonstration premium ${person} ${posting}`,
      person,
      { scheme, from: day(from), payer, posting, amount },
      undefined,
    )
  await premium('newborn', RESIDENT, '2025-05-01', 'self', 'collected', 40_000)
  await premium('mother', GROUP, '2025-01-01', 'employer', 'collected', 36_000)
  await premium('returned', RESIDENT, '2024-01-01', 'self', 'collected', 40_000)
  await premium('assisted', RESIDENT, '2021-01-01', 'assistance', 'collected', 40_000)
  await enrolment.accountUse(actorOf('admin'), 'demonstration permitted use', {
    purpose: '购买医疗器械',
    from: day('2020-01-01'),
    permitted: true,
    source: '示例市个人账户管理办法（虚构）',
    article: '第六条',
  })
  await enrolment.accountUse(actorOf('admin'), 'demonstration use not permitted', {
    purpose: '健身',
    from: day('2020-01-01'),
    permitted: false,
    source: '示例市个人账户管理办法（虚构）',
    article: '第七条',
  })
  await enrolment.family(handler, 'demonstration family', {
    owner: 'mother',
    member: 'newborn',
    relation: 'child',
    from: day('2025-06-20'),
    until: null,
  })
  const account = (
    key: string,
    act: 'credit' | 'use' | 'share',
    amount: number,
    on: string,
    more: { readonly purpose?: string; readonly counterpart?: string; readonly reference: string },
  ) =>
    enrolment.account(handler, `demonstration account ${key}`, 'mother', {
      act,
      amount,
      on: day(on),
      purpose: more.purpose,
      counterpart: more.counterpart,
      reference: more.reference,
    })
  await account('credit', 'credit', 240_000, '2025-01-31', { reference: '2025 年 1 月划账' })
  await account('use', 'use', 36_800, '2025-03-12', {
    purpose: '购买医疗器械',
    reference: '发票 000123（虚构）',
  })
  await account('share', 'share', 180_000, '2025-07-01', {
    counterpart: 'newborn',
    reference: '家庭共济申请 1（虚构）',
  })
}

/** Bills whose institutions and certificates a person may compare; those of the past are settled. */
async function bills({ service, catalogue }: Services, handler: Actor): Promise<void> {
  const { book } = await service.rules(handler)
  const bill = (
    id: string,
    person: string,
    days: readonly [admitted: string, discharged: string],
    answers: Readonly<Record<string, string>>,
    inScope: string,
  ) => ({
    id,
    person,
    admitted: days[0],
    discharged: days[1],
    settled: days[1],
    answers,
    parts: { inScope, upfront: '320.00', outOfScope: '145.50' },
  })
  const hospital = '示例市第一人民医院'
  const inpatient = { medical: '住院', level: '三级', hospital }
  const all = [
    // The hospital was 三级 by then: the bill says 二级.
    bill(
      'newborn-2025-05',
      'newborn',
      ['2025-05-12', '2025-05-19'],
      { ...inpatient, level: '二级' },
      '6840.00',
    ),
    bill('assisted-2025-04', 'assisted', ['2025-04-02', '2025-04-11'], inpatient, '18450.00'),
    bill('builder-2025-08', 'builder-b', ['2025-08-04', '2025-08-15'], inpatient, '23100.00'),
    bill(
      'twice-filed-2025-02',
      'twice-filed',
      ['2025-02-18', '2025-02-18'],
      {
        medical: '门慢特',
        level: '社区',
        disease: '糖尿病',
        hospital: '示例市城东社区卫生服务中心',
      },
      '860.00',
    ),
  ]
  const persons = await service.knownPersons(
    handler,
    PEOPLE.map(({ id }) => id),
  )
  const codes = await catalogue.catalogueFor(handler, [])
  const upload = readUpload({ amounts: 'yuan', bills: all }, book, persons, codes)
  await service.addBills(handler, 'demonstration people', { persons: [], bills: upload.bills })
  for (const { id } of all) await service.settle(handler, `demonstration ${id}`, id)
}

/** Somebody was filed a second time at a counter, without their number; both files are one again. */
async function mergedPair({ enrolment }: Services, handler: Actor): Promise<void> {
  const second = { id: 'twice-filed-2', name: '示例十四', born: day('1958-06-21') }
  await enrolment.register(handler, 'demonstration second file', { ...second, sex: 'female' })
  await enrolment.change(
    handler,
    'demonstration second cover',
    second.id,
    enrol(RESIDENT, '2022-01-01', { until: '2024-12-31', answers: ADULT }),
    undefined,
  )
  await enrolment.merge(handler, 'demonstration merge', {
    from: second.id,
    into: 'twice-filed',
    reason: '同一人，窗口未录证件号码',
  })
}
