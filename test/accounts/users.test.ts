import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  createUser,
  findUser,
  findUserByLogin,
  listUsers,
  type NewUser,
  setActive,
  setPassword,
} from '../../src/accounts/users.ts'
import { createPasswordHasher } from '../../src/lib/password-hasher.ts'
import { type TestApp, testApp } from '../support/app.ts'
import type { Browser } from '../support/browser.ts'
import { emptyDatabase } from '../support/database.ts'
import { aClient, aUser, password } from '../support/factories.ts'
import { aCode, exchange, refresh, signedIn, someTokens, useToken } from '../support/oauth-flow.ts'

const hasher = createPasswordHasher()
let pod: TestApp

beforeAll(async () => {
  pod = await testApp()
})
beforeEach(() => emptyDatabase(pod.db))
afterAll(() => pod.close())

const create = (given: Partial<NewUser> = {}) =>
  createUser(pod.db, hasher, { username: 'Alice', email: 'Alice@Example.org', password, ...given })

const logsIn = async (username: string, typed: string) => (await pod.browser().logIn(username, typed)).status === 200

const isSignedIn = async (browser: Browser) => (await browser.get('/api/v1/users/me')).status === 200

describe('createUser', () => {
  test('makes somebody who can log in, with a confirmed address and no rights', async () => {
    const user = await create()
    expect(user).toMatchObject({ username: 'Alice', email: 'Alice@Example.org', isActive: true, isSuperuser: false })
    expect(user.emailVerifiedAt).toBeInstanceOf(Date)
    expect(await logsIn('alice', password)).toBe(true)
  })

  test('keeps of the password an argon2id hash of 19 MiB and two passes (S33)', async () => {
    const { passwordHash } = await create()
    expect(passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,(p=1,t=2|t=2,p=1)\$/)
    expect((await create({ username: 'bob', email: 'bob@example.org' })).passwordHash).not.toBe(passwordHash)
  })

  test.each<[string, Partial<NewUser>, string]>([
    ['a taken name', { email: 'a@example.org' }, 'username'],
    ['a taken name in other letters', { username: 'aLICE', email: 'a@example.org' }, 'username'],
    ['an empty name', { username: '' }, 'username'],
    ['a dot in the name', { username: 'a.b' }, 'username'],
    ['a blank in the name', { username: 'a b' }, 'username'],
    ['letters beyond ASCII in the name', { username: 'älice' }, 'username'],
    ['a line break after the name', { username: 'bob\n' }, 'username'],
    ['a name of 151 characters', { username: 'a'.repeat(151) }, 'username'],
    ['an address that is none', { username: 'bob', email: 'bob' }, 'email'],
    ['an address of 300 characters', { username: 'bob', email: `${'a'.repeat(290)}@example.org` }, 'email'],
    ['a password of 7 characters (S54)', { username: 'bob', password: 'k4jv8qw' }, 'password'],
    ['a password of 7 whales (S54)', { username: 'bob', password: '🐋'.repeat(7) }, 'password'],
    ['a password of 1025 bytes (S55)', { username: 'bob', password: 'x'.repeat(1025) }, 'password'],
  ])('refuses %s', async (_name, given, field) => {
    await create()
    await expect(create(given)).rejects.toMatchObject({ kind: 'invalid', fields: { [field]: expect.anything() } })
    expect(await listUsers(pod.db)).toHaveLength(1)
  })

  test('takes passwords of 8 and of 64 characters, of any kind (S54)', async () => {
    await create({ username: 'a', email: 'a@example.org', password: '        ' })
    await create({ username: 'b', email: 'b@example.org', password: '🐋'.repeat(64) })
    expect(await logsIn('a', ' '.repeat(8))).toBe(true)
    expect(await logsIn('b', '🐋'.repeat(64))).toBe(true)
    expect(await logsIn('b', '🐋'.repeat(63))).toBe(false)
  })

  test('one of two that take the same name at the same time gets it', async () => {
    const results = await Promise.allSettled([create(), create({ email: 'b@example.org' })])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })
})

describe('findUserByLogin', () => {
  test('finds by an address whoever has confirmed it', async () => {
    await aUser(pod.db, { email: 'shared@example.org', emailVerifiedAt: null })
    const confirmed = await aUser(pod.db, { email: 'shared@example.org' })
    expect((await findUserByLogin(pod.db, 'Shared@Example.org'))?.id).toBe(confirmed.id)
  })

  test('finds nobody by an address that is not confirmed', async () => {
    await aUser(pod.db, { username: 'a', emailVerifiedAt: null })
    expect(await findUserByLogin(pod.db, 'a@example.org')).toBeUndefined()
  })
})

describe('setPassword', () => {
  test('ends every session of the user, and of nobody else (S56)', async () => {
    const { user, browser } = await signedIn(pod)
    const other = (await signedIn(pod)).browser
    await setPassword(pod.db, hasher, user.username.toUpperCase(), 'a new password')
    expect([await isSignedIn(browser), await isSignedIn(other)]).toEqual([false, true])
    expect([await logsIn(user.username, password), await logsIn(user.username, 'a new password')]).toEqual([
      false,
      true,
    ])
  })

  test('changes what listen tokens are signed with', async () => {
    const { id, username, secretKey } = await aUser(pod.db)
    await setPassword(pod.db, hasher, username, 'a new password')
    expect((await findUser(pod.db, id)).secretKey).not.toEqual(secretKey)
  })

  test('refuses a password that is too short, and a user who is not there', async () => {
    const { username } = await aUser(pod.db)
    await expect(setPassword(pod.db, hasher, username, 'short')).rejects.toMatchObject({ kind: 'invalid' })
    await expect(setPassword(pod.db, hasher, 'nobody', 'a new password')).rejects.toMatchObject({ kind: 'not_found' })
    expect(await logsIn(username, password)).toBe(true)
  })
})

describe('a deactivated user, from the next request on (S57)', () => {
  test('has no session, and none after being activated again', async () => {
    const { user, browser } = await signedIn(pod)
    await setActive(pod.db, user.username, false)
    expect(await isSignedIn(browser)).toBe(false)
    expect(await logsIn(user.username, password)).toBe(false)
    await setActive(pod.db, user.username, true)
    expect(await isSignedIn(browser)).toBe(false)
    expect(await logsIn(user.username, password)).toBe(true)
  })

  test('is not spoken for by an access token', async () => {
    const user = await aUser(pod.db)
    const { access_token } = await someTokens(pod, await aClient(pod.db), { user })
    expect((await useToken(pod, access_token)).statusCode).toBe(200)
    await setActive(pod.db, user.username, false)
    const answer = await useToken(pod, access_token)
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'invalid_token'])
  })

  test('is not spoken for by an application token', async () => {
    const user = await aUser(pod.db)
    const { applicationToken = '' } = await aClient(pod.db, { ownerId: user.id })
    expect((await useToken(pod, applicationToken)).statusCode).toBe(200)
    await setActive(pod.db, user.username, false)
    expect((await useToken(pod, applicationToken)).statusCode).toBe(401)
  })

  test('gives no tokens for a refresh token, nor for a code', async () => {
    const user = await aUser(pod.db)
    const client = await aClient(pod.db)
    const { refresh_token } = await someTokens(pod, client, { user })
    const code = await aCode(pod, client, { user })
    await setActive(pod.db, user.username, false)
    for (const answer of [await refresh(pod, client, refresh_token), await exchange(pod, client, code)]) {
      expect([answer.statusCode, answer.json().error]).toEqual([400, 'invalid_grant'])
    }
  })
})
