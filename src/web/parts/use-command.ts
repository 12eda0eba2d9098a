import { useMutation } from '@tanstack/react-query'
import { useRef } from 'react'
import { Problem } from '#web/api.ts'

/**
 * A request that must happen once. One intent has one key: a retry of the same body after a lost answer
 * carries the same key, so the server does it once; a decision, or another body, begins a new intent.
 */
export function useCommand<Body, Answer>(
  send: (body: Body, key: string) => Promise<Answer>,
  onSuccess?: (answer: Answer, body: Body) => unknown,
) {
  const intent = useRef<{ body: string; key: string } | undefined>(undefined)
  return useMutation<Answer, unknown, Body>({
    mutationFn: async (body) => {
      const text = JSON.stringify(body)
      if (intent.current?.body !== text) intent.current = { body: text, key: randomKey() }
      try {
        const answer = await send(body, intent.current.key)
        intent.current = undefined
        return answer
      } catch (error) {
        if (error instanceof Problem && error.decided) intent.current = undefined
        throw error
      }
    },
    onSuccess: (answer, body) => onSuccess?.(answer, body),
  })
}

/** 128 random bits. `crypto.randomUUID` is missing where a page is served without https. */
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
