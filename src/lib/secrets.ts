import { createHmac, hash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto'

/** Leaked secrets can be scanned for by prefix, and one kind never passes for another. */
const prefixes = {
  access: 'bla_',
  refresh: 'blr_',
  application: 'blp_',
  code: 'blc_',
  client: 'bls_',
  device: 'bld_',
  session: 'blx_',
  request: 'blq_',
  link: 'bll_',
} as const

export type SecretKind = keyof typeof prefixes

/** 256 random bits as text, 47 characters: clients take tokens of more than 50 for JWTs. */
export function newSecret(kind: SecretKind): string {
  return prefixes[kind] + base62(randomBytes(32))
}

/** A secret that only who has the key and the text can make, and makes the same every time. */
export function deriveSecret(kind: SecretKind, key: Uint8Array, fromText: string): string {
  return prefixes[kind] + base62(createHmac('sha256', key).update(fromText).digest())
}

const secretBody = /^[0-9A-Za-z]{43}$/

/** Whether the text has the shape of such a secret; says nothing about whether it was ever issued. */
export function isSecretOf(kind: SecretKind, text: string): boolean {
  const prefix = prefixes[kind]
  return text.startsWith(prefix) && secretBody.test(text.slice(prefix.length))
}

/** SHA-256, what is stored of a secret. Enough for 256 random bits, not for anything a person made up. */
export function digest(text: string): Uint8Array<ArrayBuffer> {
  return hash('sha256', text, 'buffer')
}

/** 40 characters [A-Za-z0-9]. An identifier, not a secret. */
export function newClientId(): string {
  return base62(randomBytes(32)).slice(3)
}

/** The same as text, for keys in memory. */
export function digestText(text: string): string {
  return hash('sha256', text, 'base64')
}

/** No vowels, so that no words come out, and nothing to mistake for a digit (RFC 8628 §6.1). */
const userCodeLetters = 'BCDFGHJKLMNPQRSTVWXZ'

/** Typed by people, e.g. `WDJB-MJHT`: 20^8 values, to be guarded by expiry and rate limits (RFC 8628 §5.1). */
export function newUserCode(): string {
  let letters = ''
  for (let i = 0; i < 8; i++) letters += userCodeLetters.charAt(randomInt(userCodeLetters.length))
  return withDash(letters)
}

/** What was typed, spelled as `newUserCode` does; case, dashes, blanks and other signs do not matter (RFC 8628 §6.1). */
export function normalizeUserCode(input: string): string | undefined {
  const letters = [...input.toUpperCase()].filter((letter) => userCodeLetters.includes(letter)).join('')
  return letters.length === 8 ? withDash(letters) : undefined
}

function withDash(letters: string): string {
  return `${letters.slice(0, 4)}-${letters.slice(4)}`
}

/** Compares in a time that does not tell where the two differ. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const digitPairs = [...digits].flatMap((high) => [...digits].map((low) => high + low))
const pairBase = 62 ** 2
/** Six digits are cut off at a time: the most for which remainder × 2^16 stays exact in a double. */
const cutBase = 62 ** 6

/** The 256-bit number in base 62, always 43 digits (62^43 > 2^256). A third of what BigInt takes. */
function base62(bytes: Uint8Array): string {
  const limbs: number[] = []
  for (let i = 0; i < 32; i += 2) limbs.push(byteAt(bytes, i) * 256 + byteAt(bytes, i + 1))
  let text = ''
  for (let cut = 0; cut < 7; cut++) text = sixDigits(divideByCutBase(limbs)) + text
  return digits.charAt(limbs.at(-1) ?? 0) + text
}

/** Leaves the quotient in the limbs (most significant first) and returns the remainder. */
function divideByCutBase(limbs: number[]): number {
  let remainder = 0
  for (let i = 0; i < limbs.length; i++) {
    const value = remainder * 65536 + (limbs[i] ?? 0)
    const quotient = Math.floor(value / cutBase)
    limbs[i] = quotient
    remainder = value - quotient * cutBase
  }
  while (limbs[0] === 0) limbs.shift()
  return remainder
}

function sixDigits(value: number): string {
  const upper = Math.floor(value / pairBase)
  return pairAt(Math.floor(upper / pairBase)) + pairAt(upper % pairBase) + pairAt(value - upper * pairBase)
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0
}

function pairAt(index: number): string {
  return digitPairs[index] ?? ''
}
