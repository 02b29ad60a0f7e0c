import { describe, expect, test } from 'vitest'
import { parseRate, throttleScopeOf, throttleScopes } from '../../src/access/throttle-buckets.ts'

const hour = 3600
const day = 86400

describe('throttle scopes', () => {
  test('there are 27, each with a rate that can be read and a description', () => {
    const scopes = Object.values(throttleScopes)
    expect(scopes).toHaveLength(27)
    for (const { rate, description } of scopes) {
      expect(parseRate(rate)).toMatchObject({ limit: expect.any(Number), windowSeconds: expect.any(Number) })
      expect(description).not.toBe('')
    }
  })

  test.each([
    ['anonymous-wildcard', 1000, hour],
    ['authenticated-wildcard', 2000, hour],
    ['anonymous-create', 1000, day],
    ['authenticated-create', 1000, hour],
    ['anonymous-list', 10000, day],
    ['authenticated-list', 10000, hour],
    ['anonymous-retrieve', 10000, day],
    ['authenticated-retrieve', 10000, hour],
    ['anonymous-destroy', 1000, day],
    ['authenticated-destroy', 500, hour],
    ['anonymous-update', 1000, day],
    ['authenticated-update', 1000, hour],
    ['subsonic', 2000, hour],
    ['anonymous-reports', 10, day],
    ['authenticated-reports', 100, day],
    ['anonymous-oauth-app', 10, day],
    ['authenticated-oauth-app', 10, hour],
    ['oauth-authorize', 100, hour],
    ['oauth-token', 100, hour],
    ['oauth-revoke-token', 100, hour],
    ['login', 30, hour],
    ['signup', 10, day],
    ['verify-email', 20, hour],
    ['password-change', 20, hour],
    ['password-reset', 20, hour],
    ['password-reset-confirm', 20, hour],
    ['fetch', 200, day],
  ] as const)('%s allows %i requests in %i seconds', (scope, limit, windowSeconds) => {
    expect(parseRate(throttleScopes[scope].rate)).toEqual({ limit, windowSeconds })
  })

  test.each([
    ['create', 'anonymous-create', 'authenticated-create'],
    ['wildcard', 'anonymous-wildcard', 'authenticated-wildcard'],
    ['oauth-app', 'anonymous-oauth-app', 'authenticated-oauth-app'],
    ['login', 'login', 'login'],
    ['fetch', 'anonymous-wildcard', 'fetch'],
    ['none', undefined, undefined],
  ] as const)('the bucket %s counts against %s for strangers and %s for users', (bucket, anonymous, authenticated) => {
    expect(throttleScopeOf(bucket, 'anonymous')).toBe(anonymous)
    expect(throttleScopeOf(bucket, 'authenticated')).toBe(authenticated)
  })
})

describe('parseRate', () => {
  test.each([
    ['1/s', 1, 1],
    ['10/sec', 10, 1],
    ['10/m', 10, 60],
    ['10/min', 10, 60],
    ['500/hour', 500, hour],
    ['7/days', 7, day],
    ['0/d', 0, day],
  ])('%s is %i in %i seconds', (text, limit, windowSeconds) => {
    expect(parseRate(text)).toEqual({ limit, windowSeconds })
  })

  test('unlimited has no number', () => {
    expect(parseRate('unlimited')).toBe('unlimited')
  })

  test.each([
    '',
    '5',
    '5/',
    '/h',
    '5/w',
    'x/d',
    '-1/h',
    '1.5/h',
    '5/month',
    '5 / h',
    '5/H',
    '99999999999/h',
    '5/h\n',
    'Unlimited',
  ])('%j is not a rate', (text) => {
    expect(parseRate(text)).toBeUndefined()
  })
})
