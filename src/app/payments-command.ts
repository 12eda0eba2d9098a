import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { formatYuan, parseYuan } from '#base/money.ts'
import { PAIN_001 } from '#domains/payments/index.ts'
import { createPaymentService, holdPayments, type Reconciled } from '#domains/payments/service.ts'
import { tenantsOf } from '#platform/tenants.ts'
import { todayInChina } from './clock.ts'
import { tenantOf, withDatabase } from './command-database.ts'
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts'
import { type Language, languageOf, type Options } from './options.ts'
import { describePayment } from './payment-messages.ts'
import { readWorkingDays } from './working-days.ts'

/**
 * `kangyang payments reconcile`: makes a database that was restored know what its bank was sent since, and lets payments
 * go on. `kangyang payments hold`: nothing is ordered until then.
 */
export async function paymentsCommand(options: Options): Promise<ExitCode> {
  const lang = languageOf(options)
  const [, what, ...files] = options.positionals
  if (what !== 'reconcile' && what !== 'hold')
    throw new UsageError({
      zh: 'payments 后面须是 reconcile 或 hold',
      en: 'after payments comes reconcile or hold',
    })
  const reason = needed(options, 'reason')
  return withDatabase(options, async ({ database, secrets }) => {
    const tenant = tenantOf(await tenantsOf(database), options.text('tenant'))
    if (what === 'hold') {
      await holdPayments(database, tenant, reason)
      say(
        lang === 'zh'
          ? `${tenant}：付款已暂停，直到 kangyang payments reconcile`
          : `${tenant}: payments are held until kangyang payments reconcile`,
      )
      return EXIT.done
    }
    const name = needed(options, 'by')
    const nothing = options.flag('nothing-sent')
    if (nothing === files.length > 0)
      throw new UsageError({
        zh: '列出备份以来已送银行的付款文件和回盘文件；确实没有送过，用 --nothing-sent',
        en: 'name the files that were sent to the bank since the backup, and its answers; where none was, say --nothing-sent',
      })
    const taken = nothing ? { orders: 0, amount: 0 } : takenBy(options)
    const texts = files.map((file) => ({ name: basename(file), text: readText(file) }))
    const sent = texts.filter(({ text }) => text.includes(PAIN_001)).map(({ text }) => text)
    const answers = texts.filter(({ text }) => !text.includes(PAIN_001))
    const payments = createPaymentService({
      database,
      secrets,
      today: todayInChina,
      workingDays: readWorkingDays(),
    })
    const actor = { tenant, user: '', name, role: 'supervisor' } as const
    const done = await payments.reconcile(actor, { sent, answers, taken, reason })
    if (!done.ok) {
      const { code, ...facts } = done.error
      const words = describePayment(code, facts)
      process.stderr.write(`${words?.what[lang] ?? code}\n${words?.remedy[lang] ?? ''}\n`)
      return EXIT.refused
    }
    say(reportOf(done.value, lang))
    return done.value.held ? EXIT.refused : EXIT.done
  })
}

function reportOf(done: Reconciled, lang: Language): string {
  const { orders, amount, differs, known, booked, unanswered, open, held } = done
  const zh = lang === 'zh'
  return [
    zh
      ? `已送银行 ${orders} 笔，其中本库已知 ${known} 笔；已付而本库不知的 ${booked} 笔已从应付中扣除`
      : `${orders} orders were sent, ${known} of them known here; ${booked} were paid and not known, and are taken off what is owed`,
    ...(differs
      ? [
          zh
            ? `  文件共 ${orders} 笔、${formatYuan(amount)} 元，与银行所说的不符；补齐或去掉文件后再执行一次`
            : `  the files hold ${orders} orders of ${formatYuan(amount)} yuan, and that is not what the bank says it took: add the file that is missing, or leave out what the bank never took, and run this again`,
        ]
      : []),
    ...(unanswered.length > 0
      ? [
          zh
            ? `  本库不知、银行也未回盘：${unanswered.join('、')}；请向银行查询，取得回盘后再执行一次`
            : `  neither known here nor answered: ${unanswered.join(', ')}; ask the bank, and run this again with its answer`,
        ]
      : []),
    ...(open.length > 0
      ? [
          zh
            ? `  已付而查不出付给谁：${open.join('、')}；登记账户或在“付款”页的对账差异中处理后再执行一次`
            : `  paid, and nobody can tell to whom: ${open.join(', ')}; give the account or decide the break on the page of payments, then run this again`,
        ]
      : []),
    held ? (zh ? '付款仍暂停' : 'payments stay held') : zh ? '付款已放开' : 'payments go on',
  ].join('\n')
}

/** What the bank says it took: the guard against a file that nobody remembers. */
function takenBy(options: Options): { readonly orders: number; readonly amount: number } {
  const [orders = '', yuan = ''] = [options.text('bank-orders'), options.text('bank-yuan')]
  const amount = parseYuan(yuan)
  if (!/^\d{1,9}$/.test(orders) || amount === undefined || amount < 0)
    throw new UsageError({
      zh: '请向银行询问：在这些文件的日期内它受理了多少笔、共多少元，用 --bank-orders 笔数 --bank-yuan 金额 写明',
      en: 'ask the bank how many orders it took in the days of these files and what they come to, and say so: --bank-orders N --bank-yuan AMOUNT',
    })
  return { orders: Number(orders), amount }
}

function needed(options: Options, name: 'by' | 'reason'): string {
  const text = options.text(name)?.trim()
  if (text) return text
  throw new UsageError(
    name === 'by'
      ? { zh: '缺少 --by：谁在对账', en: '--by is missing: who reconciles' }
      : { zh: '缺少 --reason：原因', en: '--reason is missing: why' },
  )
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError({
      zh: `无法读取 ${file}（${(error as Error).message}）`,
      en: `cannot read ${file} (${(error as Error).message})`,
    })
  }
}

const say = (text: string) => process.stdout.write(`${text}\n`)
