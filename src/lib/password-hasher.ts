import { availableParallelism } from 'node:os'
import { argon2id, hash, verify } from 'argon2'
import pLimit from 'p-limit'
import { Problem } from './problem.ts'

/** OWASP's second choice for argon2id: 19 MiB, two passes. */
const cost = { type: argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** Waiting for the hasher; beyond it callers are told to come back. */
const queueLimit = 60

/** Hashes and checks passwords, a bounded number at a time so that file access and other requests go on. */
export interface PasswordHasher {
  /** @returns PHC string. @throws Problem `unavailable` when too many wait */
  hash(password: string): Promise<string>
  /** Does equal work when there is no such user. @throws Problem `unavailable` when too many wait */
  verify(passwordHash: string | undefined, password: string): Promise<boolean>
}

export function createPasswordHasher(): PasswordHasher {
  const limit = pLimit(Math.max(1, availableParallelism() - 1))
  const bounded = <T>(work: () => Promise<T>): Promise<T> => {
    if (limit.pendingCount >= queueLimit) throw tooBusy()
    return limit(work)
  }
  let standIn: Promise<string> | undefined
  return {
    hash: async (password) => bounded(() => hash(password, cost)),
    verify: async (passwordHash, password) => {
      standIn ??= hash('nobody', cost)
      const known = passwordHash ?? (await standIn)
      const matches = await bounded(() => verify(known, password))
      return matches && passwordHash !== undefined
    },
  }
}

function tooBusy(): Problem {
  return new Problem('unavailable', 'Too many people are signing in right now. Please try again in a few seconds.', {
    headers: { 'retry-after': '5' },
    cause: 'the password queue is full',
  })
}
