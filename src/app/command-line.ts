import { nearest } from '#base/nearest.ts'
import { RuleFileError } from '#rulebook/rule-file.ts'
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts'
import { COMMANDS, type CommandName, helpFor } from './help.ts'
import { formatPlace, InputError } from './input-fault.ts'
import { allowOnly, type Options, readArguments } from './options.ts'
import { programVersion } from './program-version.ts'

/** Each is loaded when it is asked for: none needs the packages of the others. */
const RUN: Readonly<Record<CommandName, (options: Options) => Promise<ExitCode>>> = {
  settle: async (options) => (await import('./settle-command.ts')).settleCommand(options),
  explain: async (options) => (await import('./explain-command.ts')).explainCommand(options),
  relief: async (options) => (await import('./relief-command.ts')).reliefCommand(options),
  lint: async (options) => (await import('./lint-command.ts')).lintCommand(options),
  schemes: async (options) => (await import('./schemes-command.ts')).schemesCommand(options),
  examples: async (options) => (await import('./examples-command.ts')).examplesCommand(options),
  schema: async (options) => (await import('./schema-command.ts')).schemaCommand(options),
  'new-city': async (options) => (await import('./new-city-command.ts')).newCityCommand(options),
  city: async (options) => (await import('./city-command.ts')).cityCommand(options),
  batch: async (options) => (await import('./batch-command.ts')).batchCommand(options),
  whatif: async (options) => (await import('./whatif-command.ts')).whatifCommand(options),
  compile: async (options) => (await import('./compile-command.ts')).compileCommand(options),
  replay: async (options) => (await import('./replay-command.ts')).replayCommand(options),
  backup: async (options) => (await import('./backup-command.ts')).backupCommand(options),
  restore: async (options) => (await import('./backup-command.ts')).restoreCommand(options),
  keys: async (options) => (await import('./keys-command.ts')).keysCommand(options),
  verify: async (options) => (await import('./verify-command.ts')).verifyCommand(options),
  ledger: async (options) => (await import('./ledger-command.ts')).ledgerCommand(options),
  payments: async (options) => (await import('./payments-command.ts')).paymentsCommand(options),
  contract: async (options) => (await import('./contract-command.ts')).contractCommand(options),
  log: async (options) => (await import('./log-command.ts')).logCommand(options),
  serve: async (options) => (await import('./serve-command.ts')).serveCommand(options),
}

/** Runs one command line and answers with its exit code. */
export async function main(args: readonly string[]): Promise<ExitCode> {
  try {
    return await dispatch(args)
  } catch (error) {
    return report(error)
  }
}

async function dispatch(args: readonly string[]): Promise<ExitCode> {
  const options = readArguments(args)
  if (options.flag('version')) return print(`kangyang ${programVersion()}\n`)
  const [first, ...rest] = options.positionals
  const asksHelp = first === 'help'
  const words = asksHelp ? rest : options.positionals
  const command = words[0] === undefined ? undefined : commandOf(words[0])
  const { operand } = command === undefined || asksHelp ? {} : COMMANDS[command]
  const most = operand === undefined ? 1 : operand.endsWith('…') ? words.length : 2
  if (words.length > most) throw unexpected(words[most] ?? '')
  if (asksHelp || options.flag('help')) return print(helpFor(command))
  if (command === undefined) {
    process.stderr.write(helpFor(undefined))
    return EXIT.usage
  }
  allowOnly(options, command, COMMANDS[command].options)
  return await RUN[command](options)
}

function commandOf(word: string): CommandName {
  const names = Object.keys(COMMANDS) as CommandName[]
  const found = names.find((name) => name === word)
  if (found) return found
  const meant = nearest(word, [...names, 'help'])
  throw new UsageError({
    zh: `没有命令 ${word}${meant ? `；是否指 ${meant}？` : ''}`,
    en: `there is no command ${word}${meant ? `; did you mean ${meant}?` : ''}`,
  })
}

function unexpected(word: string): UsageError {
  return new UsageError({
    zh: `多余的参数 ${word}；选项以 -- 开头`,
    en: `${word} is one word too many; options begin with --`,
  })
}

function print(text: string): ExitCode {
  process.stdout.write(text)
  return EXIT.done
}

/** What the world did wrong, said on standard error; anything else is our own bug. */
function report(error: unknown): ExitCode {
  if (error instanceof UsageError) {
    complain([error.zh, error.message, '→ kangyang help'])
    return EXIT.usage
  }
  if (error instanceof InputError) {
    const { code, what, remedy } = error.fault
    complain([
      `${formatPlace(error.place)} [${code}]`,
      `${what.zh}。处理：${remedy.zh}`,
      `${what.en}. To fix it: ${remedy.en}`,
    ])
    return EXIT.input
  }
  if (error instanceof RuleFileError) {
    complain([
      error.message,
      '方案文件有误，未结算任何账单 / a scheme file is wrong; nothing was settled',
    ])
    return EXIT.schemes
  }
  complain([
    '内部错误，未输出任何结果；请连同以下内容报告 / internal bug, nothing was written; please report it with this:',
    error instanceof Error ? (error.stack ?? error.message) : String(error),
  ])
  return EXIT.bug
}

function complain([first = '', ...rest]: readonly string[]): void {
  const lines = rest.map((line) => `  ${line}`)
  process.stderr.write(`${[`kangyang: ${first}`, ...lines].join('\n')}\n`)
}
