import { createHash } from 'node:crypto'
import { generateSecret, generateURI, verifySync } from 'otplib'
import { randomWord } from './passwords.ts'

/** How many times a user gets in without the authenticator. */
const RECOVERY_CODES = 10
const PERIOD_SECONDS = 30

/** 160 random bits in the letters that authenticators read. */
export const newSecret = (): string => generateSecret({ length: 20 })

/** What an authenticator reads from the picture. */
export const secretAddress = (secret: string, issuer: string, user: string): string =>
  generateURI({ secret, issuer, label: user })

/**
 * The period in which a code is good, undefined where it is not (RFC 6238). The code before the present one is
 * taken as well (§5.2): clocks differ, and people type slowly. One at or before `lastStep` has been used.
 */
export function stepOf(
  code: string,
  secret: string,
  { lastStep, seconds }: { readonly lastStep: number; readonly seconds: number },
): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined
  const found = verifySync({
    secret,
    token: code,
    epoch: seconds,
    epochTolerance: [PERIOD_SECONDS, 0],
    ...(lastStep > 0 ? { afterTimeStep: lastStep } : {}),
  })
  return found.valid && 'timeStep' in found ? found.timeStep : undefined
}

/** Ten codes that are good once each, told only now; kept are their hashes. */
export function newRecoveryCodes(): { readonly code: string; readonly hash: Buffer }[] {
  return Array.from({ length: RECOVERY_CODES }, () => {
    const code = randomWord(25)
    return { code, hash: hashOfCode(code) }
  })
}

/** A recovery code as people type it: hyphens, blanks and capitals do not matter. */
export function hashOfCode(code: string): Buffer {
  return createHash('sha256')
    .update(code.toLowerCase().replace(/[^a-z0-9]/g, ''))
    .digest()
}
