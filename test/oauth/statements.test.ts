import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Registered } from '../../src/oauth/clients/clients.ts'
import type { Page } from '../support/browser.ts'
import { emptyDatabase, testDatabaseLocation } from '../support/database.ts'
import { aClient } from '../support/factories.ts'
import {
  aCode,
  authorizationUrl,
  exchange,
  newPkce,
  postAs,
  refresh,
  signedIn,
  someTokens,
  useToken,
} from '../support/oauth-flow.ts'
import { type WatchedPod, watchedPod } from '../support/pods-together.ts'
import { json, send } from '../support/requests.ts'

// Round trips to the database cost more than all else that a request does, and unlike times they can be counted without
// noise. The numbers are upper bounds: lower them when there are fewer.

let pod: WatchedPod
beforeAll(async () => {
  pod = await watchedPod(await testDatabaseLocation())
})
afterAll(() => pod.close())
beforeEach(async () => {
  await emptyDatabase(pod.db)
  await pod.ready()
})

/** Once more than a client that has just been seen. */
async function seen(client: Registered & { secret: string }) {
  await postAs(pod, client, 'token', { grant_type: 'client_credentials' })
  return client
}

interface Counted<Result> {
  result: Result
  /** All statements, transaction control included. */
  all: number
  writing: number
}

async function count<Result>(act: () => Promise<Result>): Promise<Counted<Result>> {
  const { result, statements } = await pod.statementsOf(act)
  const writing = statements.filter((sql) => /\b(INSERT|UPDATE|DELETE)\b/.test(sql))
  return { result, all: statements.length, writing: writing.length }
}

test('a bearer check takes 1 statement and writes nothing, and none for a token that has just been seen', async () => {
  const tokens = await someTokens(pod, await aClient(pod.db), { scopes: ['write:favorites'] })
  const { result, all, writing } = await count(() => useToken(pod, tokens.access_token))
  // The token is good, and its scope too small: nothing but the check has run.
  expect(result.statusCode).toBe(403)
  expect(all).toBeLessThanOrEqual(1)
  expect(writing).toBe(0)
  const again = await count(() => useToken(pod, tokens.access_token))
  expect([again.result.statusCode, again.all]).toEqual([403, 0])
})

test('a refresh takes 2 statements, of which 1 writes', async () => {
  const client = await seen(await aClient(pod.db))
  const { refresh_token } = await someTokens(pod, client)
  const { result, all, writing } = await count(() => refresh(pod, client, refresh_token))
  expect(result.statusCode).toBe(200)
  expect(all).toBeLessThanOrEqual(2)
  expect(writing).toBe(1)
})

test('a repeated refresh, whose first answer was lost, takes 3 statements', async () => {
  const client = await aClient(pod.db)
  const { refresh_token } = await someTokens(pod, client)
  await refresh(pod, client, refresh_token)
  const { result, all } = await count(() => refresh(pod, client, refresh_token))
  expect(result.statusCode).toBe(200)
  expect(all).toBeLessThanOrEqual(3)
})

test('an exchange of a code takes 1 statement', async () => {
  const client = await seen(await aClient(pod.db))
  const code = await aCode(pod, client)
  const { result, all, writing } = await count(() => exchange(pod, client, code))
  expect(result.statusCode).toBe(200)
  expect(all).toBeLessThanOrEqual(1)
  expect(writing).toBe(1)
})

test('the code flow of a user who is logged in takes 5 statements: page, decision, exchange', async () => {
  const client = await seen(await aClient(pod.db))
  const { browser } = await signedIn(pod)
  const { verifier, challenge } = newPkce()
  const url = authorizationUrl(client, { code_challenge: challenge, code_challenge_method: 'S256' })
  const page: Counted<Page> = await count(() => browser.get(url))
  const decision = await count(() => browser.submit(page.result, '/authorize', { decision: 'allow' }))
  const code = new URL(decision.result.url).searchParams.get('code') ?? ''
  const tokens = await count(() => exchange(pod, client, code, { code_verifier: verifier }))
  expect(tokens.result.statusCode).toBe(200)
  expect(page.all + decision.all + tokens.all).toBeLessThanOrEqual(5)
  expect(page.writing + decision.writing + tokens.writing).toBeLessThanOrEqual(3)
})

test('client credentials take 1 statement', async () => {
  const client = await seen(await aClient(pod.db))
  const { result, all, writing } = await count(() => postAs(pod, client, 'token', { grant_type: 'client_credentials' }))
  expect(result.statusCode).toBe(200)
  expect(all).toBeLessThanOrEqual(1)
  expect(writing).toBe(1)
})

test.each([
  ['/api/v1/oauth/register', { redirect_uris: ['https://app.example/cb'] }],
  ['/api/v1/oauth/apps', { name: 'App', redirect_uris: 'https://app.example/cb' }],
])('a registration at %s takes 1 statement', async (url, metadata) => {
  const { result, all, writing } = await count(() => send(pod, 'POST', url, { body: json(metadata) }))
  expect(result.statusCode).toBe(201)
  expect(all).toBeLessThanOrEqual(1)
  expect(writing).toBe(1)
})

test('a revocation takes 2 statements, an introspection 3', async () => {
  const client = await seen(await aClient(pod.db))
  const { access_token } = await someTokens(pod, client)
  const introspection = await count(() => postAs(pod, client, 'introspect', { token: access_token }))
  expect(introspection.result.json().active).toBe(true)
  expect(introspection.all).toBeLessThanOrEqual(3)
  const revocation = await count(() => postAs(pod, client, 'revoke', { token: access_token }))
  expect(revocation.result.statusCode).toBe(200)
  expect(revocation.all).toBeLessThanOrEqual(2)
})

test('the counter sees what it should: a transaction is more than its statements', async () => {
  const { all } = await count(() => pod.db.$transaction(async (tx) => tx.user.count()))
  expect(all).toBe(3)
})
