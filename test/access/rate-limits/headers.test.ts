import { describe, expect, test } from 'vitest'
import { limitHeaders, limitOf, resetFormatOf, throttled } from '../../../src/access/rate-limits/headers.ts'

const limit = limitOf('login', { limit: 30, windowSeconds: 3600 })
const nowMs = Date.UTC(2026, 0, 31, 12, 0, 0)

describe('headers', () => {
  test('say how a caller stands, the present request included', () => {
    const usage = { isRefused: false, remaining: 23, nextMs: 3_500_000, resetMs: 3_600_000 }
    expect(limitHeaders(limit, usage, nowMs, 'unix')).toEqual({
      'x-ratelimit-limit': '30',
      'x-ratelimit-scope': 'login',
      'x-ratelimit-remaining': '23',
      'x-ratelimit-duration': '3600',
      'x-ratelimit-reset': String(nowMs / 1000 + 3600),
      'x-ratelimit-resetseconds': '3600',
      'retry-after': '0',
      ratelimit: '"login";r=23;t=3500',
      'ratelimit-policy': '"login";q=30;w=3600',
    })
  })

  test('name no time too early: parts of a second count as a whole one', () => {
    const usage = { isRefused: false, remaining: 0, nextMs: 1200.5, resetMs: 59_001 }
    expect(limitHeaders(limit, usage, nowMs + 1, 'unix')).toMatchObject({
      'retry-after': '2',
      ratelimit: '"login";r=0;t=2',
      'x-ratelimit-resetseconds': '60',
      'x-ratelimit-reset': String(nowMs / 1000 + 60),
    })
  })

  test('write the reset time as clients of Mastodon read it', () => {
    const usage = { isRefused: false, remaining: 1, nextMs: 0, resetMs: 3_599_250 }
    expect(limitHeaders(limit, usage, nowMs, 'iso')['x-ratelimit-reset']).toBe('2026-01-31T12:59:59.250Z')
  })

  test.each([
    [1, 'Request was throttled. Expected available in 1 second.'],
    [3_600_000, 'Request was throttled. Expected available in 3600 seconds.'],
  ])('a refusal says how long to wait: %i ms', (nextMs, message) => {
    const problem = throttled(limit, { isRefused: true, remaining: 0, nextMs, resetMs: nextMs })
    expect(problem).toMatchObject({ kind: 'throttled', status: 429, message })
    expect(problem.headers).toMatchObject({ 'x-ratelimit-remaining': '0' })
  })
})

describe('clients of Mastodon are met at', () => {
  test.each([
    '/api/v1/apps',
    '/api/v1/apps/',
    '/api/v1/apps/verify_credentials',
    '/oauth/token',
    '/oauth/authorize?client_id=x',
    '/api/v1/accounts/verify_credentials',
    '/api/v1/notifications?limit=1',
    '/api/v1/tokens/1/invalidate',
    '/api/v1/instance',
    '/api/v2/instance/',
  ])('%s', (path) => {
    expect(resetFormatOf(path)).toBe('iso')
  })

  test.each([
    '/api/v1/oauth/apps',
    '/api/v1/oauth/token',
    '/api/v1/instance/settings',
    '/api/v1/instance/nodeinfo/2.0',
    '/api/v2/instance/nodeinfo/2.1',
    '/api/v1/appsx',
    '/oauthx',
    '/',
  ])('not at %s', (path) => {
    expect(resetFormatOf(path)).toBe('unix')
  })
})
