import { describe, expect, test } from 'vitest'
import { defaultRates, listedScopes, parseRate, readRates, throttleScopes } from '../src/throttling.ts'

const hour = 3600
const day = 86400

describe('throttle scopes', () => {
  test('27 are listed, and one is not; each with a description', () => {
    expect(listedScopes()).toHaveLength(27)
    expect(Object.keys(throttleScopes)).toEqual([...listedScopes(), 'mastodon-app'])
    for (const { description } of Object.values(throttleScopes)) expect(description).not.toBe('')
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
    ['mastodon-app', 30, 600],
  ] as const)('%s allows %i requests in %i seconds', (scope, limit, windowSeconds) => {
    expect(defaultRates()[scope].rate).toEqual({ limit, windowSeconds })
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
    ['30/10min', 30, 600],
    ['5/999d', 5, 999 * day],
  ])('%s is %i in %i seconds', (text, limit, windowSeconds) => {
    expect(parseRate(text)).toEqual({ text, rate: { limit, windowSeconds } })
  })

  test('unlimited has no number', () => {
    expect(parseRate('unlimited')).toEqual({ text: 'unlimited', rate: undefined })
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
    '5/2month',
    '5/0min',
    '5/01min',
    '5/1000min',
    '5/1.5h',
    '5/10',
    '5 / h',
    '5/H',
    '99999999999/h',
    '5/h\n',
    'Unlimited',
  ])('%j is not a rate', (text) => {
    expect(parseRate(text)).toBeUndefined()
  })
})

describe('readRates', () => {
  test('what is given replaces the defaults, the rest stays', () => {
    const read = readRates(' login = 10/min, oauth-token=500/hour,signup=unlimited,')
    expect(read).toHaveProperty('rates.login', { text: '10/min', rate: { limit: 10, windowSeconds: 60 } })
    expect(read).toHaveProperty('rates.oauth-token.rate.limit', 500)
    expect(read).toHaveProperty('rates.signup', { text: 'unlimited', rate: undefined })
    expect(read).toHaveProperty('rates.fetch', defaultRates().fetch)
  })

  test('nothing given is the defaults', () => {
    expect(readRates('')).toEqual({ rates: defaultRates() })
  })

  test.each([
    ['logn=10/min', 'there is no scope logn'],
    ['login', 'the rate of login must look like 10/min or unlimited'],
    ['login=10', 'the rate of login must look like 10/min or unlimited'],
    ['login=10/fortnight', 'the rate of login must look like 10/min or unlimited'],
    ['login=1/s,login=2/s', 'login is given twice'],
    ['login=10/min;signup=1/d', 'the rate of login must look like 10/min or unlimited'],
    ['=5/d', 'there is no scope of that name'],
    ['toString=5/d', 'there is no scope toString'],
    ['a=1/d,fetch=x', 'there is no scope a; the rate of fetch must look like 10/min or unlimited'],
  ])('%j is refused: %s', (text, problem) => {
    expect(readRates(text)).toEqual({ problem })
  })
})
