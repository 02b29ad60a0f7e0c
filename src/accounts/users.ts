import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Database } from '../db/database.ts'
import { isUniqueViolation } from '../db/database.ts'
import type { User } from '../db/generated/client.ts'
import type { PasswordHasher } from '../lib/password-hasher.ts'
import { invalidField, notFound, type Problem } from '../lib/problem.ts'
import { checkNewPassword, type PasswordRules } from './passwords.ts'

const username = z.string().regex(/^[A-Za-z0-9_]{1,150}$/)

export interface NewUser {
  username: string
  email: string
  password: string
  isSuperuser?: boolean
}

/** What uniqueness and login go by. */
export function keyOf(nameOrAddress: string): string {
  return nameOrAddress.toLowerCase()
}

/**
 * Creates a resource owner whose e-mail address counts as confirmed.
 * @throws Problem `invalid` naming `username`, `email` or `password`
 */
export async function createUser(
  db: Database,
  hasher: PasswordHasher,
  user: NewUser,
  rules?: PasswordRules,
): Promise<User> {
  if (!username.safeParse(user.username).success) {
    throw invalidField('username', 'Enter 1 to 150 letters (A to Z), digits or underscores.')
  }
  if (!z.email().max(254).safeParse(user.email).success) throw invalidField('email', 'Enter a valid email address.')
  checkNewPassword(user.password, 'password', user, rules)
  if (await isRetired(db, user.username)) throw usernameTaken()
  const passwordHash = await hasher.hash(user.password)
  try {
    return await insertUser(db, { ...user, passwordHash, emailVerifiedAt: new Date() })
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    const isTaken = (await db.user.count({ where: { usernameKey: keyOf(user.username) } })) > 0
    throw isTaken ? usernameTaken() : invalidField('email', 'A user with that e-mail address already exists.')
  }
}

/** Names of deleted accounts stay theirs. */
export async function isRetired(db: Database, username: string): Promise<boolean> {
  return (await db.retiredUsername.count({ where: { usernameKey: keyOf(username) } })) > 0
}

export function usernameTaken(): Problem {
  return invalidField('username', 'A user with that username already exists.')
}

const day = 24 * 60 * 60 * 1000
/** People are not asked for support before. */
const firstSupportMessageAfter = 15 * day

/** Throws a unique violation when the name is taken, or the address if it counts as confirmed. */
export async function insertUser(
  db: Database,
  user: Omit<NewUser, 'password'> & { passwordHash: string; emailVerifiedAt: Date | null },
): Promise<User> {
  const now = new Date()
  const supportAt = new Date(now.getTime() + firstSupportMessageAfter)
  return db.user.create({
    data: {
      username: user.username,
      usernameKey: keyOf(user.username),
      email: user.email,
      emailKey: keyOf(user.email),
      emailVerifiedAt: user.emailVerifiedAt,
      passwordHash: user.passwordHash,
      isSuperuser: user.isSuperuser ?? false,
      isStaff: user.isSuperuser ?? false,
      secretKey: newSecretKey(),
      createdAt: now,
      instanceSupportMessageDisplayAt: supportAt,
      funkwhaleSupportMessageDisplayAt: supportAt,
    },
  })
}

/**
 * Sets a new password and ends every session and listen token of the user.
 * @throws Problem `not_found`, `invalid`
 */
export async function setPassword(
  db: Database,
  hasher: PasswordHasher,
  name: string,
  password: string,
  rules?: PasswordRules,
): Promise<void> {
  const user = await findUserByName(db, name)
  checkNewPassword(password, 'password', user, rules)
  const passwordHash = await hasher.hash(password)
  await db.user.update({
    where: { id: user.id },
    data: { passwordHash, secretKey: newSecretKey(), sessions: { deleteMany: {} } },
  })
}

/**
 * A user who is not active cannot sign in, and no token speaks for them.
 * @throws Problem `not_found`
 */
export async function setActive(db: Database, name: string, isActive: boolean): Promise<void> {
  const user = await findUserByName(db, name)
  const sessions = isActive ? {} : { sessions: { deleteMany: {} } }
  await db.user.update({ where: { id: user.id }, data: { isActive, ...sessions } })
}

/** @throws Problem `not_found` */
export async function findUser(db: Database, id: number): Promise<User> {
  const user = await db.user.findUnique({ where: { id } })
  if (user === null) throw notFound('user')
  return user
}

/** Oldest first. */
export async function listUsers(db: Database): Promise<User[]> {
  return db.user.findMany({ orderBy: { id: 'asc' } })
}

/** By user name or confirmed e-mail address, in any letter case. */
export async function findUserByLogin(db: Database, login: string): Promise<User | undefined> {
  const key = keyOf(login)
  const found = await db.user.findMany({
    where: { OR: [{ usernameKey: key }, { emailKey: key, emailVerifiedAt: { not: null } }] },
    orderBy: { id: 'asc' },
    take: 2,
  })
  return found.find((user) => user.usernameKey === key) ?? found[0]
}

/** @throws Problem `not_found` */
export async function findUserByName(db: Database, name: string): Promise<User> {
  const user = await db.user.findUnique({ where: { usernameKey: keyOf(name) } })
  if (user === null) throw notFound(`user ${name}`)
  return user
}

export function newSecretKey(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(randomBytes(32))
}
