import { describe, expect, test } from 'vitest'
import { parseSmtpUrl } from '../../src/lib/smtp-url.ts'

describe('how the mail server is reached', () => {
  test.each([
    ['smtp://mail.example', { host: 'mail.example', port: 25, encryption: 'opportunistic' }],
    ['smtp://mail.example:2525/', { host: 'mail.example', port: 2525, encryption: 'opportunistic' }],
    ['smtp+tls://mail.example', { host: 'mail.example', port: 587, encryption: 'starttls' }],
    ['smtp+ssl://mail.example', { host: 'mail.example', port: 465, encryption: 'tls' }],
    ['smtps://mail.example', { host: 'mail.example', port: 465, encryption: 'tls' }],
    ['smtps://mail.example:587', { host: 'mail.example', port: 587, encryption: 'starttls' }],
    ['smtp://[::1]:2525', { host: '::1', port: 2525, encryption: 'opportunistic' }],
  ])('%s', (url, server) => {
    expect(parseSmtpUrl(url)).toEqual(server)
  })

  test.each([
    ['smtp://alice:secret@mail.example', { user: 'alice', password: 'secret' }],
    ['smtp+ssl://user@:password@mail.example:465', { user: 'user@', password: 'password' }],
    ['smtp+tls://alice@example.org:secret@mail.example', { user: 'alice@example.org', password: 'secret' }],
    ['smtp://a%40b:p%3A%2F%3F%23%25@mail.example', { user: 'a@b', password: 'p:/?#%' }],
  ])('%s logs in', (url, login) => {
    expect(parseSmtpUrl(url)?.login).toEqual(login)
  })

  test.each(['mail.example', 'http://mail.example', 'smtp://', 'smtp://mail.example:0', 'smtp://mail.example:99999'])(
    '%s is no mail server',
    (url) => expect(parseSmtpUrl(url)).toBeUndefined(),
  )

  test.each([
    'smtp://mail.example/path',
    'smtp://mail.example?tls=1',
    'smtp://%zz:b@mail.example',
    'smtp://:b@mail.example',
  ])('%s is no mail server', (url) => expect(parseSmtpUrl(url)).toBeUndefined())
})
