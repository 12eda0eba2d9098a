import assert from 'node:assert/strict'
import { test } from 'node:test'
import { typeOf } from './document.ts'

test('a document is what its first bytes say, and nothing that a browser would run', () => {
  const of = (text: string) => typeOf(Buffer.from(text, 'latin1'))
  assert.equal(of('\x89PNG\r\n\x1a\n…'), 'image/png')
  assert.equal(of('\xff\xd8\xff\xe0…'), 'image/jpeg')
  assert.equal(of('%PDF-1.7 …'), 'application/pdf')
  for (const other of ['', '<svg onload=alert(1)>', '<html>', 'GIF89a', 'PK\x03\x04'])
    assert.equal(of(other), undefined, other)
})
