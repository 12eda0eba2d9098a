import type { RuleFault } from '#rulebook/rule-file.ts'

/** What is wrong with a rule file, in both languages of whoever reads it on a page. */
export type FaultWords = { readonly zh: string; readonly en: string }

/** Faults that any file of rules may have, and what to do about them. The others say in their own words what they found. */
const KINDS: Readonly<Record<string, string>> = {
  bad_yaml: '不是有效的 YAML；请检查缩进、冒号后的空格、括号与引号是否成对、有无全角符号',
  missing_key: '缺少必填项',
  missing_source: '缺少依据（source）',
  unknown_key: '没有这个键；请检查拼写，或见 docs/formats.md',
  bad_value: '取值不合要求',
  bad_key: '键名不合要求',
  bad_table: '取值表不合要求',
  bad_scheme: '方案写法不合要求',
  bad_order: '各层顺序不合要求',
  bad_deductible: '起付线写法不合要求',
  unknown_attribute: '没有这个属性词；attributes.yaml 列出全部',
  unknown_tier: '没有这一层',
  undeclared_choice: '选项未作声明',
}

/** A fault in Chinese as well: by its own words where it has them, else by its kind, its place and the original. */
export function wordsOfFault({ code, message, zh }: RuleFault): FaultWords {
  if (zh !== undefined) return { zh, en: message }
  const [, at = '', said = message] = /^([\p{L}\p{N}_.$/-]+): (.*)$/su.exec(message) ?? []
  const where = at === '' ? '' : `${at}：`
  return { zh: `${where}${KINDS[code] ?? '不合要求'}（${said}）`, en: message }
}
