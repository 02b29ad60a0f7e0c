import { expect, test } from 'vitest'
import { parseMailAddress } from '../../src/lib/mail-address.ts'

test.each([
  ['noreply@example.org', { name: '', address: 'noreply@example.org' }],
  ['noreply@localhost', { name: '', address: 'noreply@localhost' }],
  ['Our Pod <noreply@example.org>', { name: 'Our Pod', address: 'noreply@example.org' }],
])('%s is a sender', (text, address) => {
  expect(parseMailAddress(text)).toEqual(address)
})

test.each([
  'example.org',
  '@example.org',
  'a@b@c',
  'a@b, c@d',
  'a@example.org\r\nBcc: b@example.org',
  'Pod\r\nBcc: b@example.org <a@example.org>',
  'Pod <a@example.org> b@example.org',
  'Pod <>',
])('%j is not', (text) => {
  expect(parseMailAddress(text)).toBeUndefined()
})
