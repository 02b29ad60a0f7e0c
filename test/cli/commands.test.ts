import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { type CommandDone, runCommand } from '../support/commands.ts'
import { emptyDatabase, testDatabaseLocation } from '../support/database.ts'
import { aClient, aUser } from '../support/factories.ts'
import { someTokens, useToken } from '../support/oauth-flow.ts'
import { bearer } from '../support/requests.ts'

const location = await testDatabaseLocation()
const dayMs = 24 * 60 * 60 * 1000

let pod: TestApp
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'baleen-commands-'))
  pod = await testApp()
})
afterAll(async () => {
  await pod.close()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(() => emptyDatabase(pod.db))

/** While a pod runs on the same database. */
function command(args: string[], env: Record<string, string> = {}): Promise<CommandDone> {
  const databaseUrl = 'url' in location ? location.url : ''
  return runCommand(args, { DATABASE_URL: databaseUrl, DATA_DIR: folder, ...env })
}

// The embedded database belongs to the test worker, and another process cannot reach it.
describe.skipIf(!('url' in location))('commands on the database of a running pod', () => {
  test('apps purge deletes what nobody owns or uses, and only that', async () => {
    const user = await aUser(pod.db)
    const [used, owned, young] = [
      await aClient(pod.db),
      await aClient(pod.db, { ownerId: user.id }),
      await aClient(pod.db),
    ]
    const unused = await aClient(pod.db, { name: 'Nobody' })
    const { access_token } = await someTokens(pod, used, { user })
    await pod.db.client.updateMany({
      where: { id: { not: young.client.id } },
      data: { createdAt: new Date(Date.now() - 31 * dayMs), updatedAt: new Date(Date.now() - 31 * dayMs) },
    })
    const listed = await command(['apps', 'list', '--json'])
    expect(JSON.parse(listed.out)).toHaveLength(4)
    expect(listed.out).not.toMatch(/hash|secret/i)
    expect((await command(['apps', 'purge', '--dry-run'])).out).toBe('Would delete 1 unused app.\n')
    expect(await pod.db.client.count()).toBe(4)
    expect((await command(['apps', 'purge'])).out).toBe('Deleted 1 unused app.\n')
    expect(await pod.db.client.findUnique({ where: { id: unused.client.id } })).toBeNull()
    expect(await pod.db.client.count({ where: { id: { in: [owned.client.id, young.client.id] } } })).toBe(2)
    expect((await useToken(pod, access_token)).statusCode).toBe(200)
    expect((await command(['apps', 'purge', '--days', 'many'])).status).toBe(1)
  })

  test('tokens revoke ends the tokens of one user, or of one client, and nobody else', async () => {
    const [alice, bob] = [await aUser(pod.db, { username: 'alice' }), await aUser(pod.db)]
    const [one, other] = [await aClient(pod.db), await aClient(pod.db)]
    const own = await aClient(pod.db, { ownerId: alice.id, scopes: ['read'] })
    const [ofAlice, ofBob, ofOther] = [
      await someTokens(pod, one, { user: alice }),
      await someTokens(pod, one, { user: bob }),
      await someTokens(pod, other, { user: bob }),
    ]
    const statuses = async () => {
      const all = [ofAlice.access_token, ofBob.access_token, ofOther.access_token, own.applicationToken]
      return Promise.all(
        all.map(
          async (token) => (await pod.app.inject({ url: '/api/v1/users/me/', headers: bearer(token) })).statusCode,
        ),
      )
    }
    const settled = (wanted: number[]) => expect.poll(statuses, { timeout: 10_000 }).toEqual(wanted)
    expect(await statuses()).toEqual([200, 200, 200, 200])
    expect((await command(['tokens', 'revoke', '--user', 'ALICE', '--json'])).out).toBe('{"revoked":2}\n')
    await settled([401, 200, 200, 401])
    await command(['tokens', 'revoke', '--client', one.client.clientId])
    await settled([401, 401, 200, 401])
    const wrong = [
      ['tokens', 'revoke'],
      ['tokens', 'revoke', '--client', 'nobody'],
      ['tokens', 'revoke', '--user', 'nobody'],
    ]
    const refused = await Promise.all(wrong.map((args) => command(args)))
    expect(refused.map(({ status, error }) => [status, error])).toEqual([
      [1, 'Say whose tokens: either --user or --client.\n'],
      [1, 'There is no such app.\n'],
      [1, 'There is no such account.\n'],
    ])
  })

  test('tokens prune deletes what has long expired', async () => {
    const client = await aClient(pod.db)
    const { access_token } = await someTokens(pod, client)
    const past = new Date(Date.now() - 40 * dayMs)
    const dead = await pod.db.tokenFamily.create({
      data: {
        clientId: client.client.id,
        scopes: [],
        rotationKey: new Uint8Array(32),
        createdAt: past,
        expiresAt: past,
      },
    })
    const { out } = await command(['tokens', 'prune', '--json'])
    expect(JSON.parse(out)).toEqual({ tokens: 1, codes: 0, grants: 0, requests: 0, devices: 0 })
    expect(await pod.db.tokenFamily.findUnique({ where: { id: dead.id } })).toBeNull()
    expect((await useToken(pod, access_token)).statusCode).toBe(200)
  })

  test('backup writes one file, and restore --check reads it; restore leaves a database in use alone', async () => {
    await aUser(pod.db)
    const file = join(folder, 'a.tar')
    const { out } = await command(['backup', file, '--json'])
    expect(JSON.parse(out)).toMatchObject({ file, media_files: 0 })
    expect(existsSync(file)).toBe(true)
    expect((await command(['restore', file, '--check'])).out).toMatch(/^A whole backup of http:\/\/127\.0\.0\.1:5000/)
    const refused = await command(['restore', file])
    expect([refused.status, refused.error]).toEqual([1, 'A pod is using the database. Stop all pods first.\n'])
    expect((await command(['restore', join(folder, 'none.tar')])).error).toMatch(/^There is no file/)
  })

  test('migrate --status says what is applied, and fails where something is missing', async () => {
    const whole = await command(['migrate', '--status', '--json'])
    expect([whole.status, JSON.parse(whole.out).missing]).toEqual([0, []])
    const name = JSON.parse(whole.out).applied.at(-1)
    const rollBack = (at: Date | null) =>
      pod.db.$executeRaw`UPDATE _prisma_migrations SET rolled_back_at = ${at} WHERE migration_name = ${name}`
    await rollBack(new Date())
    const lacking = await command(['migrate', '--status', '--json'])
    await rollBack(null)
    expect([lacking.status, JSON.parse(lacking.out).missing]).toEqual([1, [name]])
  })

  test('every command has a help', async () => {
    const { out } = await command(['--help'])
    for (const name of ['users', 'apps', 'tokens', 'backup', 'restore', 'migrate', 'doctor', 'settings']) {
      expect(out).toMatch(new RegExp(`^  ${name}\\b.*\\w`, 'm'))
    }
  })
})
