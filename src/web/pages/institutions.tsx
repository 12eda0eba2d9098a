import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useState } from 'react'
import { api, type Institution, type InstitutionKind } from '#web/api.ts'
import { type Act, ActDialog } from '#web/parts/act-dialog.tsx'
import { DataTable } from '#web/parts/data-table.tsx'
import { InstitutionChart } from '#web/parts/institution-chart.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { Page, Section } from '#web/parts/page.tsx'
import { useChoices } from '#web/parts/person-covers.tsx'
import { RowActs } from '#web/parts/row-acts.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useAnswers, useBook } from '#web/parts/use-book.ts'
import { useCommand } from '#web/parts/use-command.ts'
import { useDebounced } from '#web/parts/use-debounced.ts'
import { Await } from '#web/parts/waiting.tsx'

const KINDS = {
  hospital: 'kindHospital',
  clinic: 'kindClinic',
  pharmacy: 'kindPharmacy',
  care: 'kindCare',
} as const satisfies Readonly<Record<InstitutionKind, string>>

/** Institutions with the level and the agreements of today, and how they came to be. */
export default function InstitutionsPage() {
  const { say } = useLanguage()
  const answer = useAnswers()
  const client = useQueryClient()
  const handles = useMay('institutions write')
  const [words, setWords] = useState('')
  const q = useDebounced(words.trim())
  const list = useQuery({ queryKey: ['institutions', q], queryFn: () => api.institutions(q) })
  const choices = useChoices(useBook().data)
  const [act, setAct] = useState<Act>()
  const refresh = () => client.invalidateQueries()
  const add = useCommand(api.addInstitution, refresh)
  const level = useCommand(api.addLevel, refresh)
  const agreement = useCommand(api.addAgreement, refresh)
  const edit = (of?: Institution) =>
    setAct({
      title: say(of ? 'correctInstitution' : 'addInstitution'),
      ok: say(of ? 'correct' : 'addInstitution'),
      fields: [
        {
          name: 'id',
          label: say('institutionNumber'),
          kind: 'text',
          needed: true,
          value: of?.id,
          fixed: of !== undefined,
        },
        {
          name: 'name',
          label: say('institutionName'),
          kind: 'text',
          needed: true,
          value: of?.name,
        },
        {
          name: 'kind',
          label: say('institutionKind'),
          kind: 'choice',
          needed: true,
          value: of?.kind ?? 'hospital',
          options: Object.entries(KINDS).map(([value, word]) => ({ value, label: say(word) })),
        },
      ],
      send: (typed) => add.mutateAsync(typed),
    })
  const document = {
    name: 'document',
    label: say('institutionDocument'),
    kind: 'text',
    needed: true,
  } as const
  const addLevel = ({ id, name }: Institution) =>
    setAct({
      title: say('addLevelLead', { name }),
      ok: say('addLevel'),
      note: say('addLevelNote'),
      fields: [
        {
          name: 'level',
          label: say('institutionLevel'),
          kind: 'choice',
          needed: true,
          options: choices('level'),
        },
        { name: 'from', label: say('coverFrom'), kind: 'day', needed: true },
        document,
      ],
      send: (typed) => level.mutateAsync({ institution: id, ...typed }),
    })
  const addAgreement = ({ id, name }: Institution) =>
    setAct({
      title: say('addAgreementLead', { name }),
      ok: say('addAgreement'),
      note: say('addAgreementNote'),
      fields: [
        { name: 'kind', label: say('agreementKind'), kind: 'text', needed: true },
        { name: 'from', label: say('coverFrom'), kind: 'day', needed: true },
        { name: 'until', label: say('lastDay'), kind: 'day' },
        document,
      ],
      send: (typed) => agreement.mutateAsync({ institution: id, ...typed }),
    })
  return (
    <Page
      title={say('institutionsPage')}
      lead={say('institutionsLead')}
      actions={
        handles && (
          <Button type="primary" onClick={() => edit()}>
            {say('addInstitution')}…
          </Button>
        )
      }
    >
      <div className="paper narrow">
        <label htmlFor="institution-words">{say('searchInstitution')}</label>
        <Input
          id="institution-words"
          value={words}
          allowClear
          autoComplete="off"
          onChange={({ target }) => setWords(target.value)}
        />
      </div>
      <Await query={list}>
        {({ institutions }) => (
          <>
            <Section title={say('institutionsToday')}>
              <DataTable
                caption={say('institutionsPage')}
                cards
                rows={institutions}
                rowKey={({ id }) => id}
                empty={say('noInstitutions')}
                columns={[
                  {
                    key: 'name',
                    title: say('institution'),
                    heading: true,
                    cell: ({ id, name }) => `${name} ${id}`,
                  },
                  {
                    key: 'kind',
                    title: say('institutionKind'),
                    cell: ({ kind }) => say(KINDS[kind]),
                  },
                  {
                    key: 'level',
                    title: say('levelToday'),
                    cell: ({ levelOn }) => answer('level', levelOn) || '—',
                  },
                  {
                    key: 'agreements',
                    title: say('agreementsToday'),
                    cell: ({ agreementsOn }) =>
                      agreementsOn.join(say('listComma')) || (
                        <strong>{say('noAgreementToday')}</strong>
                      ),
                  },
                  ...(handles
                    ? [
                        {
                          key: 'action',
                          title: say('action'),
                          cell: (each: Institution) => (
                            <RowActs
                              of={each.name}
                              acts={[
                                { word: 'addLevel', start: () => addLevel(each) },
                                { word: 'addAgreement', start: () => addAgreement(each) },
                                { word: 'correct', start: () => edit(each) },
                              ]}
                            />
                          ),
                        },
                      ]
                    : []),
                ]}
              />
            </Section>
            {institutions.length > 0 && <InstitutionChart institutions={institutions} />}
          </>
        )}
      </Await>
      {act && <ActDialog key={act.title} act={act} onClose={() => setAct(undefined)} />}
    </Page>
  )
}
