/** Prints the expected matrix as docs/access.md: node test/access/print.ts > docs/access.md */
import { fileURLToPath } from 'node:url'
import { MATRIX, ROLE_ORDER, SCOPES, VISITOR } from './matrix.ts'

/** The page: what each role is narrowed to, and for each request what it finds. */
export function printMatrix(): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const scopes = [row(['Role', 'Sees']), row(['---', '---'])]
  for (const [role, sees] of SCOPES) scopes.push(row([`\`${role}\``, sees]))
  const requests = MATRIX.flatMap(({ request, what, roles }) => {
    const cells = new Map<string, string[]>()
    for (const role of [...ROLE_ORDER, VISITOR]) {
      const cell = roles[role]
      if (cell !== undefined) cells.set(cell, [...(cells.get(cell) ?? []), role])
    }
    const seen = [...cells].map(
      ([cell, who]) => `${who.join(', ')}: ${cell === 'may' ? 'may' : cell.split(' ').join(', ')}`,
    )
    return row([`\`${request}\`<br>${what}`, seen.join('<br>')])
  })
  return [
    '# Who may do what',
    '',
    'Printed from `test/access/matrix.ts`, which is written by hand as what is expected, by',
    '`node_modules/.bin/node test/access/print.ts > docs/access.md`. `test/access.test.ts` asks each request as each',
    'role and compares; `test/second-lock.test.ts` does the same with raw SQL. The code decides in',
    '`src/platform/access.ts` (actions and fields) and `db/second-lock.sql` (rows).',
    '',
    'Whose records are meant: those of the own tenant and scope. Anybody else’s is answered with 404, as if it did not',
    'exist, for every role. Names and id-card numbers are masked in every answer. A role that a line does not name is',
    'refused with 403, and a visitor who has not signed in with 401. A test compares the requests with the routes of the',
    'server: each route has its line here.',
    '',
    '## Scopes',
    '',
    ...scopes,
    '',
    '## Requests, and the fields that each role finds',
    '',
    row(['Request', 'Who finds what']),
    row(['---', '---']),
    ...requests,
    '',
  ].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(printMatrix())
