import type { NotSql } from '#domains/settlement/index.ts'

/** Why SQL cannot carry a rule, and what to do about it. */
export const SQL_REASONS: Readonly<Record<NotSql, { readonly zh: string; readonly en: string }>> = {
  account: {
    zh: '个人账户的余额逐单扣减；用 kangyang batch settle',
    en: 'an account has a balance that each bill draws on; use kangyang batch settle',
  },
  counted: {
    zh: '计入有限额按明细计算；用 kangyang batch settle',
    en: 'a counted limit needs the charges of a bill; use kangyang batch settle',
  },
  rate_unknown: {
    zh: '有一段费用没有支付比例，累计达到它的账单须拒绝；补上比例，或用 kangyang batch settle',
    en: 'a stretch of the cost has no rate, and a bill that reaches it is refused; add the rate, or use kangyang batch settle',
  },
  waiting: {
    zh: '等待期从参保首日起算；用 kangyang batch settle',
    en: 'a waiting period runs from the first day of each cover; use kangyang batch settle',
  },
  policy_year: {
    zh: '保单年度从参保首日起算；用 kangyang batch settle',
    en: 'a policy year runs from the first day of each cover; use kangyang batch settle',
  },
  readmission: {
    zh: '若干天内再入院并为一次住院；用 kangyang batch settle',
    en: 'readmissions within some days are one admission; use kangyang batch settle',
  },
  charged_again: {
    zh: '长期住院分段计起付线；用 kangyang batch settle',
    en: 'a long stay is charged its deductible again; use kangyang batch settle',
  },
  once_a_period: {
    zh: '一组住院只计一次起付线；用 kangyang batch settle',
    en: 'a group of admissions is charged one deductible; use kangyang batch settle',
  },
  benefit: {
    zh: '定额给付在账单之外；用 kangyang batch settle',
    en: 'a fixed benefit stands beside the bill; use kangyang batch settle',
  },
  number: {
    zh: '金额随一个数（年限、收入）增长；用 kangyang batch settle',
    en: 'an amount grows with a number such as years or income; use kangyang batch settle',
  },
  shared_pool: {
    zh: '同一张账单上的两档共用一个限额；用 kangyang batch settle',
    en: 'two tiers of one bill share a limit; use kangyang batch settle',
  },
  several_caps: {
    zh: '一档有两个各自累计的封顶线；用 kangyang batch settle',
    en: 'a tier has two caps that run up apart; use kangyang batch settle',
  },
  guarantee_beyond_cap: {
    zh: '保底比例在年度封顶线之后；用 kangyang batch settle',
    en: 'a guaranteed ratio acts beyond a cap of the period; use kangyang batch settle',
  },
  pays_down_elsewhere: {
    zh: '分段的一档不支付政策范围内费用；用 kangyang batch settle',
    en: 'a tier that splits does not pay down what is in scope; use kangyang batch settle',
  },
  several_limits: {
    zh: '期间限额的取值超过 8 种；缩短 --from 和 --until，或用 kangyang batch settle',
    en: 'a limit of a period has more than 8 values; narrow --from and --until, or use kangyang batch settle',
  },
  too_many_answers: {
    zh: '规则询问的组合太多；缩短 --from 和 --until，或用 kangyang batch settle',
    en: 'the rules ask about too many combinations; narrow --from and --until, or use kangyang batch settle',
  },
  order_differs: {
    zh: '各方案的档序互相矛盾；分开编译',
    en: 'the schemes put the same tiers in different orders; compile them apart',
  },
  several_products: {
    zh: '同一位置有两个产品，或产品组合太多；少写几个产品',
    en: 'two products stand in one place, or there are too many together; name fewer products',
  },
}
