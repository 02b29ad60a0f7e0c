import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { emptyDatabase } from '../support/database.ts'
import { named } from '../support/every-route.ts'
import { aClient } from '../support/factories.ts'
import { postAs } from '../support/oauth-flow.ts'
import { bearer, type Headers, json, send } from '../support/requests.ts'
import { allRoutes, type Route } from '../support/routes.ts'

const resources = /^(read|write):(libraries|favorites|listenings|playlists)$/

const routes = (await allRoutes()).filter(({ url, config: { access } }) => {
  return (
    (access === 'reader' && url.startsWith('/api/')) || (typeof access === 'object' && resources.test(access.scope))
  )
})

/** What only people with an account may read, whatever the pod is set to. */
const neverOpen = [
  '/api/v1/favorites/tracks/all',
  '/api/v1/federation/libraries/:uuid',
  '/api/v1/libraries/:uuid/follows',
  '/api/v1/uploads',
  '/api/v1/uploads/:uuid/audio-file-metadata',
]

let pod: TestApp
/** A client without a user: anybody can register one. */
let client: Headers
beforeAll(async () => {
  pod = await testApp()
  await emptyDatabase(pod.db)
  const answer = await postAs(pod, await aClient(pod.db), 'token', { grant_type: 'client_credentials' })
  client = bearer(answer.json().access_token)
})
afterAll(() => pod.close())

function ask({ method, url }: Route, headers: Headers = {}) {
  const address = url.replace(/:uuid/g, '00000000-0000-4000-8000-000000000000').replace(/:\w+/g, '0')
  const body = ['GET', 'HEAD'].includes(method) ? undefined : json({})
  return send(pod, method as 'GET', address, { headers, body })
}

describe.each([
  ['a closed pod', true],
  ['an open pod', false],
])('on %s', (_, closed) => {
  beforeAll(() => pod.services.settings.change({ common__api_authentication_required: closed }))
  afterAll(() => pod.services.settings.change({ common__api_authentication_required: true }))

  test.each(named(routes))('%s answers nobody as it should, and a bad token no better', async (__, route) => {
    const isOpen = !closed && ['GET', 'HEAD'].includes(route.method) && !neverOpen.includes(route.url)
    const [nobody, bad] = [await ask(route), await ask(route, bearer('baleen_at_nonsense'))]
    if (isOpen) expect([401, 403]).not.toContain(nobody.statusCode)
    else {
      expect(nobody.statusCode).toBe(401)
      expect(nobody.headers['www-authenticate']).toMatch(/^Bearer /)
      expect(bad.statusCode).toBe(401)
      expect(bad.headers['www-authenticate']).toContain('error="invalid_token"')
    }
    expect(nobody.statusCode).toBeLessThan(500)
  })

  test.each(named(routes))('%s gives a client without a user no more than nobody', async (__, route) => {
    const { statusCode } = await ask(route, client)
    const isOpen = !closed && ['GET', 'HEAD'].includes(route.method) && !neverOpen.includes(route.url)
    if (isOpen) expect([401, 403]).not.toContain(statusCode)
    else expect(statusCode).toBe(403)
  })
})

test('the walk saw what is never open', () => {
  expect(routes.map(({ url }) => url)).toEqual(expect.arrayContaining(neverOpen))
})
