import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { test } from 'node:test'
import { openDatabase } from './database.ts'

/** A message of the protocol: its letter, its length, what it says. */
function message(letter: string, body: string | readonly number[]): Buffer {
  const said = Buffer.from(body as string)
  const head = Buffer.alloc(5)
  head.write(letter)
  head.writeInt32BE(said.length + 4, 1)
  return Buffer.concat([head, said])
}

test('a database that dies as it takes a connection on ends the transaction, and not the program', async () => {
  const dying = Buffer.concat([
    message('R', [0, 0, 0, 0]), // authenticated
    message('Z', 'I'), // ready, and in the same breath:
    message('E', 'SFATAL\0C57P01\0Mterminating connection\0\0'),
  ])
  const server = createServer((socket) => {
    socket.once('data', () => socket.end(dying))
    socket.on('error', () => {})
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const database = openDatabase(`postgres://nobody:none@127.0.0.1:${port}/none`, { max: 1 })
  try {
    await assert.rejects(database.transaction((sql) => sql.query('select 1')))
    await assert.rejects(database.query('select 1'))
  } finally {
    await database.close()
    server.close()
  }
})
