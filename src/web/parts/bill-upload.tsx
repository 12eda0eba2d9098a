import { useQueryClient } from '@tanstack/react-query'
import { Button, Upload } from 'antd'
import { useState } from 'react'
import { api, type Explained, type InputFile } from '#web/api.ts'
import { useLanguage } from '#web/parts/language.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { useMay } from '#web/parts/session.tsx'
import { useCommand } from '#web/parts/use-command.ts'
import { Working } from '#web/parts/waiting.tsx'

const MOST_BYTES = 8 * 1024 * 1024

type Read = { readonly name: string; readonly input?: InputFile; readonly fault?: 'json' | 'size' }

/** A file of persons and bills, as the command line reads it. */
export function BillUpload({
  onSaved,
  onTrial,
}: {
  readonly onSaved: (person: string | undefined, bill: string | undefined) => void
  readonly onTrial: (explained: Explained) => void
}) {
  const { say } = useLanguage()
  const handles = useMay('bills add')
  const client = useQueryClient()
  const [file, setFile] = useState<Read>()
  const trial = useCommand((input: InputFile) => api.trial({ input }), onTrial)
  const save = useCommand(api.saveBills, async ({ bills }, { bills: [first] }) => {
    await client.invalidateQueries()
    onSaved(first?.person, bills[0])
  })
  const input = file?.input
  const read = async (chosen: File) => {
    trial.reset()
    save.reset()
    setFile(await readInput(chosen))
  }
  return (
    <div className="upload">
      <Upload.Dragger
        accept=".json,application/json"
        showUploadList={false}
        beforeUpload={(chosen) => {
          void read(chosen)
          return false
        }}
      >
        <p>
          <strong>{say('chooseFile')}</strong>
        </p>
        <p className="quiet">{say('chooseFileNote')}</p>
      </Upload.Dragger>
      {file?.fault && (
        <p role="alert" className="field-fault">
          {file.name}: {say(file.fault === 'size' ? 'fileTooLarge' : 'fileNotJson')}
        </p>
      )}
      {file && input && (
        <>
          <p role="status">
            <strong>{file.name}</strong> —{' '}
            {say('fileHolds', { persons: input.persons.length, bills: input.bills.length })}
          </p>
          <div className="actions">
            <Button
              disabled={input.bills.length !== 1}
              loading={trial.isPending}
              onClick={() => trial.mutate(input)}
            >
              {say('trialUnsaved')}
            </Button>
            {handles && (
              <Button type="primary" loading={save.isPending} onClick={() => save.mutate(input)}>
                {say('saveBills', { n: input.bills.length })}
              </Button>
            )}
          </div>
          {input.bills.length !== 1 && <p className="quiet">{say('trialOneBill')}</p>}
          {save.isPending && <Working text={say('workingSave')} />}
          <ProblemAlert error={trial.error} retry={() => trial.mutate(input)} />
          <ProblemAlert error={save.error} retry={() => save.mutate(input)} />
        </>
      )}
    </div>
  )
}

async function readInput(file: File): Promise<Read> {
  if (file.size > MOST_BYTES) return { name: file.name, fault: 'size' }
  try {
    const value = JSON.parse(await file.text()) as Partial<InputFile> | null
    if (!Array.isArray(value?.bills)) return { name: file.name, fault: 'json' }
    const input = { ...value, persons: value.persons ?? [] } as InputFile
    return { name: file.name, input }
  } catch {
    return { name: file.name, fault: 'json' }
  }
}
