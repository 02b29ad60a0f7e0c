import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { logIn } from '../src/accounts/login/login.ts'
import { openStore, type Store } from '../src/db/store.ts'
import { createPasswordHasher } from '../src/lib/password-hasher.ts'
import { runCommand } from './support/commands.ts'
import { emptyDatabase } from './support/database.ts'
import { aUser, password } from './support/factories.ts'

const hasher = createPasswordHasher()

let dataDir: string

/** `npm run pod -- …`, without a terminal. */
const pod = (args: string[], env: Record<string, string> = {}) => runCommand(args, { DATA_DIR: dataDir, ...env })

const create = (username: string, ...more: string[]) => [
  'users',
  'create',
  '--username',
  username,
  '--email',
  `${username}@example.org`,
  ...more,
]

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'baleen-cli-'))
})
afterAll(() => rm(dataDir, { recursive: true, force: true }))

describe('while the pod runs on its embedded database', () => {
  let store: Store

  beforeAll(async () => {
    store = await openStore({ dataDir, databaseUrl: undefined }, { purpose: 'pod' })
  })
  beforeEach(() => emptyDatabase(store.db))

  const mayLogIn = async (username: string, given: string) =>
    (await logIn(store.db, hasher, { username, password: given })) !== undefined

  test('users create makes an account that can log in; the password comes from BALEEN_PASSWORD or --password', async () => {
    const [made, root] = await Promise.all([
      pod(create('alice'), { BALEEN_PASSWORD: password }),
      pod(create('root1', '--superuser', '--password', password)),
    ])
    expect(made).toEqual({ status: 0, out: 'Created the account alice.\n', error: '' })
    expect(root).toEqual({ status: 0, out: 'Created the superuser root1.\n', error: '' })
    expect(await mayLogIn('alice', password)).toBe(true)
    const alice = await store.db.user.findUniqueOrThrow({ where: { usernameKey: 'alice' } })
    expect(alice).toMatchObject({ email: 'alice@example.org', isSuperuser: false, isStaff: false })
    expect(alice.emailVerifiedAt).not.toBeNull()
    expect(await store.db.user.findUniqueOrThrow({ where: { usernameKey: 'root1' } })).toMatchObject({
      isSuperuser: true,
      isStaff: true,
    })
  })

  test('users create refuses a name that is taken, in any letter case, and says so in a sentence', async () => {
    await aUser(store.db, { username: 'alice' })
    const { status, out, error } = await pod(create('ALICE'), { BALEEN_PASSWORD: password })
    expect([status, out, error]).toEqual([1, '', 'A user with that username already exists.\n'])
  })

  test('users create refuses bad names, addresses and passwords', async () => {
    const env = { BALEEN_PASSWORD: password }
    const attempts = await Promise.all([
      pod(create('al ice'), env),
      pod(['users', 'create', '--username', 'alice', '--email', 'nowhere'], env),
      pod(create('alice'), { BALEEN_PASSWORD: 'short' }),
      pod(create('alice')),
      pod(['users', 'create', '--username', 'alice'], env),
    ])
    expect(attempts.map(({ status }) => status)).toEqual([1, 1, 1, 1, 1])
    expect(attempts.map(({ error }) => error.trim())).toEqual([
      'Enter 1 to 150 letters (A to Z), digits or underscores.',
      'Enter a valid email address.',
      expect.stringContaining('This password is too short.'),
      'Give a password with --password or in BALEEN_PASSWORD.',
      "error: required option '--email <address>' not specified",
    ])
    expect(await store.db.user.count()).toBe(0)
  })

  test('users set-password replaces the password and ends the sessions', async () => {
    const { id } = await aUser(store.db, { username: 'alice' })
    const now = new Date()
    const session = {
      idHash: new Uint8Array(32),
      userId: id,
      createdAt: now,
      lastSeenAt: now,
      authenticatedAt: now,
      expiresAt: now,
    }
    await store.db.session.create({ data: session })
    const { status } = await pod(['users', 'set-password', 'alice'], { BALEEN_PASSWORD: 'a whole new secret' })
    expect(status).toBe(0)
    expect(await mayLogIn('alice', password)).toBe(false)
    expect(await mayLogIn('alice', 'a whole new secret')).toBe(true)
    expect(await store.db.session.count()).toBe(0)
  })

  test('users deactivate locks an account and users activate opens it again', async () => {
    await aUser(store.db, { username: 'alice' })
    expect(await pod(['users', 'deactivate', 'alice'])).toMatchObject({ status: 0, out: 'Deactivated alice.\n' })
    expect(await mayLogIn('alice', password)).toBe(false)
    expect(await pod(['users', 'activate', 'alice'])).toMatchObject({ status: 0, out: 'Activated alice.\n' })
    expect(await mayLogIn('alice', password)).toBe(true)
  })

  test('users list shows who is there, for people and as JSON, and no hash', async () => {
    await aUser(store.db, { username: 'alice' })
    await aUser(store.db, { username: 'bob', isActive: false, isSuperuser: true })
    const [forPeople, asJson] = await Promise.all([pod(['users', 'list']), pod(['users', 'list', '--json'])])
    expect(forPeople.out).toBe('alice  alice@example.org\nbob    bob@example.org    superuser, deactivated\n')
    expect(JSON.parse(asJson.out)).toEqual([
      expect.objectContaining({ username: 'alice', active: true, superuser: false }),
      expect.objectContaining({ username: 'bob', active: false, superuser: true }),
    ])
    expect(asJson.out).not.toMatch(/argon2|hash|secret/i)
  })

  test('an account that is not there is said to be so', async () => {
    const commands = ['deactivate', 'activate', 'set-password']
    const attempts = await Promise.all(
      commands.map((command) => pod(['users', command, 'nobody'], { BALEEN_PASSWORD: password })),
    )
    for (const { status, error } of attempts) expect([status, error]).toEqual([1, 'There is no such account.\n'])
  })

  test('settings set changes a setting, and get and list show it', async () => {
    const set = (...args: string[]) => pod(['settings', 'set', ...args])
    const [first, second] = await Promise.all([
      set('users__registration_enabled', 'yes'),
      set('moderation__languages', 'de, fr'),
    ])
    const said = 'users__registration_enabled is true. A running pod knows within seconds.\n'
    expect([first, second.status]).toEqual([{ status: 0, out: said, error: '' }, 0])
    const [get, list, json] = await Promise.all([
      pod(['settings', 'get', 'users__registration_enabled']),
      pod(['settings', 'list', '--section', 'users']),
      pod(['settings', 'list', '--json']),
    ])
    expect(get).toMatchObject({ status: 0, out: 'true\n' })
    expect(list.out.split('\n')).toEqual([
      'users__default_permissions   []',
      'users__registration_enabled  true  (usually false)',
      'users__upload_quota          1000',
      '',
    ])
    expect(JSON.parse(json.out)).toMatchObject({ moderation__languages: ['de', 'fr'], instance__name: '' })
    expect(await store.db.setting.count()).toBe(2)
  }, 60_000)

  test('settings set refuses what makes no sense, and says why', async () => {
    const attempts = await Promise.all([
      pod(['settings', 'set', 'users__upload_quota', 'much']),
      pod(['settings', 'set', 'instance__colour', 'blue']),
      pod(['settings', 'get', 'instance__colour']),
    ])
    expect(attempts.map(({ status }) => status)).toEqual([1, 1, 1])
    expect(attempts[0]?.error).toBe('A valid number is required.\n')
    expect(attempts[1]?.error).toContain('There is no setting instance__colour.')
    expect(await store.db.setting.count()).toBe(0)
  })

  test('invitations are made, shown and taken back', async () => {
    await aUser(store.db, { username: 'alice' })
    const env = { PUBLIC_URL: 'https://pod.example' }
    const made = await pod(['invitations', 'create', '--code', 'Welcome', '--owner', 'alice'], env)
    expect(made).toMatchObject({ status: 0, error: '' })
    expect(made.out).toMatch(/https:\/\/pod\.example\/signup\?invitation=Welcome\n$/)
    const [again, list, json, stranger] = await Promise.all([
      pod(['invitations', 'create', '--code', 'WELCOME']),
      pod(['invitations', 'list']),
      pod(['invitations', 'list', '--json']),
      pod(['invitations', 'create', '--owner', 'nobody']),
    ])
    expect([again.status, again.error]).toEqual([1, 'An invitation with this code already exists.\n'])
    expect([stranger.status, stranger.error]).toEqual([1, 'There is no such account.\n'])
    expect(list.out).toMatch(/^Welcome {2}valid until \d{4}-\d\d-\d\d\n$/)
    expect(JSON.parse(json.out)).toMatchObject([{ code: 'Welcome', owner: 'alice', usedBy: null }])
    expect(await pod(['invitations', 'delete', 'welcome'])).toMatchObject({ status: 0 })
    expect(await pod(['invitations', 'delete', 'welcome'])).toMatchObject({ status: 1 })
  }, 60_000)

  test('works while the pod does not run, too', async () => {
    await aUser(store.db, { username: 'alice' })
    await store.close()
    expect(await pod(['users', 'list'])).toMatchObject({ status: 0, out: 'alice  alice@example.org\n' })
  })
})

test('bad configuration is told as by the server, with exit status 1', async () => {
  const { status, error } = await pod(['users', 'list'], { DATABASE_URL: 'mysql://hunter2@localhost' })
  expect(status).toBe(1)
  expect(error).toContain('DATABASE_URL: must be a PostgreSQL URL')
  expect(error).not.toContain('hunter2')
})

test('an unknown command is refused, and help lists the known ones', async () => {
  const [unknown, help] = await Promise.all([pod(['users', 'promote', 'alice']), pod(['users', '--help'])])
  expect(unknown.status).toBe(1)
  expect(unknown.error).toContain("unknown command 'promote'")
  expect(help.status).toBe(0)
  for (const command of ['create', 'set-password', 'deactivate', 'activate', 'list'])
    expect(help.out).toContain(command)
})
