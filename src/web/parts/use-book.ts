import { useQuery } from '@tanstack/react-query'
import { type AttributeView, api, type Book } from '#web/api.ts'
import { answerName } from '#web/parts/arithmetic.ts'
import { useLanguage } from '#web/parts/language.tsx'

const NO_WORDS: readonly AttributeView[] = []

/** The rule book in force, read once a minute at most. */
export const useBook = () => useQuery({ queryKey: ['book'], queryFn: api.book, staleTime: 60_000 })

export const useVocabulary = (): readonly AttributeView[] => useBook().data?.vocabulary ?? NO_WORDS

/** Names a scheme in the reader's language; by its number where the rules no longer know it. */
export function useSchemeTitle(book: Book | undefined): (scheme: string) => string {
  const { lang } = useLanguage()
  return (scheme) => book?.schemes.find(({ id }) => id === scheme)?.title[lang] ?? scheme
}

/** Names answers in the reader's language: `('level', '三级')` is `Level 3`. */
export function useAnswers(): (attribute: string, answer: string | null | undefined) => string {
  const { lang } = useLanguage()
  const vocabulary = useVocabulary()
  return (attribute, answer) => (answer ? answerName(attribute, answer, vocabulary, lang) : '')
}
