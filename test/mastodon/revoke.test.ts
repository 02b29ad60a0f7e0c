import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { emptyDatabase } from '../support/database.ts'
import { anApp, exchangeAsApp, postAsApp } from '../support/mastodon.ts'
import { aCode, useToken } from '../support/oauth-flow.ts'
import { basic, bearer, bodies, json, send } from '../support/requests.ts'

let pod: TestApp
let app: Awaited<ReturnType<typeof anApp>>
let token: string
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(async () => {
  await emptyDatabase(pod.db)
  app = await anApp(pod)
  token = (await exchangeAsApp(pod, app, await aCode(pod, app))).json().access_token
})

const isLive = async () => (await useToken(pod, token)).statusCode === 200
const expectRevoked = async (answer: Awaited<ReturnType<typeof send>>) => {
  expect([answer.statusCode, answer.body]).toEqual([200, '{}'])
  expect(answer.headers['content-type']).toMatch(/^application\/json/)
  expect(await isLive()).toBe(false)
}
const expectKept = async (answer: Awaited<ReturnType<typeof send>>, status: number, error: string) => {
  expect([answer.statusCode, answer.json()]).toEqual([status, { error, error_description: expect.any(String) }])
  expect(answer.headers['content-type']).toMatch(/^application\/json/)
  expect(await isLive()).toBe(true)
}

describe('POST /oauth/revoke', () => {
  test.each(Object.entries(bodies))('answers {} as JSON to a body as %s, and the token is dead', async (_, encode) => {
    const body = encode({ client_id: app.client.clientId, client_secret: app.secret, token })
    await expectRevoked(await send(pod, 'POST', '/oauth/revoke', { body }))
  })

  test('takes the client by HTTP Basic', async () => {
    const headers = basic(app.client.clientId, app.secret)
    await expectRevoked(await send(pod, 'POST', '/oauth/revoke', { body: json({ token }), headers }))
  })

  test('ignores the token in the header, be it the one that is revoked', async () => {
    await expectRevoked(await postAsApp(pod, app, 'revoke', { token, token_type_hint: 'wrong' }, bearer(token)))
    await expectRevoked(await postAsApp(pod, app, 'revoke', { token, access_token: token }, bearer(token)))
  })

  test('is the same for tokens that are unknown or already revoked', async () => {
    await postAsApp(pod, app, 'revoke', { token })
    for (const again of [token, 'unknown']) await expectRevoked(await postAsApp(pod, app, 'revoke', { token: again }))
  })

  test('keeps a token of another app: 403 unauthorized_client', async () => {
    await expectKept(await postAsApp(pod, await anApp(pod), 'revoke', { token }), 403, 'unauthorized_client')
  })

  test.each<[string, object]>([
    ['a wrong secret', { client_secret: 'wrong' }],
    ['no secret', { client_secret: undefined }],
    ['an unknown client', { client_id: 'unknown' }],
  ])('keeps it with %s: 403 unauthorized_client', async (_, changes) => {
    await expectKept(await postAsApp(pod, app, 'revoke', { token, ...changes }), 403, 'unauthorized_client')
  })

  test('keeps it with a wrong secret by HTTP Basic', async () => {
    const headers = basic(app.client.clientId, 'wrong')
    const answer = await send(pod, 'POST', '/oauth/revoke', { body: json({ token }), headers })
    await expectKept(answer, 403, 'unauthorized_client')
  })

  test.each<[object, string]>([
    [{ token: undefined }, 'token'],
    [{ token: '' }, 'token'],
    [{ token: null }, 'token'],
    [{ client_id: undefined }, 'client_id'],
    [{ token: undefined, client_id: undefined, client_secret: undefined }, 'token, client_id, client_secret'],
  ])('%j: 400 invalid_request, naming what is missing', async (changes, names) => {
    const answer = await postAsApp(pod, app, 'revoke', { token, ...changes })
    await expectKept(answer, 400, 'invalid_request')
    expect(answer.json().error_description).toBe(`Missing parameters: ${names}.`)
  })
})
