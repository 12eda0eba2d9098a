/** What a server tells whoever started it, and whatever reads its output. */
export const tell = (text: string) => process.stdout.write(`${text}\n`)

/** What it is doing, and what went wrong. */
export const progress = (text: string) => process.stderr.write(`kangyang: ${text}\n`)
