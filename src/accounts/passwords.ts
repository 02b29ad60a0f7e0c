import { availableParallelism } from 'node:os'
import { argon2id, hash, verify } from 'argon2'
import pLimit from 'p-limit'
import { unavailable } from '../http/problems.ts'
import { invalidField } from '../lib/problem.ts'

/** OWASP's second choice for argon2id: 19 MiB, two passes. */
const cost = { type: argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 }

export const shortestPassword = 8
/** In bytes of UTF-8; checked before any hashing. */
export const longestPasswordBytes = 1024
/** Waiting for the hasher; beyond it callers are told to come back. */
const queueLimit = 60

/** Hashes and checks passwords, a bounded number at a time so that file access and other requests go on. */
export interface Passwords {
  /** @returns PHC string. @throws Problem `unavailable` when too many wait */
  hash(password: string): Promise<string>
  /** Does equal work when there is no such user. @throws Problem `unavailable` when too many wait */
  verify(passwordHash: string | undefined, password: string): Promise<boolean>
}

export function createPasswords(): Passwords {
  const limit = pLimit(Math.max(1, availableParallelism() - 1))
  const bounded = <T>(work: () => Promise<T>): Promise<T> => {
    if (limit.pendingCount >= queueLimit) throw unavailable('password hashing queue is full')
    return limit(work)
  }
  // Never matches: verify() does not say yes for it.
  const standIn = hash('nobody', cost)
  return {
    hash: async (password) => bounded(() => hash(password, cost)),
    verify: async (passwordHash, password) => {
      const known = passwordHash ?? (await standIn)
      const matches = await bounded(() => verify(known, password))
      return matches && passwordHash !== undefined
    },
  }
}

/** @throws Problem `invalid` naming the field */
export function checkNewPassword(password: string, field: string): void {
  if ([...password].length < shortestPassword) {
    throw invalidField(field, `This password is too short. It must contain at least ${shortestPassword} characters.`)
  }
  checkPasswordLength(password, field)
}

/** @throws Problem `invalid` naming the field; a password that long is not looked at any further */
export function checkPasswordLength(password: string, field: string): void {
  if (Buffer.byteLength(password) > longestPasswordBytes) {
    throw invalidField(field, `This password is too long. It may have at most ${longestPasswordBytes} bytes.`)
  }
}
