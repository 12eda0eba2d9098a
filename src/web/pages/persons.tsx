import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { Button, Form, Input, Select } from 'antd'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { api, type Book, type PersonRow } from '#web/api.ts'
import { DataTable } from '#web/parts/data-table.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Page, Section } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { RegisterPerson } from '#web/parts/register-person.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useAnswers, useBook, useSchemeTitle } from '#web/parts/use-book.ts'
import { useDebounced } from '#web/parts/use-debounced.ts'
import { Await } from '#web/parts/waiting.tsx'

/** Find a person: by id-card number, or by how a number or name begins, among those of one scheme or all. */
export default function PersonsPage() {
  const { say } = useLanguage()
  const go = useNavigate()
  const book = useBook()
  const handles = useMay('files write')
  const open = (person: string) => void go(`/persons/${encodeURIComponent(person)}`)
  return (
    <Page title={say('personsPage')} lead={say('personsLead')}>
      <ByIdNumber onFound={open} />
      <Persons book={book.data} />
      {handles && <RegisterPerson onDone={open} />}
    </Page>
  )
}

/** The number goes in the body of a request, so that it stays in no address and no log. */
function ByIdNumber({ onFound }: { readonly onFound: (person: string) => void }) {
  const { say } = useLanguage()
  const [form] = Form.useForm<{ searched: string }>()
  const find = useMutation({
    mutationFn: api.findByIdNumber,
    onSuccess: ({ person }) => onFound(person),
  })
  return (
    <Section title={say('findByIdNumber')} note={say('findByIdNumberNote')}>
      <Form
        form={form}
        name="find"
        layout="vertical"
        className="narrow"
        onFinish={({ searched }) => find.mutate(searched.trim())}
      >
        <Form.Item
          name="searched"
          label={say('wholeIdNumber')}
          rules={[{ required: true, whitespace: true, message: say('required') }]}
        >
          <Input autoComplete="off" maxLength={30} />
        </Form.Item>
        <Button htmlType="submit" loading={find.isPending}>
          {say('find')}
        </Button>
      </Form>
      <ProblemAlert error={find.error} />
    </Section>
  )
}

function Persons({ book }: { readonly book: Book | undefined }) {
  const { lang, say } = useLanguage()
  const answer = useAnswers()
  const title = useSchemeTitle(book)
  const [scheme, setScheme] = useState('')
  const [words, setWords] = useState('')
  const q = useDebounced(words.trim())
  const persons = useInfiniteQuery({
    queryKey: ['persons', 'pages', q, scheme],
    queryFn: ({ pageParam }) => api.personsAfter({ q, scheme, after: pageParam }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
  })
  return (
    <Section title={say('persons')}>
      <div className="form-grid search-form">
        <div>
          <label htmlFor="person-words">{say('searchPerson')}</label>
          <Input
            id="person-words"
            value={words}
            allowClear
            autoComplete="off"
            onChange={({ target }) => setWords(target.value)}
          />
        </div>
        <div>
          <label htmlFor="persons-scheme">{say('scheme')}</label>
          <Select
            id="persons-scheme"
            className="full"
            value={scheme}
            onChange={setScheme}
            showSearch={{ optionFilterProp: 'label' }}
            options={[
              { value: '', label: say('allSchemes') },
              ...(book?.schemes ?? []).map((each) => ({ value: each.id, label: each.title[lang] })),
            ]}
          />
        </div>
      </div>
      <Await query={persons}>
        {({ pages }) => (
          <DataTable<PersonRow>
            caption={say('persons')}
            cards
            rows={pages.flatMap((each) => each.persons)}
            rowKey={({ id }) => id}
            empty={say('noPersons')}
            columns={[
              {
                key: 'name',
                title: say('person'),
                heading: true,
                cell: ({ id, name }) => (
                  <Link to={`/persons/${encodeURIComponent(id)}`}>
                    {name || say('noName')} <span className="quiet">{id}</span>
                  </Link>
                ),
              },
              { key: 'born', title: say('bornYear'), cell: ({ born }) => born?.slice(0, 4) ?? '—' },
              {
                key: 'scheme',
                title: say('schemeToday'),
                cell: (each) => (each.scheme ? title(each.scheme) : '—'),
              },
              {
                key: 'class',
                title: say('insuredClass'),
                cell: (each) => answer('class', each.class) || '—',
              },
              {
                key: 'category',
                title: say('assistance'),
                cell: ({ category }) => answer('category', category) || '—',
              },
              {
                key: 'bills',
                title: say('billsSettled'),
                numeric: true,
                cell: ({ settled, bills }) => `${settled} / ${bills}`,
              },
            ]}
          />
        )}
      </Await>
      {persons.hasNextPage && (
        <Button
          className="spaced"
          loading={persons.isFetchingNextPage}
          onClick={() => void persons.fetchNextPage()}
        >
          {say('showMore')}
        </Button>
      )}
    </Section>
  )
}
