import { createContext, type ReactNode, use, useEffect, useMemo, useState } from 'react'
import { WORDS, type WordKey } from '#web/words.ts'

export type Language = 'zh' | 'en'

/** Says one entry of the dictionary; `{name}` in it is filled from `values`. */
export type Say = (key: WordKey, values?: Readonly<Record<string, string | number>>) => string

type LanguageValue = {
  readonly lang: Language
  readonly say: Say
  readonly choose: (lang: Language) => void
}

const STORED = 'kangyang.language'
const LanguageContext = createContext<LanguageValue | undefined>(undefined)

/** Keeps the chosen language, tells the document, and remembers it in this browser. */
export function LanguageProvider({ children }: { readonly children: ReactNode }) {
  const [lang, choose] = useState<Language>(() =>
    localStorage.getItem(STORED) === 'en' ? 'en' : 'zh',
  )
  useEffect(() => {
    document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en'
    localStorage.setItem(STORED, lang)
  }, [lang])
  const value = useMemo(() => ({ lang, choose, say: sayIn(lang) }), [lang])
  return <LanguageContext value={value}>{children}</LanguageContext>
}

export function useLanguage(): LanguageValue {
  const value = use(LanguageContext)
  if (!value) throw new Error('useLanguage needs a LanguageProvider')
  return value
}

const sayIn =
  (lang: Language): Say =>
  (key, values) =>
    WORDS[key][lang].replace(/\{(\w+)\}/g, (_, name: string) => String(values?.[name] ?? ''))
