import { expect, test } from 'vitest'
import { throttleScopeOf } from '../../src/access/throttle-buckets.ts'

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
