import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { type ChangeEvent, useId, useState } from 'react'
import { Link, useParams } from 'react-router'
import {
  ACTS,
  CASE_ACTS,
  type CaseAct,
  DOCUMENT_KINDS,
  type DocumentKind,
  OUTCOMES,
  OWN_STATES,
} from '#domains/casework/types.ts'
import { api, type OwnCaseFile } from '#web/api.ts'
import { type Act, ActDialog } from '#web/parts/act-dialog.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { money } from '#web/parts/money.ts'
import { Page, Section } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { useSession } from '#web/parts/session.tsx'
import { useCommand } from '#web/parts/use-command.ts'
import { Await, Working } from '#web/parts/waiting.tsx'
import type { WordKey } from '#web/words.ts'

/** One case for whoever handed it in: the answer first, then what is asked, what they handed in, and what happened. */
export default function OwnCasePage() {
  const { case: id = '' } = useParams()
  const { say } = useLanguage()
  const { user } = useSession()
  const found = useQuery({ queryKey: ['own cases', id], queryFn: () => api.ownCase(id) })
  const no = found.data?.no
  return (
    <div className={user.role === 'hospital' ? undefined : 'large'}>
      <Page
        title={no === undefined ? say('ownCases') : say('caseOf', { no: String(no) })}
        lead={<Link to="/own-cases">{say('ownCaseBack')}</Link>}
      >
        <Await query={found}>{(file) => <One file={file} />}</Await>
      </Page>
    </div>
  )
}

function One({ file }: { readonly file: OwnCaseFile }) {
  const { lang, say } = useLanguage()
  const { state, bill, amount, asked, clocks } = file
  const [clock] = clocks
  return (
    <>
      <Section title={OWN_STATES[state][lang]}>
        <p>{say('ownCaseAbout', { bill, amount: money(amount) })}</p>
        {asked && (
          <p className="large-asked" role="status">
            {say('ownCaseAsked', { why: asked.why })}
          </p>
        )}
        {clock && <p>{say('ownCaseUntil', { what: clock[lang], due: clock.due })}</p>}
        <Decision file={file} />
        <Acts file={file} />
      </Section>
      <Papers file={file} />
      <Section title={say('caseHistory')}>
        <ol className="large-list">
          {file.steps.map(({ act, on, why }, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: what was done to a case is never reordered
            <li key={i}>
              {on} · {CASE_ACTS[act][lang]}
              {why && `${say('colon')}${why}`}
            </li>
          ))}
        </ol>
      </Section>
      <p className="large-help">{say('ownCaseHelp')}</p>
    </>
  )
}

function Decision({ file: { id, decision } }: { readonly file: OwnCaseFile }) {
  const { lang, say } = useLanguage()
  if (!decision) return null
  const { outcome, bearer, why, rules, cuts } = decision
  return (
    <>
      <p>
        <strong>{say('ownCaseDecided', { outcome: OUTCOMES[outcome][lang] })}</strong>
        {bearer === 'hospital' && ` ${say('caseBorneByHospital')}`}
      </p>
      {why && <p>{say('ownCaseBecause', { why })}</p>}
      {cuts.length > 0 && (
        <ul>
          {cuts.map(({ line, name, amount }) => (
            <li key={line}>
              {[line, name].filter(Boolean).join(' ') || say('caseWholeBill')} −{money(amount)}
            </li>
          ))}
        </ul>
      )}
      {rules.length > 0 && <p>{say('ownCaseRules', { rules: rules.join(say('listComma')) })}</p>}
      <p>
        <a href={api.ownNoticeAddress(id)} target="_blank" rel="noreferrer">
          {say('caseNotice')}
        </a>
      </p>
    </>
  )
}

const ACT_WORDS: Readonly<Partial<Record<CaseAct, WordKey>>> = {
  'receive-documents': 'ownCaseAllThere',
  'hospital-answers': 'ownCaseAnswer',
  object: 'ownCaseObject',
  withdraw: 'ownCaseWithdraw',
}

function Acts({ file }: { readonly file: OwnCaseFile }) {
  const { say } = useLanguage()
  const client = useQueryClient()
  const send = useCommand(api.actOnOwnCase, () => client.invalidateQueries())
  const [act, setAct] = useState<Act>()
  const start = (each: CaseAct, word: WordKey) =>
    setAct({
      title: say(word),
      ok: say(word),
      danger: each === 'withdraw',
      fields: [
        {
          name: 'why',
          label: say('caseReason'),
          kind: 'text',
          needed: Boolean(ACTS[each].reasons) || each === 'hospital-answers',
        },
      ],
      send: ({ why }) =>
        send.mutateAsync({
          of: file.id,
          act: each,
          seen: file.acts,
          ...(why === undefined ? {} : { why }),
        }),
    })
  return (
    <div className="actions">
      {file.may.map((each, i) => {
        const word = ACT_WORDS[each]
        return (
          word && (
            <Button
              key={each}
              type={i === 0 && each !== 'withdraw' ? 'primary' : 'default'}
              onClick={() => start(each, word)}
            >
              {say(word)}…
            </Button>
          )
        )
      })}
      {act && <ActDialog key={act.title} act={act} onClose={() => setAct(undefined)} />}
    </div>
  )
}

/** What they handed in, and a plain field for one file more: a choice of kind for each, and no dragging. */
function Papers({ file }: { readonly file: OwnCaseFile }) {
  const { lang, say } = useLanguage()
  const field = useId()
  const client = useQueryClient()
  const found = useQuery({
    queryKey: ['own cases', 'documents', file.id],
    queryFn: () => api.ownDocuments(file.id),
  })
  const [kind, setKind] = useState<DocumentKind>('invoice')
  const add = useCommand(api.addOwnDocument, () => client.invalidateQueries())
  const over = file.state === 'closed' || file.state === 'withdrawn'
  const choose = ({ target }: ChangeEvent<HTMLInputElement>) => {
    const [chosen] = target.files ?? []
    if (chosen)
      add.mutate({ of: file.id, kind, name: chosen.name, size: chosen.size, file: chosen })
    target.value = ''
  }
  return (
    <Section title={say('ownPapers')} note={say('ownPapersNote')}>
      <Await query={found}>
        {({ documents }) => (
          <ul className="large-list">
            {documents.length === 0 && <li>{say('caseNoDocuments')}</li>}
            {documents.map(({ id, name, kind: of, removedWhy }) => (
              <li key={id}>
                {removedWhy === null ? (
                  <a href={api.ownDocumentAddress(file.id, id)} target="_blank" rel="noreferrer">
                    {DOCUMENT_KINDS[of][lang]} · {name}
                  </a>
                ) : (
                  `${DOCUMENT_KINDS[of][lang]} · ${name} · ${say('caseDocumentRemoved')}${say('colon')}${removedWhy}`
                )}
              </li>
            ))}
          </ul>
        )}
      </Await>
      {!over && (
        <div className="large-file">
          <label htmlFor={`${field}-kind`}>{say('caseDocumentKind')}</label>
          <select
            id={`${field}-kind`}
            value={kind}
            onChange={({ target }) => setKind(target.value as DocumentKind)}
          >
            {Object.entries(DOCUMENT_KINDS).map(([value, title]) => (
              <option key={value} value={value}>
                {title[lang]}
              </option>
            ))}
          </select>
          <label htmlFor={field}>{say('ownPaperChoose')}</label>
          <input
            id={field}
            type="file"
            accept="image/png,image/jpeg,application/pdf"
            onChange={choose}
          />
        </div>
      )}
      {add.isPending && <Working text={say('workingAct')} />}
      <ProblemAlert error={add.error} />
    </Section>
  )
}
