import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { emptyDatabase } from '../support/database.ts'
import { named } from '../support/every-route.ts'
import { aUser } from '../support/factories.ts'
import { type Body, bodies, type Headers, send } from '../support/requests.ts'
import { allRoutes, type Route } from '../support/routes.ts'
import { tokenOf } from '../support/tokens.ts'

const all = (await allRoutes()).filter(({ url }) => url.startsWith('/api/v1/'))
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

let pod: TestApp
let headers: Headers
beforeAll(async () => {
  pod = await testApp()
  await emptyDatabase(pod.db)
  headers = await tokenOf(pod, await aUser(pod.db), 'read', 'write')
})
afterAll(() => pod.close())

function ask(method: string, url: string, given: { headers?: Headers; body?: Body } = {}) {
  const address = url.replace(/:uuid/g, '00000000-0000-4000-8000-000000000000').replace(/:\w+/g, '0')
  return send(pod, method as 'GET', address, given)
}

const offered = new Map<string, Set<string>>()
for (const { url, method } of all) offered.set(url, (offered.get(url) ?? new Set()).add(method))

test.each([...offered])('%s refuses methods that it does not offer, and says which it does', async (url, own) => {
  for (const method of methods.filter((one) => !own.has(one))) {
    for (const path of [url, `${url}/`]) {
      const answer = await ask(method, path)
      expect(answer.statusCode, method).toBe(405)
      expect(String(answer.headers.allow).split(', ').sort()).toEqual([...own].sort())
      expect(answer.json().detail ?? answer.json().error).toEqual(expect.any(String))
    }
  }
})

const resources = /^write:(libraries|favorites|listenings|playlists)$/

function writes({ config: { access } }: Route): boolean {
  return typeof access === 'object' && resources.test(access.scope)
}

describe.each(named(all.filter(writes)))('%s', (_, { method, url }) => {
  test('takes JSON and both kinds of forms, and answers them alike', async () => {
    const answers = []
    for (const body of Object.values(bodies)) {
      // Good for none of them.
      const { statusCode, json } = await ask(method, url, { headers, body: body({ nonsense: 'x' }) })
      answers.push({ statusCode, answer: statusCode === 204 ? undefined : json() })
    }
    const [first, ...others] = answers
    expect(others).toEqual([first, first])
    expect(first?.statusCode).not.toBe(415)
  })
})
