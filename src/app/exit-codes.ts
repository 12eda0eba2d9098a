/** What the shell is told. `docs/cli.md` lists them for users. */
export const EXIT = {
  done: 0,
  /** Some bill was refused, or lint found an error: the rest of the output is complete. */
  refused: 1,
  usage: 2,
  input: 3,
  schemes: 4,
  bug: 70,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** The command cannot be carried out as it was typed. */
export class UsageError extends Error {
  readonly zh: string
  constructor({ zh, en }: { zh: string; en: string }) {
    super(en)
    this.name = 'UsageError'
    this.zh = zh
  }
}
