import { serveThread } from '#platform/threads.ts'
import { LINES, type Stretch } from './invented-persons.ts'

const encoder = new TextEncoder()

serveThread<undefined, Stretch, Uint8Array<ArrayBuffer>>(() => ({ table, from, to }) => {
  let text = ''
  for (let n = from; n < to; n++) text += LINES[table](n)
  const output = encoder.encode(text) as Uint8Array<ArrayBuffer>
  return { output, moved: [output.buffer] }
})
