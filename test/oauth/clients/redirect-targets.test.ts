import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  appendToRedirectUri,
  checkRedirectUri,
  describeRedirectTarget,
  formActionSource,
  redirectKind,
} from '../../../src/oauth/clients/redirect-uris.ts'

const android = 'urn:/audio.funkwhale.funkwhale-android/oauth/callback'

describe('where a redirect URI leads', () => {
  test.each([
    ['https://app.example/cb', 'web', 'app.example', 'https://app.example'],
    ['HTTPS://App.Example:8443/cb?x=1', 'web', 'app.example:8443', 'https://app.example:8443'],
    ['https://app.example:443', 'web', 'app.example', 'https://app.example'],
    ['https://my_app.lan/cb', 'web', 'my_app.lan', 'https:'],
    ['https://[2001:db8::1]/cb', 'web', '[2001:db8::1]', 'https:'],
    ['http://127.0.0.1.evil.example/cb', 'web', '127.0.0.1.evil.example', 'http://127.0.0.1.evil.example'],
    ['http://127.0.0.1:51004/cb', 'loopback', '127.0.0.1:51004', 'http://127.0.0.1:51004'],
    ['http://[::1]:51004/cb', 'loopback', '[::1]:51004', 'http:'],
    ['http://localhost:3000/cb', 'loopback', 'localhost:3000', 'http://localhost:3000'],
    ['https://app.localhost/cb', 'loopback', 'app.localhost', 'https://app.localhost'],
    ['com.example.App:/cb?x=1', 'private-use', 'com.example.app:', 'com.example.app:'],
    ['app://cb', 'private-use', 'app:', 'app:'],
    [android, 'private-use', android, 'urn:'],
    ['urn:x?y', 'private-use', 'urn:x', 'urn:'],
    ['urn:ietf:wg:oauth:2.0:oob', 'out-of-band', 'urn:ietf:wg:oauth:2.0:oob', undefined],
    ['urn:ietf:wg:oauth:2.0:oob:auto', 'out-of-band', 'urn:ietf:wg:oauth:2.0:oob:auto', undefined],
  ])('%s is %s, shown as %s, and needs the form-action source %s (S12, S13, S70)', (uri, kind, target, source) => {
    expect(redirectKind(uri)).toBe(kind)
    expect(describeRedirectTarget(uri).target).toBe(target)
    expect(formActionSource(uri)).toBe(source)
  })

  test('plain http beyond this device is insecure (S4)', () => {
    expect(describeRedirectTarget('http://nas.lan/cb').insecure).toBe(true)
    for (const uri of ['https://nas.lan/cb', 'http://127.0.0.1/cb', 'http://localhost/cb', 'app://cb', android]) {
      expect(describeRedirectTarget(uri).insecure).toBe(false)
    }
  })

  test('a form-action source never carries anything but one source', () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl({ withQueryParameters: true }), fc.string()), (uri) => {
        if (checkRedirectUri(uri, { allowHttp: true }).ok) expect(formActionSource(uri)).toMatch(/^[a-z0-9.:/+-]+$/)
      }),
    )
  })
})

describe('appendToRedirectUri', () => {
  test.each([
    ['https://app.example/cb', 'https://app.example/cb?code=1&state=2'],
    ['https://app.example', 'https://app.example?code=1&state=2'],
    ['HTTPS://App.example:443/%7e', 'HTTPS://App.example:443/%7e?code=1&state=2'],
    ['https://app.example/cb?a=%20b+c', 'https://app.example/cb?a=%20b+c&code=1&state=2'],
    ['https://app.example/cb?', 'https://app.example/cb?code=1&state=2'],
    ['https://app.example/cb?a&', 'https://app.example/cb?a&code=1&state=2'],
    ['com.example:/cb', 'com.example:/cb?code=1&state=2'],
    ['com.example:cb', 'com.example:cb?code=1&state=2'],
    ['app://', 'app://?code=1&state=2'],
    [android, `${android}?code=1&state=2`],
  ])('%s is kept byte for byte (S3, S6)', (uri, expected) => {
    expect(
      appendToRedirectUri(uri, [
        ['code', '1'],
        ['state', '2'],
      ]),
    ).toBe(expected)
  })

  test('nothing to add adds nothing', () => {
    expect(appendToRedirectUri('https://app.example/cb', [])).toBe('https://app.example/cb')
  })

  test('blanks are %20, which every decoder understands', () => {
    const uri = appendToRedirectUri('app://cb', [['error_description', 'It’s (not) a+b & c*d!']])
    expect(uri).toBe('app://cb?error_description=It%E2%80%99s%20%28not%29%20a%2Bb%20%26%20c%2Ad%21')
  })

  test('every value comes back unchanged, however long (S8)', () => {
    const value = fc.string({ unit: 'binary', maxLength: 2000 })
    fc.assert(
      fc.property(
        fc.constantFrom('https://a.example/cb', 'https://a.example/cb?x=1', android, 'app://cb'),
        value,
        value,
        (uri, code, state) => {
          const answer = appendToRedirectUri(uri, [
            ['code', code],
            ['state', state],
          ])
          expect(answer.startsWith(uri)).toBe(true)
          expect(answer).toMatch(/^[!-~]+$/)
          const query = new URLSearchParams(answer.slice(answer.indexOf('?')))
          expect([query.get('code'), query.get('state')]).toEqual([code, state])
          expect(/[?&]state=([^&]*)/.exec(answer)?.[1]?.replace(/(%..)+/g, decodeURIComponent)).toBe(state)
        },
      ),
    )
  })
})
