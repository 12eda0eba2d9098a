import type { Description } from '#platform/problem.ts'
import { describeFrom, type Facts, type Words } from './refusal-words.ts'

/** The words of every refusal about scenarios. */
export function describeScenario(code: string, facts: Facts): Description | undefined {
  return describeFrom(CODES, code, facts)
}

const CODES: Readonly<Record<string, Words>> = {
  unknown_scenario: () => [
    404,
    '没有这个情景，或它未共享给您',
    'there is no such scenario, or it is not shared with you',
    '请其所有者共享，或在情景列表中另选',
    'ask its owner to share it, or choose another from the list',
  ],
  not_your_scenario: () => [
    403,
    '这个情景属于别人，只能查看',
    'the scenario is somebody else’s: it is there to be read',
    '复制一份后再修改、推演',
    'copy it, then change and run the copy',
  ],
  unknown_scenario_run: () => [
    404,
    '没有这次推演，或它没有报告',
    'there is no such run, or it has no report',
    '重新打开情景',
    'open the scenario again',
  ],
  scenario_run_open: () => [
    409,
    '这个情景正在推演',
    'the scenario is being run already',
    '等它完成，或先取消',
    'wait until it is over, or cancel it first',
  ],
  scenario_run_over: () => [
    409,
    '这次推演已经结束',
    'the run is over already',
    '重新打开情景，查看结果',
    'open the scenario again to see what came of it',
  ],
  draft_refused: ({ line, zh, en }) => [
    422,
    `草案有误：第 ${line} 行，${zh}`,
    `the draft does not hold: line ${line}: ${en}`,
    '按 docs/whatif.md 的写法改正该行',
    'correct that line as docs/whatif.md says',
  ],
}
