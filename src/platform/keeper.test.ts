import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { hasEnded, Keeper } from './keeper.ts'

/** A keeper of processes that only wait; `readiness` says for each when it is ready. */
function keeperOf(readiness: (child: ChildProcess, nth: number) => Promise<void>) {
  const children: ChildProcess[] = []
  const keeper = new Keeper(
    () => {
      const child = spawn('sleep', ['60'], { stdio: 'ignore' })
      children.push(child)
      return { child, ready: readiness(child, children.length) }
    },
    { giveUpAfterMs: 10_000 },
  )
  return { keeper, children }
}

const dies = async (child: ChildProcess): Promise<void> => {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

test('one that dies is started again', async () => {
  let isReplaced = () => {}
  const replaced = new Promise<void>((resolve) => {
    isReplaced = resolve
  })
  const { keeper, children } = keeperOf(async (_, nth) => {
    if (nth === 2) isReplaced()
  })
  await keeper.start()
  await dies(children[0] as ChildProcess)
  await replaced
  assert.equal(keeper.pid, children[1]?.pid)
  await keeper.stop()
  assert(children.every(hasEnded))
})

test('one that dies as soon as it has answered is started again too', async () => {
  const { keeper, children } = keeperOf(async (child, nth) => {
    if (nth === 1) await dies(child)
  })
  await keeper.start()
  assert.equal(children.length, 2)
  assert.equal(keeper.pid, children[1]?.pid)
  await keeper.stop()
  assert(children.every(hasEnded))
})

test('a stop reaches one that is not ready yet', async () => {
  const { keeper, children } = keeperOf(async (child) => {
    await once(child, 'exit')
    throw new Error('ended before it was ready')
  })
  const starting = keeper.start()
  await keeper.stop()
  await assert.rejects(starting, /before it was ready/)
  assert.deepEqual(children.map(hasEnded), [true])
})
