import { setTimeout as sleep } from 'node:timers/promises'

/** Asks again while the database is away, and the keeper brings it back. */
export async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let left = 2_400; ; left--) {
    try {
      return await work()
    } catch (error) {
      if (left === 0 || !isAway(error)) throw error
      await sleep(50)
    }
  }
}

const isAway = (error: unknown): boolean => {
  const { code = '', message = '' } = error as { code?: string; message?: string }
  return (
    /^(ECONNREFUSED|ECONNRESET|ENOENT|EPIPE|57P0\d|08\w{3})$/.test(code) ||
    /Connection terminated|Client has encountered a connection error/.test(message)
  )
}
