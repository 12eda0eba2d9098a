import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deviceOf } from './device.ts'

test('a device is named as its owner knows it', () => {
  const chrome = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0'
  const names = {
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${chrome} Safari/537.36`]: 'Chrome · Windows',
    [`Mozilla/5.0 (Windows NT 10.0) ${chrome} Safari/537.36 Edg/140.0`]: 'Edge · Windows',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1':
      'Safari · iOS',
    [`Mozilla/5.0 (Linux; Android 15) ${chrome} MicroMessenger/8.0`]: '微信 WeChat · Android',
    'kangyang-sync/1.4': 'kangyang-sync/1.4',
  }
  for (const [agent, name] of Object.entries(names)) assert.equal(deviceOf(agent), name)
  assert.equal(deviceOf(undefined), '')
  assert.equal(deviceOf('x'.repeat(500)).length, 60)
})
