import type { PasswordFault } from '#base/password-strength.ts'
import type { Description, Fault, Text } from '#platform/problem.ts'
import { describeCase } from './case-messages.ts'
import { describeCoinsurance } from './coinsurance-messages.ts'
import { describeContract } from './contract-messages.ts'
import { describeEnrolment } from './enrolment-messages.ts'
import { describeMonth } from './month-messages.ts'
import { describePayment } from './payment-messages.ts'
import { describeRegion } from './region-messages.ts'
import { describeReserve } from './reserve-messages.ts'
import { describeScenario } from './scenario-messages.ts'

/** The words of every code that a request can be answered with, apart from refusals of the rules. */
export function describeFault(fault: Fault): Description {
  return fault.description ?? describe(fault) ?? CODES.internal
}

function describe({ code, facts = {} }: Fault): Description | undefined {
  const known = facts as Readonly<Record<string, unknown>>
  switch (code) {
    case 'replay_refused':
      return {
        status: 409,
        what: {
          zh: `其他账单须随之重新结算，而账单 ${known.bill} 不能：${known.reason}；未办理任何内容`,
          en: `other bills would be settled again, and bill ${known.bill} cannot be: ${known.reason}; nothing was done`,
        },
        remedy: {
          zh: '先查清该账单，更正或撤销后再办理',
          en: 'look at that bill first, correct or reverse it, then try again',
        },
      }
    case 'invoice_used':
      return {
        status: 409,
        what: {
          zh: `账单 ${known.bill} 的票据已用于账单 ${known.by}`,
          en: `the invoice of bill ${known.bill} is that of bill ${known.by} already`,
        },
        remedy: {
          zh: '核对票据代码和号码；同一票据不能再次报销',
          en: 'check its code and number; one invoice is not paid twice',
        },
      }
    case 'invoice_used_elsewhere':
      return {
        status: 409,
        what: {
          zh: `账单 ${known.bill} 的票据已用于别处的一张账单`,
          en: `the invoice of bill ${known.bill} is that of a bill elsewhere already`,
        },
        remedy: {
          zh: '核对票据代码和号码；同一票据在任何机构、任何保险人处都不能再次报销。是哪一处，须向参保人询问',
          en: 'check its code and number; one invoice is not paid twice, wherever and by whichever insurer. Where it was used, the person can be asked',
        },
      }
    case 'settlement_superseded':
      return {
        status: 409,
        what: {
          zh: `账单 ${known.bill} 已重新结算，这次结算已被替代`,
          en: `bill ${known.bill} was settled again: this settlement has been replaced`,
        },
        remedy: {
          zh: '打开该账单现行的结算，核对后再办理',
          en: 'open the settlement that stands, look at it, then go on',
        },
      }
    case 'wrong_password': {
      const { what, remedy } = CODES.wrong_password
      const left = Number(known.left ?? 0)
      const times = left === 1 ? 'time' : 'times'
      return {
        status: 401,
        what,
        remedy:
          left === 0
            ? {
                zh: '已错 5 次，此处 15 分钟内不能再以此名登录；忘记密码请管理员重置',
                en: 'that was the fifth time: this name cannot sign in from here for 15 minutes; an administrator can reset a lost password',
              }
            : {
                zh: `${remedy.zh}；再错 ${left} 次，此处 15 分钟内不能以此名登录`,
                en: `${remedy.en}; wrong ${left} ${times} more, this name cannot sign in from here for 15 minutes`,
              },
      }
    }
    case 'wrong_code': {
      const left = Number(known.left ?? 0)
      return {
        status: 401,
        what: {
          zh: '验证码不对、已用过或已过期',
          en: 'the code is wrong, was used before, or has expired',
        },
        remedy: {
          zh: `输入验证器当前的六位数字，或一个未用过的恢复码；再错 ${left} 次，15 分钟内不能再试`,
          en: `type the six digits the authenticator shows now, or a recovery code that is not used yet; wrong ${left} times more, there is no trying for 15 minutes`,
        },
      }
    }
    case 'weak_password': {
      const why = PASSWORD_FAULTS[known.fault as PasswordFault] ?? PASSWORD_FAULTS.pattern
      return {
        status: 422,
        what: why,
        remedy: {
          zh: '另选一个，比如几个不相干的词；字符种类不限，可以粘贴',
          en: 'choose another, such as a few words that have nothing to do with one another; any characters will do, and it may be pasted',
        },
        errors: [
          {
            field: 'password',
            reason: why,
            remedy: { zh: '12 至 128 个字符，不易猜到', en: '12 to 128 characters, hard to guess' },
          },
        ],
      }
    }
    case 'throttled': {
      const minutes = Math.ceil(Number(known.seconds ?? 60) / 60)
      return {
        status: 429,
        what: {
          zh: '从此处登录的尝试过多，暂时不能登录',
          en: 'too many attempts to sign in from here; for a while none is let in',
        },
        remedy: {
          zh: `${minutes} 分钟后再试；忘记密码请管理员重置`,
          en: `try again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}; an administrator can reset a lost password`,
        },
      }
    }
    case 'draft_changed':
      return {
        status: 409,
        what: {
          zh: `草稿已改为第 ${known.current} 稿，您看到的是第 ${known.revision} 稿；未保存、未发布任何内容`,
          en: `the draft is at revision ${known.current} by now, and you read revision ${known.revision}; nothing was saved or published`,
        },
        remedy: {
          zh: '重新打开草稿，核对后再办理',
          en: 'open it again, look at the change, then go on',
        },
      }
    case 'scope_forged':
      return {
        status: 400,
        what: {
          zh: `请求自称的身份或范围不被接受：${known.field}`,
          en: `a request does not say who it is for or how far it sees: ${known.field}`,
        },
        remedy: {
          zh: '去掉这一项；身份和范围以登录的用户为准',
          en: 'leave it out; both come from the user who is signed in',
        },
      }
    case 'scope_missing':
      return {
        status: 422,
        what: {
          zh: `这一角色须限定范围：scope.${known.field} 未填`,
          en: `this role has to be narrowed: scope.${known.field} is missing`,
        },
        remedy: { zh: '填写后再保存', en: 'fill it in and save again' },
      }
    case 'scope_not_for_role':
      return {
        status: 422,
        what: {
          zh: `这一角色不能用 scope.${known.field} 限定`,
          en: `this role cannot be narrowed by scope.${known.field}`,
        },
        remedy: { zh: '去掉这一项，或换一个角色', en: 'leave it out, or choose another role' },
      }
    case 'scope_authorisation':
      return {
        status: 422,
        what: {
          zh: `代办 ${known.person} 须有授权文件和起止日期`,
          en: `acting for ${known.person} needs a document, a first and a last day`,
        },
        remedy: {
          zh: '填写 scope.persons 的 document、from、until，止日不早于起日',
          en: 'give document, from and until in scope.persons, the last day not before the first',
        },
      }
    case 'draft_outdated':
      return {
        status: 409,
        what: {
          zh: `草稿基于第 ${known.base} 版规则，现行规则已是第 ${known.current} 版`,
          en: `the draft was made from version ${known.base} of the rules; version ${known.current} is in force`,
        },
        remedy: {
          zh: '以现行规则为基础另存一份草稿',
          en: 'save it again as a new draft from the rules in force',
        },
      }
    default:
      return Object.hasOwn(CODES, code)
        ? CODES[code as keyof typeof CODES]
        : (describeEnrolment(code, known) ??
            describePayment(code, known) ??
            describeCase(code, known) ??
            describeContract(code, known) ??
            describeMonth(code, known) ??
            describeReserve(code, known) ??
            describeCoinsurance(code, known) ??
            describeRegion(code, known) ??
            describeScenario(code, known))
  }
}

const PASSWORD_FAULTS: Readonly<Record<PasswordFault, Text>> = {
  too_short: { zh: '密码不足 12 个字符', en: 'the password has fewer than 12 characters' },
  too_long: { zh: '密码超过 128 个字符', en: 'the password has more than 128 characters' },
  common: {
    zh: '这个密码或它的主要部分太常见，会最先被试到',
    en: 'the password, or the most of it, is a common one that is tried first',
  },
  context: {
    zh: '密码主要由用户名、单位名或产品名组成',
    en: 'the password is made of the name of the user, the organisation or the program',
  },
  pattern: {
    zh: '密码是重复、连续或键盘上相邻的字符',
    en: 'the password is a repetition, a sequence or a row of keys',
  },
}

const code = (
  status: number,
  zh: string,
  en: string,
  remedyZh: string,
  remedyEn: string,
): Description => ({
  status,
  what: { zh, en },
  remedy: { zh: remedyZh, en: remedyEn },
})

const CODES = {
  // What is wrong with the request itself.
  invalid_request: code(
    400,
    '请求的内容不符合格式',
    'the request does not fit its format',
    '按所列各项改正；格式见 /api/docs',
    'correct the fields named; /api/docs describes the format',
  ),
  malformed_json: code(
    400,
    '请求的内容不是合法的 JSON',
    'the body is not valid JSON',
    '改正后重新发送',
    'correct it and send it again',
  ),
  idempotency_key_missing: code(
    400,
    '缺少请求头 Idempotency-Key（不超过 255 个字符）',
    'the header Idempotency-Key is missing, or longer than 255 characters',
    '每个意图生成一个新的键，重发时使用同一个键',
    'make a new key for each intent, and send the same one when you try again',
  ),
  body_too_large: code(
    413,
    '请求的内容超过 8 MiB',
    'the body is larger than 8 MiB',
    '分成几次上传',
    'upload it in several parts',
  ),
  unsupported_media_type: code(
    415,
    '请求的内容须为 JSON',
    'the body has to be JSON',
    '加上请求头 Content-Type: application/json',
    'send the header Content-Type: application/json',
  ),
  one_bill_wanted: code(
    422,
    '试算须恰好有一张账单',
    'a trial takes exactly one bill',
    '每次试算一张账单',
    'try the bills out one at a time',
  ),
  not_found: code(
    404,
    '没有这个地址',
    'there is nothing at this address',
    '核对地址；所有地址见 /api/docs',
    'check the address; /api/docs lists them all',
  ),

  // Who asks.
  not_signed_in: code(
    401,
    '尚未登录，或登录已过期',
    'not signed in, or the session has ended',
    '请登录',
    'sign in',
  ),
  wrong_password: code(
    401,
    '用户名或密码不对',
    'the name or the password is wrong',
    '核对后重试；忘记密码请管理员重置',
    'check both; an administrator can reset a lost password',
  ),
  same_password: code(
    422,
    '新密码与旧密码相同',
    'the new password is the old one',
    '另选一个密码',
    'choose another one',
  ),
  password_change_required: code(
    403,
    '须先修改一次性密码',
    'the one-time password has to be changed first',
    '用 POST /api/password 修改密码',
    'change it with POST /api/password',
  ),
  second_factor_required: code(
    403,
    '您的角色须先设置两步验证',
    'your role has to set up a second factor first',
    '用 POST /api/account/second-factor 开始设置',
    'begin with POST /api/account/second-factor',
  ),
  second_factor_set: code(
    409,
    '两步验证已经设置',
    'the second factor is set up already',
    '换手机请先停用，再重新设置',
    'for another phone remove it first, then set it up again',
  ),
  code_required: code(
    401,
    '还须输入验证码',
    'a code is wanted as well',
    '在 code 中给出验证器的六位数字，或一个恢复码',
    'give the six digits of the authenticator, or a recovery code, as code',
  ),
  user_disabled: code(
    403,
    '此用户已停用',
    'this user has been disabled',
    '请管理员恢复',
    'ask an administrator to enable it again',
  ),
  one_time_expired: code(
    403,
    '一次性密码已过期',
    'the one-time password has expired',
    '请管理员再重置一次',
    'ask an administrator for another one',
  ),
  unknown_session: code(
    404,
    '没有这处登录，或已结束',
    'there is no such session, or it has ended',
    '刷新后再看',
    'look again at the list',
  ),
  unknown_emergency: code(
    404,
    '没有这次紧急访问',
    'there is no such emergency access',
    '刷新后再看',
    'look again at the list',
  ),
  own_emergency: code(
    409,
    '不能确认自己的紧急访问',
    'nobody acknowledges their own emergency access',
    '请另一位主管确认',
    'ask another supervisor',
  ),
  too_many_emergencies: code(
    409,
    '同时打开的紧急访问已有 5 个',
    'five files are open to you in an emergency already',
    '先结束其中一个',
    'end one of them first',
  ),
  subject_taken: code(
    409,
    '这一用户标识已关联另一位用户',
    'another user is linked to this subject',
    '先从那位用户解除关联',
    'unlink it from that user first',
  ),
  provider_not_configured: code(
    409,
    '没有配置统一身份认证',
    'no identity provider is configured',
    '见 docs/operate.md',
    'see docs/operate.md',
  ),
  provider_unreachable: code(
    503,
    '统一身份认证没有应答',
    'the identity provider does not answer',
    '稍后再试，或用密码登录',
    'try again later, or sign in with a password',
  ),
  forbidden: code(
    403,
    '您的角色不能办理此事',
    'your role may not do this',
    '请有权限的同事办理，或由管理员调整角色',
    'ask a colleague who may, or an administrator',
  ),
  csrf_mismatch: code(
    403,
    '请求头 x-kangyang-csrf 与本次登录不符',
    'the header x-kangyang-csrf does not belong to this session',
    '用 GET /api/session 取得后重试；网页请刷新',
    'get it from GET /api/session and try again; reload the page',
  ),
  origin_mismatch: code(
    403,
    '请求来自别的网站',
    'the request comes from another site',
    '请从本系统的网页办理',
    "use this system's own pages",
  ),
  own_password: code(
    409,
    '不能重置自己的密码',
    'nobody resets their own password',
    '用“修改密码”；忘记密码请另一位管理员重置',
    'change it instead; if it is lost, another administrator can reset it',
  ),
  own_access: code(
    409,
    '不能调整自己的角色和范围',
    'nobody changes their own role or scope',
    '请另一位管理员办理',
    'ask another administrator',
  ),
  scope_too_narrow: code(
    403,
    '此事涉及整个机构，您的范围只是其中一部分',
    'this is about the whole office, and you see a part of it',
    '请范围不受限的同事办理',
    'ask a colleague whom no scope narrows',
  ),
  institution_not_yours: code(
    422,
    '账单的定点机构（institution）不是本机构',
    'the institution of the bill is not yours',
    '填写本机构编号',
    'give the number of your own institution',
  ),
  persons_not_for_you: code(
    422,
    '定点机构只上传账单，不登记参保人（persons）',
    'a hospital sends bills and adds no persons',
    '去掉 persons；尚未参保者请经办机构登记',
    'leave persons out; the office registers whoever is not insured yet',
  ),
  scope_one_person: code(
    422,
    '参保人只能查看本人一份档案（scope.persons）',
    'an insured person has one file, their own (scope.persons)',
    '只填一个人员编号；替他人办理请用代办人角色',
    'give one number; whoever acts for others is an agent',
  ),
  unknown_user: code(404, '没有这位用户', 'there is no such user', '核对编号', 'check the number'),
  metrics_closed: code(
    403,
    '运行指标只给本机或持有令牌的采集程序',
    'metrics are for this machine, or for whoever brings the token',
    '从服务器本机读取，或带请求头 Authorization: Bearer …（KANGYANG_METRICS_TOKEN）',
    'read them on the server itself, or send Authorization: Bearer … (KANGYANG_METRICS_TOKEN)',
  ),
  user_exists: code(
    409,
    '已有同名用户',
    'there is a user of this name already',
    '换一个名称',
    'choose another name',
  ),

  // What the request is about.
  unknown_bill: code(404, '没有这张账单', 'there is no such bill', '核对编号', 'check its number'),
  unknown_person: code(
    404,
    '没有这位参保人',
    'there is no such person',
    '核对编号；首次上传账单时一并提供参保人',
    'check the number; a new person comes with the first bill',
  ),
  unknown_relief: code(
    404,
    '没有这项救助',
    'there is no such relief',
    '核对编号；GET /api/schemes 的 reliefs 列出全部救助',
    'check its id; reliefs in GET /api/schemes lists them',
  ),
  unknown_period: code(
    422,
    '救助没有这样的年度',
    'the relief has no such year',
    '写作 2024；从某日起算的年度写首日，如 2024-07-01',
    'write 2024, or the first day of a year from another day, such as 2024-07-01',
  ),
  unknown_settlement: code(
    404,
    '没有这次结算',
    'there is no such settlement',
    '核对编号',
    'check its number',
  ),
  unknown_item: code(
    404,
    '目录里没有这个编码',
    'no catalogue has this code',
    '核对编码，或先导入目录',
    'check the code, or import a catalogue first',
  ),
  unknown_place: code(
    422,
    '没有这个地区',
    'there is no such place',
    '写方案文件夹中的地区，如 teaching/shifan；可用 GET /api/schemes 查看',
    'name a folder of the schemes, such as teaching/shifan; GET /api/schemes lists them',
  ),
  unknown_draft: code(
    404,
    '没有这份草稿',
    'there is no such draft',
    '核对编号',
    'check its number',
  ),
  unknown_command: code(
    404,
    '没有以此键办成的请求',
    'no request with this key has been carried out',
    '可以用同一个键重新发送原请求',
    'you may send the request again with the same key',
  ),
  idempotency_key_reused: code(
    409,
    '此键已用于另一个请求',
    'this key belongs to another request',
    '新的意图用新的键',
    'a new intent takes a new key',
  ),
  already_settled: code(
    409,
    '这张账单已经结算',
    'the bill is settled already',
    '查看原结算；要更正，先撤销再结算',
    'look at its settlement; to correct it, reverse it and settle again',
  ),
  already_reversed: code(
    409,
    '这次结算已经撤销',
    'the settlement is reversed already',
    '需要时重新结算这张账单',
    'settle the bill again if need be',
  ),
  unknown_statement: code(
    404,
    '没有这份重算说明',
    'there is no such statement',
    '在参保人页面上查找',
    'look for it on the page of the person',
  ),
  unknown_adjustment: code(
    404,
    '没有这笔补付或追回',
    'there is no such supplement or recovery',
    '在重算说明中查找',
    'look for it in its statement',
  ),
  already_decided: code(
    409,
    '这笔追回已有决定',
    'this recovery has been decided already',
    '重新打开说明，查看决定',
    'open the statement again to see the decision',
  ),
  another_person_confirms: code(
    403,
    '向本人追回须两人先后确认，第一次确认的是您',
    'two people confirm what is taken back from a person, and you were the first',
    '请另一位经办人员或主管复核；如不再追回，可以免予',
    'another handler or a supervisor has to confirm it; it can also be waived',
  ),
  nothing_to_decide: code(
    409,
    '只有向本人追回的款项须由人决定，这一笔已直接下达',
    'only what is taken back from a person needs a decision; this one is ordered',
    '无须办理',
    'there is nothing to do',
  ),
  bill_of_another_person: code(
    409,
    '更正不能把账单改到另一人名下',
    'a correction cannot make a bill another person’s',
    '撤销原账单的结算，以该人名义另行上传',
    'reverse the settlement of this one, and upload it for the other person',
  ),
  another_bill_number: code(
    409,
    '更正后的账单编号须与原账单一致',
    'the corrected bill has to keep its number',
    '使用原账单编号',
    'give the number of the bill that is corrected',
  ),
  not_paid_first: code(
    409,
    '这张账单不是手工报销，没有交来期限',
    'this bill was not paid first, so it has no day to be handed in by',
    '直接结算',
    'settle it',
  ),
  nothing_to_clear: code(
    409,
    '此范围内没有待清算的结算',
    'nothing within these days waits to be cleared',
    '核对日期和医疗机构',
    'check the days and the hospital',
  ),
  moment_in_future: code(
    422,
    '这一时刻还没有到',
    'this moment has not come yet',
    '选择过去的时刻',
    'choose a moment that is past',
  ),
  bad_stretch: code(
    422,
    '日期区间颠倒，或超过 400 天',
    'the days are in the wrong order, or more than 400',
    '改用较短的区间',
    'ask for fewer days',
  ),
  unknown_run: code(
    404,
    '没有这个重算批次',
    'there is no such run',
    '在批次列表中查找',
    'look for it among the runs',
  ),
  run_open: code(
    409,
    '已有一个重算批次尚未结束',
    'another run has not come to its end',
    '先执行或停止那个批次',
    'start or cancel that one first',
  ),
  run_not_checked: code(
    409,
    '批次尚未试算完毕，或已在执行',
    'the run is still being checked, or under way already',
    '等试算完毕，核对金额后再执行',
    'wait for the check, look at its sums, then start it',
  ),
  run_over: code(
    409,
    '批次已经结束',
    'the run is over',
    '需要时另开一个批次',
    'open another if need be',
  ),
  nobody_to_replay: code(
    409,
    '没有按较早版本规则结算的账单',
    'nothing stands that was settled by an older version of the rules',
    '无须办理',
    'there is nothing to do',
  ),
  duplicate_bill: code(
    409,
    '账单编号已存在，本次上传未保存任何内容',
    'a bill of this number exists already; nothing of the upload was kept',
    '核对编号；已有的账单不必再上传',
    'check the numbers; what is there need not be uploaded again',
  ),
  bad_rules: code(
    422,
    '草稿中的规则文件有误',
    'a rule file of the draft is wrong',
    '改正后保存并再次检查',
    'correct it, save it and check again',
  ),
  second_person_required: code(
    403,
    '起草人不能发布自己的草稿',
    'nobody publishes their own draft',
    '请另一位管理员核对并发布',
    'another administrator has to check and publish it',
  ),
  not_your_draft: code(
    403,
    '这是别人的草稿',
    'this is the draft of somebody else',
    '另存为自己的草稿后再修改',
    'save it as a draft of your own, and change that',
  ),
  already_published: code(
    409,
    '草稿已经发布',
    'the draft is published already',
    '要再修改，另存一份草稿',
    'to change more, save a new draft',
  ),

  // What is wrong on this side.
  unavailable: code(
    503,
    '暂时无法连接数据库，未办理任何事项',
    'the database cannot be reached; nothing was done',
    '稍后用同一个键重试',
    'try again in a moment, with the same key',
  ),
  internal: code(
    500,
    '内部错误',
    'an error of this program',
    '稍后重试；若仍如此，请把时间和地址告诉管理员',
    'try again; if it stays, tell an administrator the time and the address',
  ),
} as const satisfies Record<string, Description>
