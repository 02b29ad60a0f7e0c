import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { admit, guard } from '../../src/access/guard.ts'
import { type Principal, userOf } from '../../src/access/principal.ts'
import type { AccessRule } from '../../src/access/route-rules.ts'
import type { Leaf } from '../../src/access/scopes.ts'
import { Problem } from '../../src/lib/problem.ts'

const user = (credential: 'session' | 'access-token', ...scopes: Leaf[]): Principal => ({
  kind: 'user',
  userId: 1,
  credential,
  scopes: new Set(scopes),
})
const client = (...scopes: Leaf[]): Principal => ({ kind: 'client', clientId: 1, scopes: new Set(scopes) })
const nobody: Principal = { kind: 'anonymous' }
const refused: Principal = { kind: 'anonymous', refusal: new Problem('invalid_token', 'The access token has expired.') }

/** What the guard makes of it: `ok`, or the kind of Problem. */
function verdict(principal: Principal, rule: AccessRule, authenticationRequired = true): string {
  try {
    admit(principal, rule, authenticationRequired)
    return 'ok'
  } catch (error) {
    return error instanceof Problem ? error.kind : String(error)
  }
}

describe('admit', () => {
  const token = user('access-token', 'read:libraries')
  const session = user('session', 'read:libraries')

  test.each<[AccessRule, string, string, Principal]>([
    ['public', 'nobody', 'ok', nobody],
    ['public', 'who sends a bad token', 'ok', refused],
    ['public', 'a client', 'ok', client()],
    ['client', 'nobody: the client proves itself later', 'ok', nobody],
    ['session', 'a browser', 'ok', session],
    ['session', 'a token', 'forbidden', token],
    ['session', 'a client', 'forbidden', client()],
    ['session', 'nobody', 'unauthenticated', nobody],
    ['session', 'who sends a bad token', 'invalid_token', refused],
    [{ scope: 'read:libraries' }, 'a browser', 'ok', session],
    [{ scope: 'read:libraries' }, 'a token that has it', 'ok', token],
    [{ scope: 'write:libraries' }, 'a token that can only read', 'insufficient_scope', token],
    [{ scope: 'read:profile' }, 'a token for something else', 'insufficient_scope', token],
    [{ scope: 'read:libraries' }, 'a token without scopes', 'insufficient_scope', user('access-token')],
    [{ scope: 'read:libraries' }, 'a client', 'user_required', client('read:libraries')],
    [{ scope: 'read:libraries' }, 'nobody', 'unauthenticated', nobody],
    [{ scope: 'read:libraries' }, 'who sends a bad token', 'invalid_token', refused],
  ])('%j and %s: %s', (rule, _, expected, principal) => {
    expect(verdict(principal, rule)).toBe(expected)
    expect(verdict(principal, rule, false)).toBe(expected)
  })

  const open = (scope: Leaf): AccessRule => ({ scope, anonymous: 'setting' })

  test.each<[string, string, string, AccessRule, Principal]>([
    ['nobody', 'unauthenticated', 'ok', open('read:libraries'), nobody],
    ['who sends a bad token', 'invalid_token', 'ok', open('read:libraries'), refused],
    ['a client with the scope', 'user_required', 'ok', open('read:libraries'), client('read:libraries')],
    ['a client without the scope', 'user_required', 'user_required', open('read:libraries'), client()],
    ['nobody who would write', 'unauthenticated', 'unauthenticated', open('write:libraries'), nobody],
    ['nobody who asks for a profile', 'unauthenticated', 'unauthenticated', open('read:profile'), nobody],
    [
      'a client that asks for a profile',
      'user_required',
      'user_required',
      open('read:profile'),
      client('read:profile'),
    ],
    ['a token without it', 'insufficient_scope', 'insufficient_scope', open('read:libraries'), user('access-token')],
    ['a reader without scopes', 'ok', 'ok', 'reader', user('access-token')],
    ['a reader whom nobody knows', 'unauthenticated', 'ok', 'reader', nobody],
    ['a reader with a bad token', 'invalid_token', 'ok', 'reader', refused],
    ['a client as a reader', 'user_required', 'ok', 'reader', client()],
  ])('%s: %s where the pod wants authentication, else %s', (_, closed, opened, rule, principal) => {
    expect(verdict(principal, rule, true)).toBe(closed)
    expect(verdict(principal, rule, false)).toBe(opened)
  })

  test('the refusal names the scope (RFC 6750 §3)', () => {
    expect(() => admit(token, { scope: 'write:playlists' }, true)).toThrow(
      expect.objectContaining({ scope: 'write:playlists', message: expect.stringContaining('write:playlists') }),
    )
  })
})

describe('the guard of an app', () => {
  const checkCsrf = vi.fn()
  let principal: Principal | undefined
  let app: FastifyInstance
  let seen: Principal[]

  beforeEach(async () => {
    checkCsrf.mockReset()
    seen = []
    app = Fastify()
    const second = async () => user('session', 'write:profile')
    const authenticators = [async () => principal, second]
    await app.register(guard, { authenticators, authenticationRequired: () => true, checkCsrf })
    const handler = async (request: FastifyRequest) => {
      seen.push(request.principal)
      return userOf(request).userId
    }
    const routes = { '/guarded': { scope: 'write:profile' }, '/public': 'public', '/client': 'client' } as const
    for (const [url, access] of Object.entries(routes)) {
      app.route({ method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], url, config: { access }, handler })
    }
    app.post('/form', { config: { access: 'public', csrf: true } }, handler)
  })

  const statusOf = async (method: 'GET' | 'HEAD' | 'POST', url: string) =>
    (await app.inject({ method, url })).statusCode

  test('the first authenticator that knows the credentials decides', async () => {
    principal = user('access-token')
    expect(await statusOf('GET', '/guarded')).toBe(403)
    principal = undefined
    expect(await statusOf('GET', '/guarded')).toBe(200)
    expect(seen).toEqual([await user('session', 'write:profile')])
  })

  test('HEAD is guarded like GET (S41)', async () => {
    principal = user('access-token')
    expect(await statusOf('HEAD', '/guarded')).toBe(await statusOf('GET', '/guarded'))
    expect(seen).toEqual([])
  })

  test.each([
    ['POST', '/guarded', 1],
    ['PUT', '/guarded', 1],
    ['PATCH', '/guarded', 1],
    ['DELETE', '/guarded', 1],
    ['POST', '/public', 1],
    ['POST', '/form', 1],
    ['POST', '/client', 0],
    ['GET', '/guarded', 0],
    ['HEAD', '/guarded', 0],
  ] as const)('%s %s of a session is checked for CSRF %i times (S60)', async (method, url, times) => {
    principal = user('session', 'write:profile')
    await app.inject({ method, url })
    expect(checkCsrf).toHaveBeenCalledTimes(times)
  })

  test.each([
    ['a token', user('access-token', 'write:profile'), 0],
    ['nobody', nobody, 0],
  ] as const)('a form needs the check whoever sends it; other requests of %s do not', async (_, who, times) => {
    principal = who
    await app.inject({ method: 'POST', url: '/public' })
    expect(checkCsrf).toHaveBeenCalledTimes(times)
    await app.inject({ method: 'POST', url: '/form' })
    expect(checkCsrf).toHaveBeenCalledTimes(times + 1)
  })
})
