import type { LightMyRequestResponse } from 'fastify'
import { expect } from 'vitest'
import { z } from 'zod'
import { isMastodonApi } from '../../src/http/mastodon-paths.ts'
import type { TestApp } from './app.ts'
import { emptyDatabase } from './database.ts'
import { aClient } from './factories.ts'
import { signedIn } from './oauth-flow.ts'
import { asScript, basic, bearer, type Headers } from './requests.ts'
import type { Route } from './routes.ts'

/** Where no schema names the parameters, these are read. */
const unnamed = ['client_id', 'redirect_uri', 'scope', 'response_type', 'state', 'code_challenge', 'allow']

/** The names of a route's parameters, in its body or its query. */
export function namesIn(route: Route, part: 'body' | 'querystring'): string[] {
  const schema = route.schema?.[part]
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : unnamed
}

/** Input that nobody should send. */
export interface Bad {
  payload?: string | Buffer
  type?: string | undefined
  /** After `?`. */
  query?: string
  /** In place of what the route's path wants. */
  segment?: string
}

/** Somebody whom every route lets in: a superuser's browser with a CSRF token, and a client with its secret. */
export class Insider {
  readonly #pod: TestApp
  #session: Headers = {}
  #client: Headers = {}
  #token: Headers = {}
  #clientId = ''

  constructor(pod: TestApp) {
    this.#pod = pod
  }

  /** For before each test: some input ends the session or deletes the client. */
  async comeBack(): Promise<void> {
    const { db } = this.#pod
    if ((await db.session.count()) === 1 && (await db.client.count({ where: { clientId: this.#clientId } })) === 1)
      return
    await emptyDatabase(db)
    const { user, browser } = await signedIn(this.#pod, { isSuperuser: true })
    const { client, secret, applicationToken } = await aClient(db, { ownerId: user.id })
    this.#session = asScript(browser)
    this.#client = basic(client.clientId, secret)
    this.#token = bearer(applicationToken)
    this.#clientId = client.clientId
  }

  async ask(route: Route, { payload, type, query, segment }: Bad): Promise<LightMyRequestResponse> {
    const path = route.url.replace(/:\w+/g, segment ?? this.#clientId)
    return this.#pod.app.inject({
      method: route.method as 'GET',
      url: query === undefined ? path : `${path}?${query}`,
      headers: {
        ...this.#credentialsFor(route),
        ...(surfaceOf(route.url) === 'page' && { accept: 'text/html' }),
        ...(type !== undefined && { 'content-type': type }),
      },
      ...(payload !== undefined && { payload }),
    })
  }

  #credentialsFor({ config }: Route): Headers {
    if (config.access === 'client') return this.#client
    return config.access === 'token' ? this.#token : this.#session
  }

  /** Sends all of these; each has to be answered with this status, or, if that is undefined, with anything but a defect. */
  async isRefused(route: Route, status: number | undefined, all: Bad[], surface = surfaceOf(route.url)): Promise<void> {
    for (const bad of all) {
      const answer = await this.ask(route, bad)
      const what = JSON.stringify({ ...bad, payload: String(bad.payload).slice(0, 200) })
      if (status !== undefined) expect(statusesLike(status, surface), what).toContain(answer.statusCode)
      expectCivil(route, answer, surface)
    }
  }
}

/** Routes under the names that tests have. */
export function named(routes: Route[]): [string, Route][] {
  return routes.map((route) => [`${route.method} ${route.url}`, route])
}

/** Where clients of Mastodon call, a field that is wrong is 422. */
function statusesLike(status: number, surface: Surface): number[] {
  return status === 400 && surface === 'mastodon' ? [400, 422] : [status]
}

type Surface = 'page' | 'oauth' | 'mastodon' | 'api'

/** Whose dialect a path has. */
function surfaceOf(url: string): Surface {
  if (/^\/api\/v1\/oauth\/(token|revoke|introspect|device_authorization|register)\b/.test(url)) return 'oauth'
  if (url.startsWith('/.well-known/oauth-') || /^\/oauth\/(token|revoke|userinfo)\b/.test(url)) return 'oauth'
  if (isMastodonApi(url)) return 'mastodon'
  if (/^\/api\/docs\b/.test(url)) return 'page'
  return /^\/(api|media|health|\.well-known)\/|\.json$|^\/(metrics|swagger)$/.test(url) ? 'api' : 'page'
}

/** Whose dialect is spoken about a path that no route can be found for. */
export function surroundingsOf(url: string): Surface {
  if (isMastodonApi(url)) return 'mastodon'
  return /^(\/api\/v1)?\/oauth\//.test(url) ? 'oauth' : 'api'
}

const messages: z.ZodType = z.lazy(() => z.union([z.array(z.string()).min(1), z.record(z.string(), messages)]))
/** Clients know settings that are none by this very sentence. */
const unknownSetting = z.literal('invalid preference')
const apiError = z.union([
  z.object({ detail: z.string().min(1) }),
  z.record(z.string(), z.union([messages, unknownSetting])),
])
const mastodonError = z.strictObject({ error: z.string().min(1) })
const oauthError = z.strictObject({
  error: z.string().regex(/^[a-z_]+$/),
  error_description: z.string().regex(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/),
})

const errorOf = { oauth: oauthError, mastodon: mastodonError, api: apiError }

/** Traces of what is behind: a stack, a path, SQL, the ORM. */
const insides = /node_modules|\bat \S+ \(|\.tsx?:\d|prisma|postgres|sqlstate|relation "/i

/** What an answer to bad input may be: never a defect, and an error in the words and shape of its surface (S72). */
function expectCivil({ method, url }: Route, answer: LightMyRequestResponse, surface: Surface): void {
  expect(answer.statusCode, answer.body.slice(0, 300)).toBeLessThan(500)
  // The documentation says what the pod is made of.
  if (url !== '/docs' || answer.statusCode >= 400) expect(answer.body).not.toMatch(insides)
  if (answer.statusCode < 400 || method === 'HEAD') return
  expect(answer.headers['cache-control']).toContain('no-store')
  if (surface === 'page') {
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(answer.body).toMatch(/^<!doctype html>.*<h1/is)
  } else {
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(errorOf[surface].safeParse(answer.json()).error).toBeUndefined()
  }
}
