import type { Database } from '../../db/database.ts'
import type { User } from '../../db/generated/client.ts'
import type { PasswordHasher } from '../../lib/password-hasher.ts'
import { checkPasswordLength } from '../passwords.ts'
import { findUserByLogin } from '../users.ts'

/**
 * The user whose name (or confirmed e-mail address) and password these are; undefined = they do not match, or the user
 * is not active; `onFailure` hears whose account it would have been, if anybody's. Does equal work whether or not there is
 * such a user.
 * @throws Problem `invalid` for a password too long to be looked at, `unavailable` when too many log in at once
 */
export async function logIn(
  db: Database,
  hasher: PasswordHasher,
  { username, password }: { username: string; password: string },
  onFailure: (userId: number | undefined) => void = () => {},
): Promise<User | undefined> {
  checkPasswordLength(password, 'password')
  const user = await findUserByLogin(db, username)
  const matches = await hasher.verify(user?.passwordHash, password)
  if (matches && user?.isActive) return user
  onFailure(user?.id)
  return undefined
}

/**
 * Where to go after login: a path of this pod, whatever was asked for (RFC 9700 §4.11).
 * @param publicUrl to resolve the path against, as a browser would
 */
export function safeNext(next: unknown, publicUrl: string): string {
  if (typeof next !== 'string' || !/^\/(?![/\\])[\x21-\x7e]*$/.test(next)) return '/'
  // Browsers read a backslash in the path as a slash, and some proxies decode; in the query these are signs like others.
  if (/\\|%(?:2f|5c|[01][0-9a-f])/i.test(next.replace(/[?#].*/, ''))) return '/'
  const url = URL.canParse(next, publicUrl) ? new URL(next, publicUrl) : undefined
  return url?.origin === publicUrl && !url.pathname.startsWith('//') ? next : '/'
}
