import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { formats } from '#domains/settlement/index.ts'
import { AttributesFile } from '#rulebook/attributes.ts'
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts'
import { type Options, required } from './options.ts'
import { writeOutput } from './write-output.ts'

/** Each kind of file in a schemes folder, and the shape that its reader checks. */
const SHAPES = {
  attributes: AttributesFile,
  place: formats.PlaceFile,
  exclusions: formats.ExclusionsFile,
  scheme: formats.SchemeFile,
  'insurance-tier': formats.InsuranceTierFile,
  'account-tier': formats.AccountTierFile,
  benefit: formats.BenefitFile,
  relief: formats.ReliefFile,
}

/** `kangyang schema --out DIR`: the shapes of scheme files as JSON Schema, for editors and other tools. */
export function schemaCommand(options: Options): ExitCode {
  const folder = required(options, 'out', 'docs/schema')
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    const { message } = error as Error
    throw new UsageError({
      zh: `无法建立文件夹 ${folder}（${message}）`,
      en: `cannot make the folder ${folder} (${message})`,
    })
  }
  for (const { name, text } of schemaFiles()) writeOutput([text], join(folder, name))
  return EXIT.done
}

/** The schemas of files as a person writes them: `1200元` is still text. */
export function schemaFiles(): { readonly name: string; readonly text: string }[] {
  return Object.entries(SHAPES).map(([kind, shape]) => {
    const { $schema, ...rest } = z.toJSONSchema(shape, { io: 'input' })
    const comment = 'Printed by "kangyang schema"; docs/formats.md explains every key.'
    const schema = { $schema, $comment: comment, ...rest }
    return { name: `${kind}.schema.json`, text: `${JSON.stringify(schema, null, 2)}\n` }
  })
}
