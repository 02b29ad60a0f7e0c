import type { Config } from '../config.ts'
import { invalidField, Problem } from '../lib/problem.ts'
import { isCommonPassword } from './common-passwords.ts'

/** In bytes of UTF-8; checked before any hashing. */
const longestPasswordBytes = 1024

/** What the admin asks of passwords. */
export type PasswordRules = Pick<Config, 'passwordMinLength' | 'disablePasswordValidators'>

const defaultRules: PasswordRules = { passwordMinLength: 8, disablePasswordValidators: false }

/** Whose password it is to be. */
export interface PasswordOwner {
  username: string
  email: string
  name?: string
}

export interface PasswordFaults {
  /** Of the password by itself. */
  plain: string[]
  /** Of the password in the hands of its owner. */
  similar: string[]
}

/** What is wrong with a new password, in the words of the wire. */
export function findPasswordFaults(password: string, owner?: PasswordOwner, rules = defaultRules): PasswordFaults {
  if (Buffer.byteLength(password) > longestPasswordBytes) return { plain: [tooLong], similar: [] }
  if (rules.disablePasswordValidators) return { plain: [], similar: [] }
  const { passwordMinLength: shortest } = rules
  const plain = [
    [...password].length < shortest && `This password is too short. It must contain at least ${shortest} characters.`,
    isCommonPassword(password) && 'This password is too common.',
    /^\p{Nd}+$/u.test(password) && 'This password is entirely numeric.',
  ]
  const like = owner === undefined ? undefined : findSimilar(password, owner)
  return {
    plain: plain.filter((fault) => fault !== false),
    similar: like === undefined ? [] : [`The password is too similar to the ${like}.`],
  }
}

/** @throws Problem `invalid` naming the field */
export function checkNewPassword(password: string, field: string, owner?: PasswordOwner, rules?: PasswordRules): void {
  const { plain, similar } = findPasswordFaults(password, owner, rules)
  const faults = [...plain, ...similar]
  if (faults.length > 0) throw new Problem('invalid', faults.join(' '), { fields: { [field]: faults } })
}

const tooLong = `This password is too long. It may have at most ${longestPasswordBytes} bytes.`

/** @throws Problem `invalid` naming the field; a password that long is not looked at any further */
export function checkPasswordLength(password: string, field: string): void {
  if (Buffer.byteLength(password) > longestPasswordBytes) throw invalidField(field, tooLong)
}

/** What of its owner a password is like, by the words in it or as a whole. */
function findSimilar(password: string, { username, email, name = '' }: PasswordOwner): string | undefined {
  const known = { username, 'email address': email, name }
  return Object.entries(known).find(([, value]) =>
    [value, ...value.split(/[^\p{L}\p{N}_]+/u)].some((part) => isSimilar(password.toLowerCase(), part.toLowerCase())),
  )?.[0]
}

/** From this share of common characters on, in whatever order. */
const similarFrom = 0.7

function isSimilar(password: string, part: string): boolean {
  if (part === '') return false
  const left = new Map<string, number>()
  for (const character of part) left.set(character, (left.get(character) ?? 0) + 1)
  let common = 0
  for (const character of password) {
    const count = left.get(character) ?? 0
    if (count > 0) common += 1
    left.set(character, count - 1)
  }
  return (2 * common) / ([...password].length + [...part].length) >= similarFrom
}
