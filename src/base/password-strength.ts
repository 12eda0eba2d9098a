/** How well a password holds, and why one is refused. The same judge on the page and on the server. */

/** In characters, as people count them. */
export const PASSWORD_LENGTH = { least: 12, most: 128 } as const

export type Strength = 'weak' | 'fair' | 'strong'
export type PasswordFault =
  | 'too_short'
  | 'too_long'
  /** Among the passwords that are tried first, or one of them with a digit or two. */
  | 'common'
  /** Made of the name of the user, of the organisation or of the program. */
  | 'context'
  /** A row of keys, a sequence, a date or a repetition. */
  | 'pattern'

export type Judgement = { readonly strength: Strength; readonly fault?: PasswordFault | undefined }

/** Words that the people of such an organisation would think of first. docs/operate.md lists them. */
export const CONTEXT_WORDS = [
  'kangyang',
  '康养',
  'yibao',
  '医保',
  'yiliaobaozhang',
  '医疗保障',
  'shebao',
  '社保',
  'changhuxian',
  '长护险',
  'huiminbao',
  '惠民保',
  'jiesuan',
  '结算',
  'admin',
  'administrator',
  'guanliyuan',
  '管理员',
]

/** Whoever tries this many passwords in a good order finds a weak one; a fair one takes ten thousand times more. */
const WEAK_BELOW = 1e8
const STRONG_FROM = 1e12

/**
 * Judges a password: its length, and how early somebody who knows the common passwords, the usual patterns and
 * these words would come to try it. There are no rules of composition (NIST SP 800-63B §3.1.1.2).
 */
export async function judgePassword(
  password: string,
  words: readonly string[] = [],
): Promise<Judgement> {
  const text = password.normalize('NFKC')
  const length = [...text].length
  if (length < PASSWORD_LENGTH.least) return { strength: 'weak', fault: 'too_short' }
  if (length > PASSWORD_LENGTH.most) return { strength: 'weak', fault: 'too_long' }
  const guess = await estimator()
  const { guesses, sequence } = guess.check(text, [...CONTEXT_WORDS, ...words.flatMap(partsOf)])
  if (guesses >= STRONG_FROM) return { strength: 'strong' }
  if (guesses >= WEAK_BELOW) return { strength: 'fair' }
  const dictionaries = sequence.map(({ dictionaryName }) => dictionaryName)
  const fault = dictionaries.includes('userInputs')
    ? 'context'
    : dictionaries.includes('passwords-common')
      ? 'common'
      : 'pattern'
  return { strength: 'weak', fault }
}

/** A name is guessed whole and by its parts. */
const partsOf = (name: string): string[] =>
  [name, ...name.split(/[^\p{L}\p{N}]+/u)].filter((part) => [...part].length >= 2)

let made: ReturnType<typeof makeEstimator> | undefined
const estimator = () => {
  made ??= makeEstimator()
  return made
}

/** Read when it is first needed: the lists are large, and most starts and most pages never ask. */
async function makeEstimator() {
  const [{ ZxcvbnFactory }, { dictionary, adjacencyGraphs }] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ])
  return new ZxcvbnFactory({ dictionary: { ...dictionary }, graphs: adjacencyGraphs })
}
