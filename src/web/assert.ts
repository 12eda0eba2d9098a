/**
 * Stands in for `node:assert/strict` in the browser, where the shared code below `#base` checks itself
 * too. It has what that code uses, and no more.
 */
export default function assert(value: unknown, message?: string): asserts value {
  if (!value) throw new Error(message ?? 'assertion failed')
}
