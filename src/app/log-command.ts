import { z } from 'zod'
import type { Database } from '#platform/database.ts'
import type { Head } from '#platform/log-chain.ts'
import { createLogSealer } from '#platform/log-sealer.ts'
import { countSealed } from '#platform/log-store.ts'
import { headsOf, type Verified, verifyLog } from '#platform/log-verify.ts'
import type { Secrets } from '#platform/secrets.ts'
import { readNamed, withDatabase } from './command-database.ts'
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts'
import { type Language, languageOf, type Options } from './options.ts'
import { progressOver } from './progress.ts'
import { writeOutput } from './write-output.ts'

const WORDS = ['verify', 'head', 'seal'] as const

/** `kangyang log verify | head | seal`: looks the access log through, prints the head of its chains, seals what waits. */
export async function logCommand(options: Options): Promise<ExitCode> {
  const lang = languageOf(options)
  const word = options.positionals[1]
  const asked = WORDS.find((each) => each === word)
  if (!asked)
    throw new UsageError({
      zh: `log 后面须是 ${WORDS.join('、')} 之一`,
      en: `after log comes one of ${WORDS.join(', ')}`,
    })
  const path = options.text('head')
  if (path !== undefined && asked !== 'verify')
    throw new UsageError({ zh: '--head 只用于 log verify', en: '--head is for log verify alone' })
  const heads = path === undefined ? [] : readHeads(path)
  return withDatabase(options, async ({ database, secrets }) => {
    const print = (text: string) => writeOutput([text], options.text('out'))
    if (asked === 'verify') {
      const { text, sound } = await verifyChains(database, secrets, heads, lang)
      print(text)
      return sound ? EXIT.done : EXIT.refused
    }
    const sealed = await createLogSealer(database, secrets).sealAll()
    if (asked === 'seal')
      print(lang === 'zh' ? `新封存 ${sealed} 条\n` : `sealed ${sealed} entries\n`)
    else print(headsText(await headsOf(database)))
    return EXIT.done
  })
}

/** Looks the whole log through, with a bar on a terminal; the report, and whether all of it is sound. */
export async function verifyChains(
  database: Database,
  secrets: Secrets,
  heads: readonly Head[],
  lang: Language,
): Promise<{ readonly text: string; readonly sound: boolean }> {
  const bar = progressOver(await countSealed(database))
  const began = performance.now()
  const chains = await verifyLog(database, secrets, { heads, step: bar.step })
  bar.stop()
  const seconds = (performance.now() - began) / 1000
  const entries = chains.reduce((sum, chain) => sum + chain.entries, 0)
  const speed = Math.round(entries / Math.max(seconds, 0.001))
  const lines = chains.flatMap((chain) => chainLines(chain, lang))
  const total =
    lang === 'zh'
      ? `共核对 ${entries} 条，用时 ${seconds.toFixed(1)} 秒（每秒 ${speed} 条）`
      : `${entries} entries looked through in ${seconds.toFixed(1)} s (${speed} a second)`
  return {
    text: `${[...lines, total].join('\n')}\n`,
    sound: chains.every(({ fault }) => fault === undefined),
  }
}

/** Longer than any transaction should take: whatever waits this long has a cause to be looked for. */
const WAITS_LONG_SECONDS = 600

function chainLines(
  { tenant, seals, entries, fault, ...more }: Verified,
  lang: Language,
): string[] {
  const { waiting, waitingSeconds } = more
  const zh = lang === 'zh'
  const lines = [
    zh
      ? `${tenant}：${seals} 个封条、${entries} 条记录核对${fault ? '后发现问题' : '无误'}，${waiting} 条待封存`
      : `${tenant}: ${seals} seals and ${entries} entries ${fault ? 'were sound before the fault' : 'are sound'}, ${waiting} entries wait for the next seal`,
  ]
  if (fault) lines.push(`  ${faultWords(fault)[lang]}`)
  if (waitingSeconds > WAITS_LONG_SECONDS)
    lines.push(
      zh
        ? `  注意：最早一条已等待 ${Math.round(waitingSeconds / 60)} 分钟；查看是否有长时间未结束的事务，或服务器是否在运行`
        : `  note: the oldest has waited ${Math.round(waitingSeconds / 60)} minutes; see whether some transaction never ends, and whether a server runs`,
    )
  return lines
}

/** What is wrong with a chain, and where, in both languages. */
export function faultWords(fault: NonNullable<Verified['fault']>): { zh: string; en: string } {
  const at = 'seal' in fault ? fault.seal : 0
  const entry = 'entry' in fault ? fault.entry : 0
  switch (fault.what) {
    case 'entry_changed':
      return {
        zh: `第 ${at} 号封条：第 ${entry} 条记录在封存后被改动`,
        en: `seal ${at}: entry ${entry} was changed after it was sealed`,
      }
    case 'entry_missing':
      return {
        zh: `第 ${at} 号封条：第 ${entry} 条记录已不存在`,
        en: `seal ${at}: entry ${entry} is gone`,
      }
    case 'entry_slipped_in':
      return {
        zh: `第 ${entry} 条记录不在任何封条中，却早于最新的封条：事后插入`,
        en: `entry ${entry} is in no seal though older than the newest one: it was slipped in afterwards`,
      }
    case 'seal_missing':
      return { zh: `第 ${at} 号封条已不存在`, en: `seal ${at} is gone` }
    case 'seal_changed':
      return { zh: `第 ${at} 号封条本身被改动`, en: `seal ${at} itself was changed` }
    case 'chain_broken':
      return {
        zh: `第 ${at} 号封条与前一个接不上`,
        en: `seal ${at} does not follow the one before it`,
      }
    case 'code_wrong':
      return {
        zh: `第 ${at} 号封条的校验码不是用本系统密钥做的`,
        en: `the code of seal ${at} was not made with the key of this installation`,
      }
    case 'key_unknown':
      return {
        zh: `第 ${at} 号（最新）封条的密钥不在密钥环中，无法核对；把该密钥加入 KANGYANG_OTHER_DATA_KEYS`,
        en: `the key of seal ${at}, the newest, is not in the ring, so nothing can be told; add that key to KANGYANG_OTHER_DATA_KEYS`,
      }
    case 'cut_off':
      return {
        zh: `另存的链头表明链更长：第 ${at} 号起的封条已被截去`,
        en: `the head kept elsewhere says the chain was longer: the seals from ${at} on were cut off`,
      }
    case 'rewritten':
      return {
        zh: `第 ${at} 号封条与另存的链头不同：链被重做`,
        en: `seal ${at} is not the one of the head kept elsewhere: the chain was made anew`,
      }
  }
}

// --- heads ---------------------------------------------------------------------------------------

const headsText = (heads: readonly Head[]): string =>
  heads.map((head) => `${JSON.stringify(head)}\n`).join('')

const HEAD = z.strictObject({
  tenant: z.string(),
  number: z.int().min(1),
  sealedAt: z.string(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
})

/** Heads as `log head` prints them, one a line; any number of them, of any days. */
export function readHeads(path: string): Head[] {
  const lines = readNamed(path).split(/\r?\n/)
  return lines.flatMap((line, i) => {
    if (line.trim() === '') return []
    try {
      return HEAD.parse(JSON.parse(line))
    } catch {
      throw new UsageError({
        zh: `${path} 第 ${i + 1} 行不是 kangyang log head 输出的链头`,
        en: `line ${i + 1} of ${path} is not a head as kangyang log head prints it`,
      })
    }
  })
}
