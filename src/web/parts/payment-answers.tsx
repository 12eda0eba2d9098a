import { useQueryClient } from '@tanstack/react-query'
import { Alert, Upload } from 'antd'
import { api } from '#web/api.ts'
import { useLanguage } from '#web/parts/language.tsx'
import { Section } from '#web/parts/page.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { useCommand } from '#web/parts/use-command.ts'
import { Working } from '#web/parts/waiting.tsx'

/** 回盘: takes a bank's file in and says what became of it. */
export function PaymentAnswers() {
  const { say } = useLanguage()
  const client = useQueryClient()
  const take = useCommand(api.takePaymentAnswers, () => client.invalidateQueries())
  const read = async (file: File) => take.mutate({ name: file.name, text: await file.text() })
  const done = take.data
  return (
    <Section title={say('payAnswersUpload')} note={say('payAnswersNote')}>
      <Upload.Dragger
        accept=".xml,.csv,application/xml,text/csv"
        showUploadList={false}
        beforeUpload={(file) => {
          void read(file)
          return false
        }}
      >
        <p>
          <strong>{say('payAnswersChoose')}</strong>
        </p>
      </Upload.Dragger>
      {take.isPending && <Working text={say('workingAct')} />}
      <ProblemAlert error={take.error} />
      {done && (
        <Alert
          type={done.breaks > 0 ? 'warning' : 'success'}
          showIcon
          role="status"
          title={
            done.again
              ? say('payAnswersAgain')
              : say('payAnswersTaken', {
                  answers: String(done.answers),
                  moved: String(done.moved),
                  same: String(done.same),
                  breaks: String(done.breaks),
                })
          }
        />
      )}
    </Section>
  )
}
