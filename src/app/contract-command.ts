import type { Proof, RulesNamed } from '#domains/contracts/proofs.service.ts'
import { createContractService } from '#domains/contracts/service.ts'
import { createSettlementService } from '#domains/settlement/service.ts'
import { tenantsOf } from '#platform/tenants.ts'
import { todayInChina } from './clock.ts'
import { tenantOf, withDatabase } from './command-database.ts'
import { describeContract } from './contract-messages.ts'
import { DEMONSTRATION } from './demonstration.ts'
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts'
import { type Language, languageOf, type OptionName, type Options } from './options.ts'
import { progressOver } from './progress.ts'
import { thousands } from './words.ts'

/**
 * `kangyang contract prove`: what a change of policy cost the fund of a contract in one of its years, proven by replaying
 * it. `kangyang contract again`: the same proof run again, from the facts of the same moment.
 */
export async function contractCommand(options: Options): Promise<ExitCode> {
  const lang = languageOf(options)
  const what = options.positionals[1]
  if (what !== 'prove' && what !== 'again')
    throw new UsageError({
      zh: 'contract 后面须是 prove 或 again',
      en: 'after contract comes prove or again',
    })
  const name = needed(options, 'by')
  const asked = what === 'prove' ? askedOf(options) : needed(options, 'proof')
  return withDatabase(options, async ({ database, secrets }) => {
    const tenant = tenantOf(await tenantsOf(database), options.text('tenant'))
    const actor = { tenant, user: '', name, role: 'actuary' } as const
    const settlement = createSettlementService({
      database,
      today: todayInChina,
      allowUndated: (each) => each === DEMONSTRATION.tenant.id,
      secrets,
    })
    const { proofs } = createContractService({ database, settlement, today: todayInChina })
    const key = `contract proof ${new Date().toISOString()} ${process.pid}`
    const opened =
      typeof asked === 'string'
        ? await proofs.again(actor, key, asked)
        : await proofs.open(actor, key, asked, asked)
    if (!opened.ok) {
      const { code, ...facts } = opened.error
      const words = describeContract(code, facts)
      process.stderr.write(`${words?.what[lang] ?? code}\n${words?.remedy[lang] ?? ''}\n`)
      return EXIT.refused
    }
    let bar: ReturnType<typeof progressOver> | undefined
    let seen = 0
    await proofs.run(tenant, opened.value.id, (done, all) => {
      bar ??= progressOver(all)
      bar.step(done - seen)
      seen = done
    })
    bar?.stop()
    const proof = await proofs.proof(actor, opened.value.id)
    if (!proof.ok) throw new Error('a proof that was opened is there')
    process.stdout.write(reportOf(proof.value, lang))
    return proof.value.state === 'done' && proof.value.same !== false ? EXIT.done : EXIT.refused
  })
}

function reportOf(proof: Proof, lang: Language): string {
  const zh = lang === 'zh'
  const { persons, bills, refused, stood, sumBefore, sumAfter, same, failure } = proof
  const side = ({ version, draft }: Proof['before'], hash: string) =>
    `${zh ? '规则第' : 'rules, version'} ${version}${zh ? ' 版' : ''}${draft ? ` + ${draft.name}` : ''} · ${hash}`
  const line = (label: string, text: string) => `${label}${zh ? '：' : ': '}${text}`
  return `${[
    line(zh ? '证明' : 'proof', proof.id),
    line(zh ? '合同' : 'contract', `${proof.contract} ${proof.from} – ${proof.until}`),
    line(zh ? '旧' : 'old', side(proof.before, proof.beforeHash)),
    line(zh ? '新' : 'new', side(proof.after, proof.afterHash)),
    line(
      zh ? '重放' : 'replayed',
      zh
        ? `${persons} 人、${bills - refused} 张账单；${refused} 张有一边不予结算，未计`
        : `${persons} persons, ${bills - refused} bills; ${refused} that one side refuses are not counted`,
    ),
    line(zh ? '账面（元）' : 'as it stands (yuan)', thousands(stood)),
    line(zh ? '旧规则下（元）' : 'under the old (yuan)', thousands(sumBefore)),
    line(zh ? '新规则下（元）' : 'under the new (yuan)', thousands(sumAfter)),
    line(zh ? '差额（元）' : 'difference (yuan)', thousands(sumAfter - sumBefore)),
    ...(same === undefined
      ? []
      : [
          zh
            ? `与原次${same ? '相同' : '不同'}`
            : `${same ? 'the same as before' : 'not the same as before'}`,
        ]),
    ...(failure === null ? [] : [line(zh ? '未能完成' : 'failed', failure)]),
  ].join('\n')}\n`
}

function askedOf(options: Options) {
  const year = Number(needed(options, 'year'))
  if (!Number.isSafeInteger(year))
    throw new UsageError({ zh: '--year 是年份', en: '--year is a year' })
  return {
    contract: needed(options, 'contract'),
    year,
    before: rulesOf(needed(options, 'before')),
    after: rulesOf(needed(options, 'after')),
  }
}

/** A number is a version of the rules; anything else is the id of a draft. */
const rulesOf = (text: string): RulesNamed =>
  /^\d{1,6}$/.test(text) ? { version: Number(text) } : { draft: text }

function needed(options: Options, name: OptionName): string {
  const text = options.text(name)?.trim()
  if (text) return text
  throw new UsageError({ zh: `缺少 --${name}`, en: `--${name} is missing` })
}
