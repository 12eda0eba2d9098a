import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '#web/api.ts'

/** Signs out, and forgets everything that was read while signed in. */
export function useLogout() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: api.logout,
    onSettled: async (left) => {
      if (left) return window.location.assign(left.next)
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' })
      await client.resetQueries({ queryKey: ['session'] })
    },
  })
}
