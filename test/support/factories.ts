import { createUser } from '../../src/accounts/users.ts'
import type { Database } from '../../src/db/database.ts'
import type { User } from '../../src/db/generated/client.ts'
import { createPasswordHasher } from '../../src/lib/password-hasher.ts'
import { defaultGrantTypes, type NewClient, type Registered, registerClient } from '../../src/oauth/clients/clients.ts'

export const password = 'correct horse battery'

const hasher = createPasswordHasher()
const passwordHash = hasher.hash(password)
let made = 0

/** A user whose password is `password`; hashing happens once. */
export async function aUser(db: Database, given: Partial<User> = {}): Promise<User> {
  made += 1
  const username = given.username ?? `user${made}`
  const ready = { ...hasher, hash: () => passwordHash }
  const user = await createUser(db, ready, { username, email: given.email ?? `${username}@example.org`, password })
  const { settings, ...rest } = given
  return db.user.update({ where: { id: user.id }, data: { ...rest, ...(settings != null && { settings }) } })
}

/** A confidential client that may use every grant type, with one web redirect URI. */
export async function aClient(db: Database, given: Partial<NewClient> = {}): Promise<Registered & { secret: string }> {
  const registered = await registerClient(db, {
    name: 'Test app',
    redirectUris: ['https://app.example/callback'],
    scopes: ['read', 'write'],
    grantTypes: defaultGrantTypes,
    origin: 'funkwhale',
    ...given,
  })
  return { ...registered, secret: registered.secret ?? '' }
}
