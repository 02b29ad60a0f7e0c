import { Writable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { loggerOptions } from '../../src/log.ts'
import { podOn, type TestApp } from '../support/app.ts'
import { emptyDatabase, testDatabase } from '../support/database.ts'
import { runEverything, type Secrets } from '../support/everything.ts'

let pod: TestApp
let log = ''
let secrets: Secrets

const stream = new Writable({
  write(line, _encoding, done) {
    log += line
    done()
  },
})

beforeAll(async () => {
  const db = await testDatabase()
  await emptyDatabase(db)
  const logger = { ...loggerOptions(readConfig({}), { terminal: false }), level: 'trace', stream }
  pod = await podOn(db, { logger })
  secrets = await runEverything(pod)
  await pod.services.trail.flush()
  await pod.services.usage.flush()
})
afterAll(() => pod.close())

/** Every row of every table as text, as a dump has it. */
async function dump(): Promise<string> {
  const tables = await pod.db.$queryRaw<{ name: string }[]>`
    SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = current_schema()`
  const rows = tables.map(({ name }) =>
    pod.db.$queryRawUnsafe<{ row: string }[]>(`SELECT t::text AS row FROM ${name} t`),
  )
  return (await Promise.all(rows)).flatMap((of) => of.map(({ row }) => row)).join('\n')
}

/** The names of the secrets that are in the text: as they are, without dashes, as bytes in hexadecimal or base64. */
function findSecrets(text: string): string[] {
  const spellings = (secret: string) => {
    const bytes = Buffer.from(secret)
    return [
      secret,
      secret.replaceAll('-', ''),
      encodeURIComponent(secret),
      bytes.toString('hex'),
      bytes.toString('base64'),
    ]
  }
  return [...secrets].filter(([, secret]) => spellings(secret).some((one) => text.includes(one))).map(([name]) => name)
}

describe('after everything has run once', () => {
  test('there was something to hide, and something to hide it in', async () => {
    expect(secrets.size).toBeGreaterThanOrEqual(25)
    expect(new Set(secrets.values()).size).toBe(secrets.size)
    for (const text of ['"path":"/api/v1/oauth/token"', 'incoming request', 'request completed', 'A defect']) {
      expect(log).toContain(text)
    }
    expect(await dump()).toContain('alice')
    expect(await pod.db.token.count()).toBeGreaterThanOrEqual(3)
    expect(await pod.db.deviceAuthorization.count({ where: { usedAt: null } })).toBe(1)
  })

  test('the log at its most talkative holds no secret (S94)', () => {
    expect(findSecrets(log)).toEqual([])
  })

  test('no table holds a secret (S33)', async () => {
    // The client's own state is kept to be given back.
    expect(findSecrets(await dump()).filter((name) => name !== 'state')).toEqual([])
  })

  test('passwords are argon2id with at least 19 MiB and two passes (S33)', async () => {
    const { passwordHash } = await pod.db.user.findFirstOrThrow()
    const [, memory, passes] = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),/.exec(passwordHash) ?? []
    expect(Number(memory)).toBeGreaterThanOrEqual(19 * 1024)
    expect(Number(passes)).toBeGreaterThanOrEqual(2)
  })

  test('the search would find one, in a line of the log and in any column', async () => {
    const token = secrets.get('access token') ?? ''
    pod.app.log.info({ req: { method: 'GET', url: `/x?token=${token}` } }, 'planted')
    pod.app.log.info({ planted: { deep: [secrets.get('user code')] } })
    expect(findSecrets(log)).toEqual(['user code'])
    pod.app.log.info(`planted ${token}`)
    expect(findSecrets(log)).toEqual(['access token', 'user code'])
    await pod.db.user.updateMany({ data: { name: secrets.get('password') ?? '', secretKey: Buffer.from(token) } })
    expect(findSecrets(await dump()).filter((name) => name !== 'state')).toEqual(['password', 'access token'])
  })
})
