import { createReadStream } from 'node:fs'
import { InputError, type InputFault } from './input-fault.ts'

/** How an input file is called in messages. */
export const nameOfInput = (path: string): string => (path === '-' ? '<stdin>' : path)

/**
 * The text of an input file, or of standard input for `-`. At most `limit` bytes are ever held.
 *
 * Throws an `InputError`: `not_found`, `unreadable`, `too_large`, `not_utf8`.
 */
export async function readInputFile(path: string, limit: number): Promise<string> {
  const fail = (fault: InputFault): never => {
    const place = { file: nameOfInput(path), line: undefined, column: undefined, path: '' }
    throw new InputError(fault, place)
  }
  const chunks: Buffer[] = []
  let size = 0
  try {
    const stream = path === '-' ? process.stdin : createReadStream(path)
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > limit) break
      chunks.push(chunk)
    }
  } catch (error) {
    fail(unreadable(error as NodeJS.ErrnoException))
  }
  if (size > limit) fail(tooLarge(limit))
  const bytes = Buffer.concat(chunks)
  return decode(bytes) ?? fail(notUtf8(bytes))
}

/** A byte-order mark of UTF-8 is dropped. UTF-16 without a mark would pass for UTF-8 full of zeros. */
function decode(bytes: Buffer): string | undefined {
  if (bytes[0] === 0 || bytes[1] === 0) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function unreadable({ code, message }: NodeJS.ErrnoException): InputFault {
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return {
      code: 'not_found',
      what: { zh: '没有这个文件', en: 'there is no such file' },
      remedy: { zh: '检查 --input 的路径', en: 'check the path after --input' },
    }
  const what =
    code === 'EISDIR'
      ? { zh: '这是一个文件夹', en: 'it is a folder' }
      : code === 'EACCES' || code === 'EPERM'
        ? { zh: '没有读取权限', en: 'no permission to read it' }
        : { zh: `无法读取（${message}）`, en: `it cannot be read (${message})` }
  return {
    code: 'unreadable',
    what,
    remedy: { zh: '指定一个可读的 JSON 文件', en: 'name a JSON file that can be read' },
  }
}

function tooLarge(limit: number): InputFault {
  const mib = limit / 1024 / 1024
  return {
    code: 'too_large',
    what: { zh: `文件超过 ${mib} MiB`, en: `the file is larger than ${mib} MiB` },
    remedy: {
      zh: '按参保人拆分文件，或用 --max-input-mib 提高上限',
      en: 'split the file by persons, or raise the limit with --max-input-mib',
    },
  }
}

function notUtf8(bytes: Buffer): InputFault {
  const encoding = guessEncoding(bytes)
  return {
    code: 'not_utf8',
    what: {
      zh: `文件不是 UTF-8 编码${encoding ? `，看来是 ${encoding}` : ''}`,
      en: `the file is not UTF-8${encoding ? `; it looks like ${encoding}` : ''}`,
    },
    remedy: {
      zh: `另存为 UTF-8，例如 iconv -f ${encoding ?? 'GBK'} -t UTF-8`,
      en: `save it as UTF-8, for example with iconv -f ${encoding ?? 'GBK'} -t UTF-8`,
    },
  }
}

function guessEncoding(bytes: Buffer): string | undefined {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return 'UTF-16LE'
  if (first === 0xfe && second === 0xff) return 'UTF-16BE'
  if (second === 0) return 'UTF-16LE'
  if (first === 0) return 'UTF-16BE'
  try {
    new TextDecoder('gbk', { fatal: true }).decode(bytes)
    return 'GBK'
  } catch {
    return undefined
  }
}
