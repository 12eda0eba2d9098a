import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { fen } from '#base/money.ts'
import { plainDate } from '#base/plain-date.ts'
import { moved, stateOf } from './move.ts'
import {
  ACTS,
  CASE_STATES,
  type CaseAct,
  type CaseState,
  DESKS,
  type Desk,
  type Done,
} from './types.ts'

const EVERY_DESK = Object.keys(DESKS) as Desk[]
const SMALL = { desks: EVERY_DESK, amount: 800_00, limit: 50_000_00 }
const LARGE = { ...SMALL, amount: 50_000_01 }
const [WANG, LI, ZHAO] = ['wang', 'li', 'zhao'] as const
const PAY = { outcome: 'pay' } as const
const CUT = {
  outcome: 'cut',
  rules: ['resident-inpatient/limit-price'],
  cuts: [{ line: '1', amount: fen(100_00) }],
} as const

const did = (act: CaseAct, by: string = WANG, more: Partial<Done> = {}): Done => ({
  act,
  by,
  on: plainDate('2026-03-02'),
  why: 'as the file says',
  ...more,
})

/** The history after these acts, each of which must be allowed. */
function after(acts: readonly Done[], facts = SMALL): Done[] {
  const history: Done[] = []
  for (const act of acts) {
    const next = moved(history, act, facts)
    assert(next.ok, JSON.stringify(next))
    history.push(act)
  }
  return history
}

function refused(history: readonly Done[], act: Done, facts = SMALL) {
  const next = moved(history, act, facts)
  assert(!next.ok)
  return next.error
}

const REVIEWED = [did('accept'), did('review')]

test('a case with documents asked for, a query, an investigation, a cut, and an objection decided by another person', () => {
  const history = after([
    did('accept'),
    did('ask-documents'),
    did('receive-documents'),
    did('query-hospital'),
    did('hospital-answers'),
    did('investigate'),
    did('report', ZHAO),
    did('decide', WANG, { decision: CUT }),
    did('notify'),
    did('object'),
    did('revise', LI, { decision: PAY }),
    did('close'),
  ])
  assert.equal(stateOf(history), 'closed')
})

test('every act in every state: done as its table says, refused by name otherwise', () => {
  let refusals = 0
  for (const act of Object.keys(ACTS) as CaseAct[])
    for (const state of [undefined, ...Object.keys(CASE_STATES)] as (CaseState | undefined)[]) {
      const { from, decides } = ACTS[act]
      // Any act that ends in the state will do: only where a case stands is asked first.
      const came = (Object.keys(ACTS) as CaseAct[]).find((each) => ACTS[each].to === state)
      const history = came ? [did(came, ZHAO)] : []
      const next = moved(history, did(act, LI, decides ? { decision: PAY } : {}), SMALL)
      const legal = state === undefined ? from.length === 0 : from.includes(state)
      assert.equal(next.ok, legal, `${act} from ${state}`)
      if (next.ok) continue
      assert.deepEqual(next.error, { code: 'illegal_case_move', act, state, from })
      refusals++
    }
  const legal = Object.values(ACTS).reduce((sum, { from }) => sum + Math.max(1, from.length), 0)
  assert.equal(refusals, Object.keys(ACTS).length * 13 - legal)
})

describe('what is refused though the case stands right', () => {
  test('documents are asked for once', () => {
    const history = after([did('accept'), did('ask-documents'), did('receive-documents')])
    assert.deepEqual(refused(history, did('ask-documents')), {
      code: 'once_only',
      act: 'ask-documents',
      on: '2026-03-02',
    })
  })
  test('above 50,000.00 nobody decides alone; at 50,000.00 one person does', () => {
    const alone = did('decide', WANG, { decision: PAY })
    assert.deepEqual(refused(after(REVIEWED, LARGE), alone, LARGE), {
      code: 'above_limit',
      amount: 50_000_01,
      limit: 50_000_00,
    })
    after([...REVIEWED, alone], { ...SMALL, amount: 50_000_00 })
  })
  test('whoever proposed does not approve; somebody else does', () => {
    const history = after([...REVIEWED, did('propose', WANG, { decision: CUT })], LARGE)
    assert.deepEqual(refused(history, did('approve', WANG, { decision: CUT }), LARGE), {
      code: 'other_person_needed',
      act: 'approve',
      decidedBy: WANG,
    })
    after([...history, did('approve', LI, { decision: CUT })], LARGE)
  })
  test('neither who proposed nor who approved decides on the objection', () => {
    const history = after(
      [
        ...REVIEWED,
        did('propose', WANG, { decision: CUT }),
        did('approve', LI, { decision: CUT }),
        did('notify'),
        did('object'),
      ],
      LARGE,
    )
    for (const by of [WANG, LI])
      assert.equal(
        refused(history, did('uphold', by, { decision: CUT }), LARGE).code,
        'other_person_needed',
      )
    after([...history, did('uphold', ZHAO, { decision: CUT })], LARGE)
  })
  test('a cut and a refusal say why, and name a rule; to pay needs neither', () => {
    for (const outcome of ['cut', 'refuse'] as const) {
      const decision = { outcome, rules: CUT.rules }
      const code = (more: Partial<Done>) => refused(REVIEWED, did('decide', WANG, more)).code
      assert.equal(code({ decision, why: ' ' }), 'reasons_missing')
      assert.equal(code({ decision: { outcome, rules: [] } }), 'rule_missing')
    }
    after([...REVIEWED, did('decide', WANG, { decision: PAY, why: undefined })])
  })
  test('to decide says what, and nothing else does', () => {
    assert.equal(refused(REVIEWED, did('decide')).code, 'decision_missing')
    assert.equal(refused([], did('accept', WANG, { decision: PAY })).code, 'decision_misplaced')
  })
  test('a counter does not review', () => {
    const counter = { ...SMALL, desks: ['counter'] as const }
    const next = moved([did('accept')], did('review'), counter)
    assert(!next.ok)
    assert.deepEqual(next.error, { code: 'other_desk', act: 'review', desk: 'review' })
  })
  test('nothing is done before what was done last', () => {
    const early = did('review', WANG, { on: plainDate('2026-03-01') })
    assert.deepEqual(refused([did('accept')], early), {
      code: 'date_before_last',
      act: 'review',
      last: '2026-03-02',
    })
  })
})

test('a revision takes less from whoever the decision took from, and nothing new from the person', () => {
  const borne = (amount: number, bearer: 'patient' | 'hospital') => ({
    ...CUT,
    bearer,
    cuts: [{ line: '1', amount: fen(amount) }],
  })
  const revised = (stood: Done['decision'], now: Done['decision']) => {
    const history = [
      did('accept'),
      did('review'),
      did('propose', WANG, { decision: stood }),
      did('approve', LI, { decision: stood }),
      did('notify'),
      did('object'),
    ]
    const next = moved(history, did('revise', ZHAO, { decision: now }), LARGE)
    return next.ok ? 'revised' : next.error.code
  }
  const [person, hospital] = [borne(100_00, 'patient'), borne(100_00, 'hospital')]
  assert.equal(revised(person, hospital), 'revised', 'the person pays no more of it')
  assert.equal(revised(hospital, person), 'not_in_favour')
  assert.equal(revised(hospital, hospital), 'not_in_favour')
  assert.equal(revised(hospital, borne(99_99, 'hospital')), 'revised')
  assert.equal(revised(hospital, borne(99_99, 'patient')), 'not_in_favour')
  assert.equal(revised(hospital, { outcome: 'refuse', rules: ['x'] }), 'not_in_favour')
  assert.equal(revised(hospital, PAY), 'revised')
  assert.equal(revised({ outcome: 'refuse', rules: ['x'] }, hospital), 'revised')
})

test('property: however people act, no large case is decided by one person, nor an objection by who decided before', () => {
  const step = fc.record({
    act: fc.constantFrom(...(Object.keys(ACTS) as CaseAct[])),
    by: fc.constantFrom(WANG, LI, ZHAO),
  })
  let decided = 0
  fc.assert(
    fc.property(fc.array(step, { minLength: 200, maxLength: 300 }), (steps) => {
      const history: Done[] = []
      for (const { act, by } of steps) {
        const next = did(act, by, ACTS[act].decides ? { decision: CUT } : {})
        if (moved(history, next, LARGE).ok) history.push(next)
      }
      const who = (acts: readonly CaseAct[]) =>
        history.filter(({ act }) => acts.includes(act)).map(({ by }) => by)
      const [approved] = who(['approve'])
      if (approved !== undefined) decided++
      assert.deepEqual(who(['decide']), [])
      assert(approved === undefined || !who(['propose']).includes(approved))
      for (const by of who(['uphold', 'revise'])) assert(!who(['propose', 'approve']).includes(by))
      assert(who(['ask-documents']).length <= 1)
    }),
    { numRuns: 100 },
  )
  assert(decided > 0, 'some cases came as far as a decision')
})

test('the diagram of the README is the table', () => {
  const readme = readFileSync(fileURLToPath(new URL('./README.md', import.meta.url)), 'utf8')
  const drawn = /```mermaid\nstateDiagram-v2\n([\s\S]*?)```/.exec(readme)?.[1]
  const name = (state: CaseState) => state.replaceAll('-', '_')
  const ends = (Object.keys(CASE_STATES) as CaseState[]).filter((state) =>
    Object.values(ACTS).every(({ from }) => !from.includes(state)),
  )
  const lines = [
    ...(Object.keys(ACTS) as CaseAct[]).flatMap((act) => {
      const { from, to, apart } = ACTS[act]
      const label = `${act}${apart ? ', by another person' : ''}`
      const origins = from.length === 0 ? ['[*]'] : from.map(name)
      return origins.map((origin) => `  ${origin} --> ${name(to)}: ${label}`)
    }),
    ...ends.map((state) => `  ${name(state)} --> [*]`),
  ]
  assert.equal(drawn, `${lines.join('\n')}\n`)
})
