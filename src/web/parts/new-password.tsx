import { useQuery } from '@tanstack/react-query'
import { Form, Input } from 'antd'
import { judgePassword, PASSWORD_LENGTH } from '#base/password-strength.ts'
import { useLanguage } from '#web/parts/language.tsx'
import { useDebounced } from '#web/parts/use-debounced.ts'

const STRENGTHS = { weak: 'passwordWeak', fair: 'passwordFair', strong: 'passwordStrong' } as const
const FAULTS = {
  too_short: 'passwordTooShort',
  too_long: 'passwordTooLong',
  common: 'passwordCommon',
  context: 'passwordContext',
  pattern: 'passwordPattern',
} as const

/** A new password, twice, and how well it holds: the fields `next` and `again` of the form around it. */
export function NewPassword({ words }: { readonly words: readonly string[] }) {
  const { say } = useLanguage()
  return (
    <>
      <Form.Item
        name="next"
        label={say('newPassword')}
        required
        extra={<PasswordStrength words={words} />}
        validateTrigger="onBlur"
        rules={[{ validator: (_, text: string | undefined) => mustHold(text ?? '') }]}
      >
        <Input.Password autoComplete="new-password" maxLength={2 * PASSWORD_LENGTH.most} />
      </Form.Item>
      <Form.Item
        name="again"
        label={say('newPasswordAgain')}
        dependencies={['next']}
        rules={[
          { required: true, message: say('required') },
          ({ getFieldValue }) => ({
            validator: async (_, value: string | undefined) => {
              if (value && value !== getFieldValue('next')) throw new Error(say('passwordsDiffer'))
            },
          }),
        ]}
      >
        <Input.Password autoComplete="new-password" />
      </Form.Item>
    </>
  )

  async function mustHold(text: string): Promise<void> {
    const { fault } = await judgePassword(text, words)
    if (fault) throw new Error(say(FAULTS[fault]))
  }
}

/** In words, while it is typed; the server judges again. */
function PasswordStrength({ words }: { readonly words: readonly string[] }) {
  const { say } = useLanguage()
  const typed: string = Form.useWatch('next') ?? ''
  const text = useDebounced(typed, 250)
  const judged = useQuery({
    queryKey: ['strength', text],
    queryFn: () => judgePassword(text, words),
    enabled: text !== '',
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  })
  return (
    <span role="status">
      {say('passwordRule')}
      {text !== '' && judged.data && (
        <>
          {' '}
          <strong>
            {say('passwordStrength', { strength: say(STRENGTHS[judged.data.strength]) })}
          </strong>
        </>
      )}
    </span>
  )
}
