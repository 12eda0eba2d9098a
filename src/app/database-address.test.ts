import assert from 'node:assert/strict'
import { test } from 'node:test'
import { databaseAddress } from './database-address.ts'

test('a database on another machine says how it is encrypted, or the start is refused', () => {
  for (const address of [
    undefined,
    'postgres://localhost/kangyang',
    'postgres://kangyang:word@127.0.0.1:5432/kangyang',
    'postgres://[::1]/kangyang',
    'postgres:///kangyang?host=/var/run/postgresql',
    'postgres://%2Fvar%2Frun%2Fpostgresql/kangyang',
    'postgres://db.example.cn/kangyang?sslmode=verify-full',
    'postgres://db.example.cn/kangyang?sslmode=disable',
  ])
    assert.equal(databaseAddress(address), address)
  for (const address of [
    'postgres://kangyang:word@db.example.cn/kangyang',
    'postgres://kangyang:word@db.example.cn/kangyang?sslmode=',
    'postgres://kangyang:word@localhost/kangyang?host=db.example.cn',
  ])
    assert.throws(
      () => databaseAddress(address),
      ({ message }) => /db\.example\.cn/.test(message) && !/word/.test(message),
      address,
    )
})
