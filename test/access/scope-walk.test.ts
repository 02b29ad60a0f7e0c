import type { LightMyRequestResponse } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bases, clientLeaves, isLeaf, type Leaf } from '../../src/access/scope-catalogue.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { emptyDatabase } from '../support/database.ts'
import { named } from '../support/every-route.ts'
import { aClient, aUser } from '../support/factories.ts'
import { someTokens } from '../support/oauth-flow.ts'
import { bearer, type Headers, json, send } from '../support/requests.ts'
import { allRoutes, type Route } from '../support/routes.ts'
import { applicationTokenOf } from '../support/tokens.ts'

/** All leaves there are, those of admins included. */
const leaves: Leaf[] = [...bases.flatMap((base) => [`read:${base}`, `write:${base}`]), ...clientLeaves].filter(isLeaf)

function scopeOf({ config: { access } }: Route): Leaf | undefined {
  return typeof access === 'object' ? access.scope : undefined
}

const guarded = (await allRoutes()).filter((route) => scopeOf(route) !== undefined)

let pod: TestApp
/** Somebody who may do everything, by a token for one thing. */
const tokens = new Map<Leaf, Headers>()
beforeAll(async () => {
  pod = await testApp()
  await emptyDatabase(pod.db)
  const user = await aUser(pod.db, { isSuperuser: true })
  for (const leaf of new Set(leaves)) {
    if (clientLeaves.includes(leaf)) {
      const client = await aClient(pod.db, { scopes: [leaf] })
      tokens.set(leaf, bearer((await someTokens(pod, client, { user, scopes: [leaf] })).access_token))
    } else tokens.set(leaf, await applicationTokenOf(pod, user, leaf))
  }
}, 60_000)
afterAll(() => pod.close())

function ask(route: Route, headers: Headers | undefined, url = addressOf(route)) {
  const body = ['GET', 'HEAD'].includes(route.method) ? undefined : json({})
  return send(pod, route.method as 'GET', url, { headers: headers ?? {}, body })
}

/** Where nothing is. */
function addressOf({ url }: Route): string {
  return url.replace(/:uuid/g, '00000000-0000-4000-8000-000000000000').replace(/:\w+/g, '0')
}

const isTooSmall = ({ statusCode, headers }: LightMyRequestResponse) =>
  statusCode === 403 && /error="insufficient_scope"/.test(String(headers['www-authenticate']))

describe.each(named(guarded))('%s', (_, route) => {
  test('lets a token of its scope through, and of no other (S43)', async () => {
    const through: Leaf[] = []
    for (const [leaf, headers] of tokens) {
      const answer = await ask(route, headers)
      expect(answer.statusCode, leaf).not.toBe(401)
      expect(answer.statusCode, leaf).toBeLessThan(500)
      if (!isTooSmall(answer)) through.push(leaf)
    }
    // Who may read all of a profile may read some of it.
    const scope = scopeOf(route)
    expect(through).toEqual(scope === 'profile' ? ['read:profile', 'profile'] : [scope])
  })

  test('is the same with and without a slash at the end', async () => {
    const scope = scopeOf(route)
    const other = tokens.get(scope === 'read:radios' ? 'read:filters' : 'read:radios')
    const own = scope === undefined ? undefined : tokens.get(scope)
    for (const headers of [other, own]) {
      const plain = await ask(route, headers)
      const slashed = await ask(route, headers, `${addressOf(route)}/`)
      expect(slashed.statusCode).toBe(plain.statusCode)
    }
  })

  test('tells a preflight what it wants to know without credentials', async () => {
    const { statusCode, headers } = await send(pod, 'OPTIONS', addressOf(route), {
      headers: { origin: 'https://app.example', 'access-control-request-method': route.method },
    })
    expect(statusCode).toBe(204)
    expect(headers['access-control-allow-methods']).toContain(route.method)
  })
})

/** What each part of the API is about, said once more apart from the routes. */
const topics: [RegExp, string][] = [
  [/^(artists|albums|tracks|tags|licenses|search|attachments)\b/, 'libraries'],
  [/^(libraries|uploads|listen|stream|federation)\b/, 'libraries'],
  [/^favorites\b/, 'favorites'],
  [/^history\b/, 'listenings'],
  [/^playlists\b/, 'playlists'],
]

test.each(named(guarded))('%s demands the scope of what it is about', (_, route) => {
  const [, path = ''] = /^\/api\/v1\/(.*)/.exec(route.url) ?? []
  const base = topics.find(([pattern]) => pattern.test(path))?.[1]
  const verb = ['GET', 'HEAD'].includes(route.method) ? 'read' : 'write'
  const isResource = /:(libraries|favorites|listenings|playlists)$/.test(scopeOf(route) ?? '')
  if (base !== undefined || isResource) expect(scopeOf(route)).toBe(`${verb}:${base}`)
})

test('the walk saw every scope that a resource has', () => {
  const seen = new Set(guarded.map(scopeOf))
  for (const base of ['libraries', 'favorites', 'listenings', 'playlists']) {
    expect([...seen]).toContain(`read:${base}`)
    expect([...seen]).toContain(`write:${base}`)
  }
  expect(tokens.size).toBeGreaterThan(45)
})
