import { useQuery } from '@tanstack/react-query'
import { Input } from 'antd'
import { useState } from 'react'
import { api, type CodeList } from '#web/api.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { useDebounced } from '#web/parts/use-debounced.ts'
import { Await } from '#web/parts/waiting.tsx'
import type { WordKey } from '#web/words.ts'

const LISTS: readonly { readonly list: CodeList; readonly word: WordKey }[] = [
  { list: 'icd10', word: 'codesOfDiseases' },
  { list: 'icd9cm3', word: 'codesOfProcedures' },
  { list: 'nrdl', word: 'namesOfDrugs' },
]

/** Public codes of diseases and procedures, and the names of the national list of drugs. */
export function PublicCodes() {
  const { say } = useLanguage()
  const [list, setList] = useState<CodeList>('icd10')
  const [words, setWords] = useState('')
  const q = useDebounced(words)
  const codes = useQuery({
    queryKey: ['codes', list, q],
    queryFn: () => api.codes(list, q),
    staleTime: Number.POSITIVE_INFINITY,
  })
  return (
    <>
      <search className="filters">
        <label className="field">
          <span>{say('codeList')}</span>
          <select value={list} onChange={({ target }) => setList(target.value as CodeList)}>
            {LISTS.map(({ list, word }) => (
              <option key={list} value={list}>
                {say(word)}
              </option>
            ))}
          </select>
        </label>
        <label className="field" htmlFor="catalogue-words">
          <span>{say('catalogueWords')}</span>
          <Input
            id="catalogue-words"
            value={words}
            maxLength={100}
            onChange={({ target }) => setWords(target.value)}
          />
        </label>
      </search>
      <Await query={codes}>
        {({ codes }) => (
          <DataTable
            cards
            caption={say('publicCodes')}
            rows={codes}
            rowKey={({ code }, i) => `${code} ${i}`}
            empty={say('catalogueNone')}
            columns={[
              {
                key: 'code',
                title: say('itemCode'),
                heading: true,
                cell: ({ code }) => <code>{code}</code>,
              },
              { key: 'name', title: say('itemName'), cell: ({ name }) => name },
              { key: 'note', title: say('itemNote'), cell: ({ note }) => note ?? '—' },
            ]}
          />
        )}
      </Await>
    </>
  )
}
