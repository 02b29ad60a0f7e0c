import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { buildApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { createServices } from '../../src/create-services.ts'
import { closeDatabase, type DatabaseClient, openDatabase } from '../../src/db/database.ts'
import type { Services } from '../../src/services.ts'
import { emptyDatabase, testDatabaseLocation } from '../support/database.ts'
import { aUser, password } from '../support/factories.ts'

let statements: string[] = []
let db: DatabaseClient
let services: Services
let app: Awaited<ReturnType<typeof buildApp>>

beforeAll(async () => {
  db = openDatabase(await testDatabaseLocation(), { onStatement: (sql) => void statements.push(sql) })
  services = await createServices({ ...readConfig({}), throttlingEnabled: false }, db)
  app = await buildApp(services, { logger: false })
})
afterAll(async () => {
  await app.close()
  await closeDatabase(db)
})
beforeEach(async () => {
  await emptyDatabase(db)
  await services.settings.change({ users__registration_enabled: true })
  await aUser(db, { username: 'owner_1', email: 'owner@example.org' })
  await aUser(db, { username: 'waiting_1', email: 'waiting@example.org', emailVerifiedAt: null })
})

/** What the database is asked until the answer is there. */
async function statementsFor(url: string, payload: object): Promise<string[]> {
  // Written in the background, for whomever it was.
  await services.trail.flush()
  statements = []
  const { statusCode } = await app.inject({ method: 'POST', url, payload })
  expect(statusCode).toBeLessThan(300)
  // The pod also looks for changes of its settings every now and then.
  return statements.filter((sql) => !/FROM "[^"]*"\."settings"/.test(sql))
}

const addresses = ['owner@example.org', 'waiting@example.org', 'nobody@example.org']

test.each([
  ['asking for a new password', '/api/v1/auth/password/reset/', (email: string) => ({ email })],
  ['asking for another confirmation mail', '/api/v1/auth/registration/resend-email/', (email: string) => ({ email })],
  [
    'signing up',
    '/api/v1/auth/registration/',
    (email: string, i: number) => ({ username: `guest_${i}`, email, password1: password, password2: password }),
  ],
])('%s asks the database the same, whoever has the address (S51)', async (_what, url, body) => {
  const asked = []
  for (const [i, email] of addresses.entries()) asked.push(await statementsFor(url, body(email, i)))
  expect(asked[0]?.length).toBeGreaterThan(0)
  expect(asked[1]).toEqual(asked[0])
  expect(asked[2]).toEqual(asked[0])
})
