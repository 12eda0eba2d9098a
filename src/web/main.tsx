import '@fontsource/noto-sans-sc/400.css'
import '@fontsource/noto-sans-sc/600.css'
import './style.css'
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Problem } from '#web/api.ts'
import { Console } from '#web/parts/console.tsx'
import { LanguageProvider } from '#web/parts/language.tsx'

/** A session that ended is noticed wherever the server says so: asking who is signed in shows the door. */
function noticeEnd(error: unknown): void {
  if (error instanceof Problem && error.code === 'not_signed_in')
    void client.invalidateQueries({ queryKey: ['session'] })
}

const client = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, { queryKey }) => {
      if (queryKey[0] !== 'session') noticeEnd(error)
    },
  }),
  mutationCache: new MutationCache({ onError: noticeEnd }),
  defaultOptions: {
    queries: {
      refetchOnWindowFocus: false,
      staleTime: 5_000,
      // A "no" stays a "no"; only silence is worth asking again.
      retry: (count, error) => count < 2 && error instanceof Problem && error.status === 0,
    },
  },
})

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <LanguageProvider>
        <Console />
      </LanguageProvider>
    </QueryClientProvider>
  </StrictMode>,
)
