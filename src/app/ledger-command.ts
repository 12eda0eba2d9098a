import { type CoinsuranceFault, verifyCoinsurance } from '#domains/coinsurance/service.ts'
import { type RegionFault, verifyRegions } from '#domains/crossregion/service.ts'
import { checkLedger } from '#domains/ledger/service.ts'
import { type PaymentFault, verifyPayments } from '#domains/payments/service.ts'
import { type PostingFault, verifyPostings } from '#domains/settlement/postings.service.ts'
import type { Database } from '#platform/database.ts'
import { tenantsOf } from '#platform/tenants.ts'
import { withDatabase } from './command-database.ts'
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts'
import { type Language, languageOf, type Options } from './options.ts'
import { progressOver } from './progress.ts'
import { writeOutput } from './write-output.ts'

/** `kangyang ledger verify`: the ledger of every tenant, against itself and against the settlements. */
export async function ledgerCommand(options: Options): Promise<ExitCode> {
  const lang = languageOf(options)
  if (options.positionals[1] !== 'verify')
    throw new UsageError({ zh: 'ledger 后面须是 verify', en: 'after ledger comes verify' })
  return withDatabase(options, async ({ database }) => {
    const { text, sound } = await verifyLedger(database, lang)
    writeOutput([text], options.text('out'))
    return sound ? EXIT.done : EXIT.refused
  })
}

/** Looks the ledger through as it stands at one moment; the report, and whether all of it is sound. */
export async function verifyLedger(
  database: Database,
  lang: Language,
): Promise<{ readonly text: string; readonly sound: boolean }> {
  return database.snapshot(async (sql) => {
    const lines: string[] = []
    let allSound = true
    for (const tenant of await tenantsOf(sql)) {
      const check = await checkLedger(sql, tenant)
      const bar = progressOver(check.entries)
      const { settlements, faults } = await verifyPostings(sql, tenant, bar.step)
      bar.stop()
      const payments = await verifyPayments(sql, tenant)
      const shares = await verifyCoinsurance(sql, tenant)
      const regions = await verifyRegions(sql, tenant)
      const balanced = check.debit === check.credit
      const sound =
        balanced &&
        faults.length + payments.length + shares.length + regions.length + check.days.length === 0
      allSound &&= sound
      const { entries, entriesHash, balancesHash } = check
      lines.push(
        lang === 'zh'
          ? `${tenant}：总账 ${entries} 笔分录与 ${settlements} 笔结算${sound ? '相符，借贷平衡' : '核对后发现问题'}`
          : `${tenant}: ${entries} entries and ${settlements} settlements ${sound ? 'agree, both sides balance' : 'were looked through, and do not hold'}`,
        lang === 'zh' ? `  分录哈希 ${entriesHash}` : `  hash of the entries ${entriesHash}`,
        lang === 'zh' ? `  余额哈希 ${balancesHash}` : `  hash of the balances ${balancesHash}`,
      )
      if (!balanced)
        lines.push(lang === 'zh' ? '  借贷不平' : '  debits and credits are not the same sum')
      for (const day of check.days)
        lines.push(
          lang === 'zh'
            ? `  ${day} 的日结与当日分录不符`
            : `  the closing of ${day} is not the sum of its entries`,
        )
      for (const fault of faults) lines.push(`  ${faultWords(fault)[lang]}`)
      for (const fault of payments) lines.push(`  ${paymentFaultWords(fault)[lang]}`)
      for (const fault of shares) lines.push(`  ${shareFaultWords(fault)[lang]}`)
      for (const fault of regions) lines.push(`  ${regionFaultWords(fault)[lang]}`)
    }
    return { text: `${lines.join('\n')}\n`, sound: allSound }
  })
}

function regionFaultWords(fault: RegionFault): { readonly zh: string; readonly en: string } {
  switch (fault.code) {
    case 'region_month_differs':
      return {
        zh: `异地清算 ${fault.insured} → ${fault.treating} ${fault.month} 与当月分录不符`,
        en: `the month ${fault.month} between ${fault.insured} and ${fault.treating} is not what was booked in it`,
      }
    case 'region_month_posted_otherwise':
      return {
        zh: `异地清算 ${fault.insured} → ${fault.treating} ${fault.month} 的确认分录与清算单不符`,
        en: `the month ${fault.month} between ${fault.insured} and ${fault.treating} is posted otherwise than it is stated`,
      }
    case 'region_month_gap':
      return {
        zh: `异地清算 ${fault.insured} → ${fault.treating} 在 ${fault.month} 之前缺月`,
        en: `a month is missing before ${fault.month} between ${fault.insured} and ${fault.treating}`,
      }
    case 'prepayment_posted_otherwise':
      return {
        zh: `预付金 ${fault.prepayment} 的分录与登记的不符`,
        en: `the prepayment ${fault.prepayment} is posted otherwise than it is recorded`,
      }
    case 'prepaid_differs':
      return {
        zh: `${fault.fund} 的 ${fault.account} 不等于已确认的预付金`,
        en: `${fault.account} of ${fault.fund} is not what was confirmed as prepaid`,
      }
  }
}

function shareFaultWords(fault: CoinsuranceFault): { readonly zh: string; readonly en: string } {
  switch (fault.code) {
    case 'claims_differ':
      return {
        zh: `共保体 ${fault.panel} ${fault.month} 关账的赔款与总账不符`,
        en: `the claims of the panel ${fault.panel} closed in ${fault.month} are not what the ledger says`,
      }
    case 'shares_differ':
      return {
        zh: `共保体 ${fault.panel} ${fault.month} 的分摊与累计赔款不符`,
        en: `the shares of the panel ${fault.panel} in ${fault.month} are not those of its claims`,
      }
    case 'shared_otherwise':
      return {
        zh: `共保体 ${fault.panel} ${fault.month} 的分摊分录与分摊不符`,
        en: `the panel ${fault.panel} is posted in ${fault.month} with other amounts than its shares`,
      }
    case 'received_otherwise':
      return {
        zh: `共保款 ${fault.receipt} 的分录与登记的不符`,
        en: `the receipt ${fault.receipt} is posted otherwise than it is recorded`,
      }
    case 'owes_differs':
      return {
        zh: `${fault.fund} 的 ${fault.account} 不等于已分摊减已收到`,
        en: `${fault.account} of ${fault.fund} is not what was shared less what was received`,
      }
  }
}

function paymentFaultWords(fault: PaymentFault): { readonly zh: string; readonly en: string } {
  switch (fault.code) {
    case 'paying_differs':
      return {
        zh: `${fault.fund} 付给 ${fault.payee} 的在途付款与总账不符`,
        en: `what ${fault.fund} has under way to ${fault.payee} is not what the ledger says`,
      }
    case 'order_differs':
      return {
        zh: `付款 ${fault.item} 的金额与它对应的分录不符`,
        en: `the payment ${fault.item} is not the sum of the entries that it pays`,
      }
  }
}

function faultWords(fault: PostingFault): { readonly zh: string; readonly en: string } {
  switch (fault.code) {
    case 'not_posted':
      return {
        zh: `结算 ${fault.settlement} 没有记账`,
        en: `the settlement ${fault.settlement} is not posted`,
      }
    case 'posted_otherwise':
      return {
        zh: `结算 ${fault.settlement} 的分录与留存的金额不符`,
        en: `the settlement ${fault.settlement} is posted with other amounts than it keeps`,
      }
    case 'not_undone':
      return {
        zh: `结算 ${fault.settlement} 已撤销或被替代，没有冲销`,
        en: `the settlement ${fault.settlement} has ended, and its posting is not undone`,
      }
    case 'undone_otherwise':
      return {
        zh: `结算 ${fault.settlement} 的冲销与其分录不符`,
        en: `the settlement ${fault.settlement} is undone with other amounts than it posted`,
      }
    case 'entry_of_nothing':
      return {
        zh: `分录 ${fault.settlement} 没有对应的结算`,
        en: `the entry ${fault.settlement} is of no settlement`,
      }
    case 'balance_differs':
      return {
        zh: `人员 ${fault.person} 的账户余额（${fault.account}）与累计值不符`,
        en: `the balance (${fault.account}) of the person ${fault.person} is not the running total`,
      }
  }
}
