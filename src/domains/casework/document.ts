import { DOCUMENT_TYPES, type DocumentType } from './types.ts'

/**
 * What a file is, by how it begins: its name and what a browser says of it may be anything. Undefined where it is none that
 * is taken: nothing that a browser would run.
 */
export function typeOf(content: Uint8Array): DocumentType | undefined {
  return (Object.keys(DOCUMENT_TYPES) as DocumentType[]).find((type) =>
    DOCUMENT_TYPES[type].begins.every((byte, i) => content[i] === byte),
  )
}
