import type { OptionName } from './options.ts'

export type CommandName =
  | 'settle'
  | 'explain'
  | 'relief'
  | 'lint'
  | 'schemes'
  | 'schema'
  | 'new-city'
  | 'city'
  | 'batch'
  | 'whatif'
  | 'replay'
  | 'compile'
  | 'serve'
  | 'ledger'
  | 'payments'
  | 'contract'
  | 'log'
  | 'verify'
  | 'backup'
  | 'restore'
  | 'keys'
  | 'examples'

/** What each command is for, what it takes, and how it is typed. */
export const COMMANDS: Readonly<
  Record<
    CommandName,
    {
      readonly zh: string
      readonly en: string
      /** What stands behind the command without an option, as help shows it. */
      readonly operand?: string
      readonly options: readonly OptionName[]
      readonly examples: readonly string[]
    }
  >
> = {
  settle: {
    zh: '结算文件里的全部账单',
    en: 'settle every bill of a file',
    options: [
      'schemes',
      'catalogue',
      'input',
      'format',
      'allow-undated',
      'lang',
      'out',
      'max-input-mib',
      'today',
    ],
    examples: [
      'kangyang settle --input samples/teaching-city.json --allow-undated',
      'kangyang settle --input bills.json --format json --out settled.json',
      'kangyang settle --input - --format csv < bills.json > settled.csv',
    ],
  },
  explain: {
    zh: '逐步写出一张账单的算法和依据',
    en: 'work one bill out by hand, with the rule behind every step',
    options: [
      'schemes',
      'catalogue',
      'input',
      'bill',
      'format',
      'allow-undated',
      'lang',
      'out',
      'max-input-mib',
      'today',
    ],
    examples: [
      'kangyang explain --input bills.json --bill b1',
      'kangyang explain --input bills.json --bill b1 --lang en',
    ],
  },
  relief: {
    zh: '结算全部账单后，算出一年的年终补偿或依申请救助',
    en: "settle every bill, then work out a year's relief beside them",
    options: [
      'schemes',
      'catalogue',
      'input',
      'relief',
      'period',
      'format',
      'allow-undated',
      'lang',
      'out',
      'max-input-mib',
      'today',
    ],
    examples: [
      'kangyang relief --input samples/teaching-city.json --relief teaching/shifan/year-end --period 2025',
      'kangyang relief --input bills.json --relief teaching/shifan/year-end --period 2025 --format json',
    ],
  },
  lint: {
    zh: '检查方案文件',
    en: 'check the scheme files',
    options: ['schemes', 'place', 'format', 'lang', 'out'],
    examples: ['kangyang lint', 'kangyang lint --place teaching/shifan --format json'],
  },
  schemes: {
    zh: '列出地区、方案、待遇档和来源等级',
    en: 'list places, schemes, tiers and the grades of their sources',
    options: ['schemes', 'format', 'lang', 'out'],
    examples: ['kangyang schemes', 'kangyang schemes --lang en'],
  },
  examples: {
    zh: '重新结算全部算例，写成一页',
    en: 'settle every worked example again and write the page of results',
    options: ['schemes', 'out'],
    examples: ['kangyang examples --out docs/examples.md'],
  },
  schema: {
    zh: '输出方案文件的 JSON Schema',
    en: 'print the JSON Schemas of scheme files into a folder',
    options: ['out'],
    examples: ['kangyang schema --out docs/schema'],
  },
  'new-city': {
    zh: '新建一个地区的文件夹，待填写',
    en: "make a city's folder, to be filled in",
    operand: 'PROVINCE/CITY',
    options: ['zh', 'en', 'division', 'teaching', 'schemes', 'lang', 'today'],
    examples: [
      'kangyang new-city myprovince/mycity --zh 某市 --en Mycity --division 999999',
      'kangyang new-city teaching/xizuo --zh 习作市 --en Xizuo --teaching',
    ],
  },
  city: {
    zh: '虚构一座城市：人口和一年的账单（Parquet）',
    en: 'invent a city: its people and a year of their bills, as Parquet',
    options: [
      'persons',
      'year',
      'seed',
      'lines',
      'place',
      'out',
      'schemes',
      'allow-undated',
      'workers',
      'lang',
    ],
    examples: [
      'kangyang city --persons 100000 --year 2025 --seed 7 --out city',
      'kangyang city --persons 2000 --year 2025 --lines --out town --place teaching/shifan',
    ],
  },
  batch: {
    zh: '批量结算任意多的账单（Parquet、CSV）',
    en: 'settle any number of bills (Parquet, CSV)',
    operand: 'settle',
    options: [
      'bills',
      'persons',
      'out',
      'schemes',
      'allow-undated',
      'today',
      'bucketed',
      'bucket-persons',
      'codes',
      'workers',
      'explain',
      'bill',
      'format',
      'lang',
    ],
    examples: [
      "kangyang batch settle --bills 'city/bills-*.parquet' --persons 'city/persons-*.parquet' --out results",
      'kangyang batch settle --out results --explain 4711',
    ],
  },
  whatif: {
    zh: '情景推演：一年的账单按草案规则再结算一次，差在哪里',
    en: 'what if: a year of bills settled under a draft of rules, and what differs',
    operand: 'DRAFT…',
    options: [
      'bills',
      'persons',
      'out',
      'drafts',
      'keep',
      'capacity',
      'capacity-source',
      'elasticity',
      'premium',
      'take-up',
      'selection',
      'loss-ratio',
      'schemes',
      'allow-undated',
      'today',
      'bucketed',
      'bucket-persons',
      'workers',
      'lang',
    ],
    examples: [
      "kangyang whatif draft.yaml --bills 'city/bills-*.parquet' --persons 'city/persons-*.parquet' --out whatif",
      "kangyang whatif draft.yaml --bills 'city/bills-*.parquet' --persons 'city/persons-*.parquet' --out whatif --keep teaching/shifan/resident-inpatient=120000000",
      "kangyang whatif --drafts 'drafts/*.yaml' --bills 'city/bills-*.parquet' --persons 'city/persons-*.parquet' --out whatif",
    ],
  },
  replay: {
    zh: '办理等待重新结算的参保人，可随时停止、接着办',
    en: 'settle again the persons who wait for it; it may be stopped, and goes on',
    options: ['database-url'],
    examples: ['DATABASE_URL=postgres://… kangyang replay'],
  },
  compile: {
    zh: '把方案编译为标准 SQL，供 DuckDB、ClickHouse、Spark 结算',
    en: 'compile schemes to standard SQL for DuckDB, ClickHouse and Spark',
    operand: 'SCHEME…',
    options: [
      'dialect',
      'year',
      'from',
      'until',
      'bills',
      'persons',
      'allow-undated',
      'schemes',
      'out',
    ],
    examples: [
      'kangyang compile myprovince/mycity/resident --year 2025 --out settle.sql',
      "kangyang compile myprovince/mycity/resident --dialect spark --bills 'city/bills-*.parquet' --persons 'city/persons-*.parquet'",
      'kangyang compile',
    ],
  },
  serve: {
    zh: '启动网页和接口',
    en: 'serve the console and the HTTP interface',
    options: ['port', 'host', 'data', 'database-url', 'public-url', 'demo', 'no-demo', 'schemes'],
    examples: [
      'kangyang serve',
      'kangyang serve --port 9000 --data /var/lib/kangyang --no-demo',
      'DATABASE_URL=postgres://… kangyang serve --public-url https://yibao.example.cn',
    ],
  },
  verify: {
    zh: '核对整个数据库：重新计算每笔结算和累计值，并核对总账和访问日志',
    en: 'verify the whole database: every settlement and total made again, the ledger, and the access log',
    options: ['head', 'data', 'database-url', 'lang', 'out'],
    examples: ['kangyang verify', 'kangyang verify --head heads.txt --lang en'],
  },
  backup: {
    zh: '把整个数据库备份到一个文件，服务器可以照常运行',
    en: 'back the whole database up into one file, while the server runs or not',
    operand: 'FILE',
    options: ['data', 'database-url', 'lang'],
    examples: [
      'kangyang backup /media/elsewhere/kangyang-2026-11-26.backup',
      'DATABASE_URL=postgres://… KANGYANG_DATA_KEY=… kangyang backup kangyang.backup',
    ],
  },
  keys: {
    zh: '数据密钥：在用情况、新密钥、把全部值改以新密钥封存',
    en: 'data keys: which are in use, a new one, and everything sealed anew under it',
    operand: 'status|new|rotate',
    options: ['data', 'database-url', 'lang'],
    examples: ['kangyang keys status', 'kangyang keys new', 'kangyang keys rotate'],
  },
  restore: {
    zh: '把备份恢复到空的数据库，全部成功或什么也不写，然后核对',
    en: 'restore a backup into an empty database, all or nothing, and verify it',
    operand: 'FILE',
    options: ['data', 'database-url', 'lang'],
    examples: ['kangyang restore kangyang.backup --data /var/lib/kangyang'],
  },
  ledger: {
    zh: '核对总账：借贷平衡、与结算逐笔相符、输出哈希',
    en: 'verify the ledger: both sides balance, it agrees with every settlement; prints its hashes',
    operand: 'verify',
    options: ['data', 'database-url', 'lang', 'out'],
    examples: ['kangyang ledger verify', 'kangyang ledger verify --lang en --out ledger.txt'],
  },
  payments: {
    zh: '恢复备份后，用已送银行的付款文件和回盘文件对账，再放开付款；或暂停付款',
    en: 'after a restore, reconcile with the files that were sent to the bank and its answers, then let payments go on; or hold them',
    operand: 'reconcile|hold FILE…',
    options: [
      'by',
      'reason',
      'bank-orders',
      'bank-yuan',
      'nothing-sent',
      'tenant',
      'data',
      'database-url',
      'lang',
    ],
    examples: [
      'kangyang payments reconcile sent/*.xml answers/*.xml --bank-orders 214 --bank-yuan 1280000.00 --by 王五 --reason 恢复昨日备份',
      'kangyang payments reconcile --nothing-sent --by 王五 --reason 备份后没有送过银行',
      'kangyang payments hold --reason 数据库由快照恢复',
    ],
  },
  contract: {
    zh: '承办合同：以新旧规则重放一年，证明政策变化的影响；或按同一时刻再放一次',
    en: 'contracts with insurers: replay a year under the old and the new rules, to prove what a change of policy cost; or run a proof again',
    operand: 'prove|again',
    options: [
      'contract',
      'year',
      'before',
      'after',
      'proof',
      'by',
      'tenant',
      'data',
      'database-url',
      'lang',
    ],
    examples: [
      'kangyang contract prove --contract shifan-critical-illness --year 2025 --before 3 --after 4 --by 王五',
      'kangyang contract again --proof 6f9b2c1e-0d57-4c55-9d0e-5d1f1c1f2a11 --by 赵六',
    ],
  },
  log: {
    zh: '核对访问日志的哈希链、输出链头、立即封存',
    en: 'check the hash chain of the access log, print its head, seal what waits',
    operand: 'verify|head|seal',
    options: ['head', 'data', 'database-url', 'lang', 'out'],
    examples: [
      'kangyang log verify',
      'kangyang log head --out head-2026-11-26.txt',
      'kangyang log verify --head head-2026-11-26.txt',
    ],
  },
}

const OPTIONS: Readonly<Record<OptionName, readonly [string, string, string]>> = {
  schemes: [
    '--schemes DIR',
    '方案文件夹，默认为本项目的 schemes',
    "folder of schemes; the project's own by default",
  ],
  catalogue: [
    '--catalogue DIR',
    '目录文件夹（按地区），或 地区=文件；代替方案文件夹中同一地区的目录',
    "folder of catalogues by place, or PLACE=FILE; stands in for the same place's in the schemes folder",
  ],
  input: [
    '--input FILE',
    '输入文件（JSON，UTF-8）；- 为标准输入',
    'input file (JSON, UTF-8); - is standard input',
  ],
  bill: ['--bill ID', '要说明的账单编号', 'the bill to explain'],
  relief: [
    '--relief ID',
    '要计算的救助，例如 teaching/shifan/year-end',
    'the relief to work out, such as teaching/shifan/year-end',
  ],
  period: [
    '--period YEAR',
    '哪一年：2024；从某日起算的年度写首日，如 2024-07-01',
    'which year: 2024, or the first day of a year from another day, 2024-07-01',
  ],
  format: [
    '--format F',
    'table（默认）、json；settle 还有 csv',
    'table (default) or json; settle has csv too',
  ],
  'allow-undated': [
    '--allow-undated',
    '使用没有注明施行日期的取值，并加标记',
    'use values whose first day is not stated, and mark them',
  ],
  lang: ['--lang zh|en', '报告的语言，默认 zh', 'language of the report, zh by default'],
  out: [
    '--out FILE',
    '写入文件（完整写好才出现）',
    'write to a file, which appears only when complete',
  ],
  'max-input-mib': ['--max-input-mib N', '输入文件上限，默认 8', 'largest input, 8 by default'],
  today: [
    '--today YYYY-MM-DD',
    '当作今天的日期，默认为中国今天',
    'the day to take for today; by default today in China',
  ],
  port: [
    '--port N',
    '端口，默认 8080；被占用则用下一个空闲的',
    '8080 by default; if taken, the next free one',
  ],
  host: ['--host ADDRESS', '监听地址，默认 127.0.0.1', 'where to listen, 127.0.0.1 by default'],
  data: [
    '--data DIR',
    '自带数据库的文件夹，默认为本项目的 .data',
    "folder of the built-in database; the project's .data by default",
  ],
  'database-url': [
    '--database-url URL',
    '改用自己的 PostgreSQL；也可设 DATABASE_URL',
    'use your own PostgreSQL instead; or set DATABASE_URL',
  ],
  'public-url': [
    '--public-url URL',
    '浏览器看到的地址（经 https 代理时）',
    'the address browsers see, behind an https proxy',
  ],
  demo: [
    '--demo',
    '演示：虚构数据和公开的密码；自带数据库时默认如此',
    'demonstration: invented data, public passwords; the default with the built-in database',
  ],
  'no-demo': [
    '--no-demo',
    '不演示：首次启动给出一次性管理员密码',
    'no demonstration: the first start tells a one-time administrator password',
  ],
  place: [
    '--place FOLDER',
    '只看这个地区文件夹，例如 teaching/shifan',
    'look at this place alone, such as teaching/shifan',
  ],
  zh: ['--zh NAME', '中文地名', 'the Chinese name'],
  en: ['--en NAME', '英文地名', 'the English name'],
  division: ['--division CODE', '六位行政区划代码', 'the six-digit code of the division'],
  teaching: [
    '--teaching',
    '教学用的虚构地区：其中一切取值都是虚构',
    'an invented place for teaching: every value in it is invented',
  ],
  persons: [
    '--persons N|FILES',
    'city：人数；batch：参保人员文件',
    'of city: how many; of batch: the files of persons',
  ],
  bills: ['--bills FILES', '账单文件，可用 *', 'the files of bills; * may stand for any name'],
  year: ['--year YYYY', '账单的年份', 'the year of the bills'],
  dialect: [
    '--dialect NAME',
    'duckdb（默认）、clickhouse 或 spark',
    'duckdb (the default), clickhouse or spark',
  ],
  from: ['--from DATE', '账单的首日', 'the first day of the bills'],
  until: ['--until DATE', '账单的末日', 'the last day of the bills'],
  seed: [
    '--seed N',
    '同一个数得到同样的城市，默认 1',
    'the same number gives the same city; 1 by default',
  ],
  lines: ['--lines', '账单带明细', 'bills with their charges'],
  bucketed: [
    '--bucketed',
    '每个账单文件含完整的人：一个人的账单不分在两个文件里',
    "each file of bills holds whole persons: nobody's bills are in two files",
  ],
  'bucket-persons': [
    '--bucket-persons N',
    '每组人数，默认 100000；越小越省内存',
    'persons a bucket, 100000 by default; fewer take less memory',
  ],
  codes: [
    '--codes',
    '一并保存每张账单结算前的累计数，由此可重现说明',
    'keep what each bill was settled from, so that it can be explained again',
  ],
  explain: [
    '--explain PERSON',
    '写出批量中一个人的全年账单',
    "print one person's bills of a batch",
  ],
  keep: [
    '--keep TIER=YUAN',
    '求 $x 的取值，使这一层的支出不超过这么多',
    'look for the value of $x at which this tier pays no more than that',
  ],
  drafts: [
    '--drafts FILES',
    '逐一推演多份草案，与同一基线比较：基线只结算一次，账单只读一次',
    'many drafts one after another against one baseline, which is settled once, and its bills read once',
  ],
  capacity: [
    '--capacity YUAN',
    '家庭每名成员一年的支付能力，用来数灾难性医疗支出家庭',
    'what each member of a household can pay in a year, to count catastrophic spending',
  ],
  'capacity-source': [
    '--capacity-source TEXT',
    '支付能力的依据，例如统计年鉴；写入报告',
    'where the capacity to pay is from, such as a statistical yearbook; the report names it',
  ],
  premium: [
    '--premium SCHEME',
    '求这一产品在草案规则下的保费：如同人人都参保再结算一遍',
    'the premium of this product under the draft: everything is settled once more as if everybody held it',
  ],
  'take-up': [
    '--take-up N%',
    '假设：参保率，例如 40%',
    'an assumption: how many hold it, such as 40%',
  ],
  selection: [
    '--selection N',
    '假设：会得到赔付的人参保的几率（odds）是其他人的几倍，默认 1',
    'an assumption: how many times the odds of the others those have to hold it whom it would pay something; 1 by default',
  ],
  'loss-ratio': [
    '--loss-ratio N%',
    '保费中用于赔付的比例，默认 100%',
    'which part of the premium is paid out; 100% by default',
  ],
  elasticity: [
    '--elasticity N',
    '假设：个人负担每降 1%，就医费用增加百分之几，例如 0.2',
    'an assumption: by how many per cent care grows where its price to a patient falls by one, such as 0.2',
  ],
  workers: ['--workers N', '线程数，默认为核数', 'threads; one a core by default'],
  head: [
    '--head FILE',
    '另存的链头，逐行；链须包含它们',
    'heads kept elsewhere, one a line; the chain has to contain them',
  ],
  by: ['--by NAME', '谁在办理', 'who does it'],
  reason: ['--reason TEXT', '原因', 'why'],
  tenant: ['--tenant ID', '哪个机构；只有一个时可省', 'which tenant, where there is more than one'],
  contract: ['--contract ID', '承办合同的编号', 'the id of the contract'],
  proof: ['--proof ID', '哪一次证明', 'which proof'],
  before: [
    '--before RULES',
    '旧规则：版本号或草稿编号',
    'the old rules: a version, or the id of a draft',
  ],
  after: [
    '--after RULES',
    '新规则：版本号或草稿编号',
    'the new rules: a version, or the id of a draft',
  ],
  'bank-orders': [
    '--bank-orders N',
    '银行在这些文件的日期内受理了多少笔付款',
    'how many orders the bank took in the days of these files',
  ],
  'bank-yuan': [
    '--bank-yuan AMOUNT',
    '这些付款共多少元，按银行所说',
    'what they come to in yuan, as the bank says',
  ],
  'nothing-sent': [
    '--nothing-sent',
    '备份以来没有送过银行任何付款，银行也这样说',
    'nothing was sent to a bank since the backup, and the bank says so',
  ],
  help: ['--help', '显示说明', 'show this help'],
  version: ['--version', '显示版本', 'show the version'],
}

const EXIT_CODES = `退出码 / exit codes
  0   全部完成 / all done              1   有账单未结算、lint 有错误或核对不符 / a bill refused, an error of lint, or something that does not verify
  2   用法有误 / bad usage             3   输入文件有误 / bad input file
  4   方案文件有误 / bad scheme file   70  内部错误 / internal bug`

export function helpFor(command: CommandName | undefined): string {
  return command ? commandHelp(command) : generalHelp()
}

function generalHelp(): string {
  const names = Object.keys(COMMANDS) as CommandName[]
  return `康养 kangyang — 按各层保障逐档结算医疗账单，精确到分，逐分说明
settles a medical bill across every tier of protection, exact to the fen and explained

命令 / commands
${names.map((name) => `  ${name.padEnd(9)}${COMMANDS[name].zh} / ${COMMANDS[name].en}`).join('\n')}
  help     显示说明：kangyang help settle / show help: kangyang help settle

例 / examples
${names.map((name) => `  ${COMMANDS[name].examples[0]}`).join('\n')}

${EXIT_CODES}

docs/cli.md 说明输入文件和每种错误 / describes the input file and every error
`
}

function commandHelp(name: CommandName): string {
  const { zh, en, operand, options, examples } = COMMANDS[name]
  const rows = [...options, 'help' as const].map((option) => {
    const [usage, meaningZh, meaningEn] = OPTIONS[option]
    return `  ${usage.padEnd(20)}${meaningZh} / ${meaningEn}`
  })
  return `kangyang ${name}${operand === undefined ? '' : ` ${operand}`} — ${zh} / ${en}

选项 / options
${rows.join('\n')}

例 / examples
${examples.map((example) => `  ${example}`).join('\n')}

${EXIT_CODES}
`
}
