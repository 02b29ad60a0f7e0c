import { expect, test } from 'vitest'
import { safeNext } from '../../../src/accounts/login/login.ts'

const publicUrl = 'https://pod.example'

test.each([
  '/',
  '/device',
  '/authorize?client_id=a&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&state=%5C',
  '/authorize?redirect_uri=https://app.example/cb&state=a\\b//c',
  '/settings#apps',
  '/a/b;c=d',
  '/https://pod.example',
])('%s is where the login leads', (next) => {
  expect(safeNext(next, publicUrl)).toBe(next)
})

test.each([
  ['no address', undefined],
  ['an empty one', ''],
  ['a list', ['/device']],
  ['an absolute URL', 'https://evil.example/'],
  ['an absolute URL of the pod itself', 'https://pod.example/device'],
  ['a URL without slashes', 'https:evil.example'],
  ['javascript:', 'javascript:alert(1)'],
  ['data:', 'data:text/html,x'],
  ['two slashes', '//evil.example'],
  ['three slashes', '///evil.example'],
  ['slash and backslash', '/\\evil.example'],
  ['backslashes', '\\\\evil.example'],
  ['a backslash further on', '/a\\..\\..\\evil.example'],
  ['a tab between slashes, which browsers drop', '/\t/evil.example'],
  ['a line break between slashes', '/\n/evil.example'],
  ['CR and LF', '/device\r\nset-cookie: a=b'],
  ['a blank in front', ' /device'],
  ['dots that leave two slashes', '/..//evil.example'],
  ['a dot that leaves two slashes', '/.//evil.example'],
  ['encoded dots that leave two slashes', '/%2e%2e//evil.example'],
  ['an encoded slash', '/%2Fevil.example'],
  ['encoded slashes', '%2F%2Fevil.example'],
  ['an encoded backslash', '/%5Cevil.example'],
  ['an encoded tab', '/%09/evil.example'],
  ['a relative path', 'device'],
  ['a query alone', '?next=//evil.example'],
  ['letters beyond ASCII', '/\u2215evil.example'],
  ['a NUL', '/\0'],
])('%s leads to the start page (S53)', (_name, next) => {
  expect(safeNext(next, publicUrl)).toBe('/')
})
