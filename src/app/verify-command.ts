import { type BookFault, countStanding, verifyBooks } from '#domains/settlement/books.service.ts'
import type { Head } from '#platform/log-chain.ts'
import { todayInChina } from './clock.ts'
import { type CommandDatabase, withDatabase } from './command-database.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { verifyLedger } from './ledger-command.ts'
import { readHeads, verifyChains } from './log-command.ts'
import { type Language, languageOf, type Options } from './options.ts'
import { progressOver } from './progress.ts'
import { writeOutput } from './write-output.ts'

/** `kangyang verify`: the books of settlements, the ledger and the access log, from the first to the last. */
export async function verifyCommand(options: Options): Promise<ExitCode> {
  const lang = languageOf(options)
  const path = options.text('head')
  const heads = path === undefined ? [] : readHeads(path)
  return withDatabase(options, async (parts) => {
    const { text, sound } = await verifyAll(parts, heads, lang)
    writeOutput([text], options.text('out'))
    return sound ? EXIT.done : EXIT.refused
  })
}

export async function verifyAll(
  parts: Pick<CommandDatabase, 'database' | 'secrets'>,
  heads: readonly Head[],
  lang: Language,
): Promise<{ readonly text: string; readonly sound: boolean }> {
  const { database, secrets } = parts
  const bar = progressOver(await countStanding(database))
  const books = await database.snapshot((sql) => verifyBooks(sql, todayInChina(), bar.step))
  bar.stop()
  const { settlements, persons, earlier, due, faults } = books
  const zh = lang === 'zh'
  const lines = [
    zh
      ? `账务：${persons} 人的 ${settlements} 笔结算重新计算，金额和累计值${faults.length === 0 ? '相符' : '不符'}`
      : `books: ${settlements} settlements of ${persons} persons made again; amounts and totals ${faults.length === 0 ? 'agree' : 'do not agree'}`,
    ...(earlier > 0
      ? [
          zh
            ? `  其中 ${earlier} 笔由较早的算法作出，今天的结果不同；以留存的金额为准`
            : `  ${earlier} of them were made by an earlier arithmetic and come out otherwise today; the kept amounts stand`,
        ]
      : []),
    ...(due > 0
      ? [
          zh
            ? `  ${due} 人等待重新结算，其累计值暂不比较`
            : `  ${due} persons wait to be settled again; their totals are not compared yet`,
        ]
      : []),
    ...faults.map((fault) => `  ${bookFaultWords(fault)[lang]}`),
  ]
  const ledger = await verifyLedger(database, lang)
  const log = await verifyChains(database, secrets, heads, lang)
  return {
    text: `${lines.join('\n')}\n${ledger.text}${log.text}`,
    sound: faults.length === 0 && ledger.sound && log.sound,
  }
}

function bookFaultWords(fault: BookFault): { zh: string; en: string } {
  switch (fault.code) {
    case 'half_there':
      return {
        zh: `记录不完整：${fault.what}，${fault.id}`,
        en: `a record is half there: ${fault.what}, ${fault.id}`,
      }
    case 'not_settled_again':
      return {
        zh: `结算 ${fault.settlement} 重新计算时被拒绝：${fault.refusal}`,
        en: `the settlement ${fault.settlement} is refused when it is made again: ${fault.refusal}`,
      }
    case 'amounts_differ':
      return {
        zh: `结算 ${fault.settlement} 重新计算后金额不同：${fault.of}`,
        en: `the settlement ${fault.settlement} comes out otherwise when it is made again: ${fault.of}`,
      }
    case 'does_not_add_up':
      return {
        zh: `结算 ${fault.settlement} 各方支付与个人负担之和不等于账单`,
        en: `the payers and the patient of the settlement ${fault.settlement} do not add up to the bill`,
      }
    case 'totals_do_not_follow':
      return {
        zh: `结算 ${fault.settlement} 所依据的累计值 ${fault.total} 不是前一笔结算留下的`,
        en: `the settlement ${fault.settlement} starts from a total ${fault.total} that the one before did not leave`,
      }
    case 'totals_differ':
      return {
        zh: `人员 ${fault.person} 的累计值 ${fault.total} 与其结算之和不符`,
        en: `the running total ${fault.total} of the person ${fault.person} is not what the settlements come to`,
      }
  }
}
