import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Registered } from '../../../src/oauth/clients/clients.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aClient, aUser } from '../../support/factories.ts'
import { aCode, exchange, newPkce, refresh, someTokens, useToken } from '../../support/oauth-flow.ts'
import { basic, bearer, bodies, form, type Headers, send } from '../../support/requests.ts'

let pod: TestApp
let confidential: Registered & { secret: string }
let open: Registered
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(async () => {
  await emptyDatabase(pod.db)
  confidential = await aClient(pod.db)
  open = await aClient(pod.db, { isPublic: true })
})

/** Every endpoint at which clients authenticate themselves, with parameters that are right. */
const endpoints = {
  token: { grant_type: 'client_credentials' },
  revoke: { token: 'unknown' },
  introspect: { token: 'unknown' },
  device_authorization: {},
}
type Endpoint = keyof typeof endpoints
const names = Object.keys(endpoints) as Endpoint[]

function call(endpoint: Endpoint, fields: Record<string, string>, headers: Headers = {}, bodyOf = form) {
  const body = bodyOf({ ...endpoints[endpoint], ...fields })
  return send(pod, 'POST', `/api/v1/oauth/${endpoint}`, { body, headers })
}

describe.each(names)('client authentication at %s', (endpoint) => {
  for (const [kind, bodyOf] of Object.entries(bodies)) {
    test(`works by client_id and client_secret in a ${kind} body (RFC 6749 §2.3.1)`, async () => {
      const fields = { client_id: confidential.client.clientId, client_secret: confidential.secret }
      expect((await call(endpoint, fields, {}, bodyOf)).statusCode).toBe(200)
    })
  }

  test('works by HTTP Basic, in any letter case and with everything percent-encoded', async () => {
    const { client, secret } = confidential
    const escaped = (text: string) => text.replace(/./g, (sign) => `%${sign.charCodeAt(0).toString(16)}`)
    const pair = Buffer.from(`${escaped(client.clientId)}:${escaped(secret)}`).toString('base64')
    for (const authorization of [basic(client.clientId, secret).authorization, `bAsIc ${pair}`, `Basic  ${pair}`]) {
      expect((await call(endpoint, {}, { authorization })).statusCode).toBe(200)
    }
  })

  test('may name the client in the body beside HTTP Basic', async () => {
    const { client, secret } = confidential
    const answer = await call(endpoint, { client_id: client.clientId }, basic(client.clientId, secret))
    expect(answer.statusCode).toBe(200)
  })

  test('by two methods at once is invalid_request (S29)', async () => {
    const { client, secret } = confidential
    const both = { client_id: client.clientId, client_secret: secret }
    const secretTwice = await call(endpoint, both, basic(client.clientId, secret))
    const twoClients = await call(endpoint, { client_id: open.client.clientId }, basic(client.clientId, secret))
    for (const answer of [secretTwice, twoClients]) {
      expect([answer.statusCode, answer.json().error]).toEqual([400, 'invalid_request'])
    }
  })

  test('unknown client, wrong, empty and missing secret look alike byte for byte (S28)', async () => {
    const { clientId } = confidential.client
    const wrong = confidential.secret.replace(/.$/, (last) => (last === 'x' ? 'y' : 'x'))
    const byBody = [
      { client_id: 'unknown', client_secret: confidential.secret },
      { client_id: 'unknown' },
      { client_id: clientId, client_secret: wrong },
      { client_id: clientId, client_secret: '' },
      { client_id: clientId },
      { client_secret: confidential.secret },
      { client_id: open.client.clientId, client_secret: wrong },
      {},
    ].map((fields) => call(endpoint, fields))
    const byBasic = [
      basic('unknown', confidential.secret),
      basic(clientId, wrong),
      basic(clientId, ''),
      basic(open.client.clientId, wrong),
      basic('a\0', 'x'),
    ].map((headers) => call(endpoint, {}, headers))
    for (const [answers, challenge] of [
      [byBody, 'Bearer realm="oauth", error="invalid_client"'],
      [byBasic, 'Basic realm="oauth"'],
    ] as const) {
      const [first, ...rest] = (await Promise.all(answers)).map(({ statusCode, body, headers }) => {
        const { date: _, 'x-request-id': __, ...stable } = headers
        return { statusCode, body, headers: stable }
      })
      expect(first?.statusCode).toBe(401)
      expect(JSON.parse(first?.body ?? '')).toEqual({
        error: 'invalid_client',
        error_description: 'Client authentication failed.',
      })
      expect(first?.headers).toMatchObject({ 'www-authenticate': challenge, 'cache-control': 'no-store' })
      for (const answer of rest) expect(answer).toEqual(first)
    }
  })

  const base64 = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

  test.each([
    'Basic',
    'Basic ',
    'Basic !!!!',
    'Basic a b',
    'Digest username="x"',
    'Negotiate',
    base64('without-colon'),
    base64(':secret'),
    base64('%zz:%zz'),
    base64('a:%ff'),
  ])('a malformed Authorization is invalid_client: %j (S28)', async (authorization) => {
    const answer = await call(endpoint, {}, { authorization })
    expect([answer.statusCode, answer.json().error]).toEqual([401, 'invalid_client'])
    expect(answer.headers['www-authenticate']).toBe('Basic realm="oauth"')
  })

  test('a bearer token says nothing about the client (S42)', async () => {
    const { access_token } = await someTokens(pod, confidential)
    expect((await call(endpoint, {}, bearer(access_token))).statusCode).toBe(401)
    expect((await call(endpoint, {}, { authorization: 'Bearer' })).statusCode).toBe(400)
  })

  test('no other secret works as the client secret (S42)', async () => {
    const owner = await aUser(pod.db)
    const owned = await aClient(pod.db, { ownerId: owner.id })
    const tokens = await someTokens(pod, owned, { user: owner })
    for (const secret of [owned.applicationToken, tokens.access_token, tokens.refresh_token, confidential.secret]) {
      const answer = await call(endpoint, {}, basic(owned.client.clientId, secret ?? ''))
      expect(answer.statusCode).toBe(401)
    }
  })

  test('credentials in the address are not taken (S29)', async () => {
    const query = `client_id=${confidential.client.clientId}&client_secret=${confidential.secret}`
    const body = form(endpoints[endpoint])
    const answer = await send(pod, 'POST', `/api/v1/oauth/${endpoint}?${query}`, { body })
    expect(['invalid_client', 'invalid_request']).toContain(answer.json().error)
  })

  test.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'] as const)('%s is 405 (S29, S73)', async (method) => {
    const { client, secret } = confidential
    const url = `/api/v1/oauth/${endpoint}?token=x&grant_type=client_credentials`
    const answer = await send(pod, method, url, { headers: basic(client.clientId, secret) })
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, 'POST'])
  })
})

describe('a client without a secret', () => {
  test('names itself by client_id alone', async () => {
    const fields = { client_id: open.client.clientId }
    expect((await call('revoke', fields)).statusCode).toBe(200)
    expect((await call('device_authorization', fields)).statusCode).toBe(200)
    expect((await call('revoke', {}, basic(open.client.clientId, ''))).statusCode).toBe(200)
  })

  test('may neither introspect tokens nor act for itself', async () => {
    const fields = { client_id: open.client.clientId }
    for (const answer of [await call('introspect', fields), await call('token', fields)]) {
      expect([answer.statusCode, answer.json().error]).toEqual([400, 'unauthorized_client'])
    }
  })
})

describe('a client that has a secret', () => {
  test('needs it although it sends the right code_verifier, and the code is not burnt (S27)', async () => {
    const { verifier, challenge } = newPkce()
    const code = await aCode(pod, confidential, { challenge })
    const parameters = { code_verifier: verifier }
    for (const client_secret of [undefined, '', 'wrong']) {
      const refused = await exchange(pod, confidential, code, { ...parameters, client_secret })
      expect([refused.statusCode, refused.json().error]).toEqual([401, 'invalid_client'])
    }
    expect((await exchange(pod, confidential, code, parameters)).statusCode).toBe(200)
  })

  test('needs it to refresh and to revoke, and failed attempts burn nothing (S27)', async () => {
    const tokens = await someTokens(pod, confidential)
    const { clientId } = confidential.client
    const refused = await refresh(pod, confidential, tokens.refresh_token, { client_secret: undefined })
    expect([refused.statusCode, refused.json().error]).toEqual([401, 'invalid_client'])
    expect((await call('revoke', { client_id: clientId, token: tokens.access_token })).statusCode).toBe(401)
    expect((await useToken(pod, tokens.access_token)).statusCode).toBe(200)
    expect((await refresh(pod, confidential, tokens.refresh_token)).statusCode).toBe(200)
  })
})
