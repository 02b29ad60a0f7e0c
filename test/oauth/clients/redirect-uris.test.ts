import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  checkRedirectUri,
  maxRedirectUris,
  maxRedirectUrisLength,
  parseRedirectUris,
} from '../../../src/oauth/clients/redirect-uris.ts'

const strict = { allowHttp: false }

function reasonAgainst(uri: string, rules = strict): string {
  const verdict = checkRedirectUri(uri, rules)
  return verdict.ok ? 'none' : verdict.reason
}

describe('checkRedirectUri', () => {
  test.each([
    'https://app.example/cb',
    'https://app.example',
    'https://app.example/',
    'https://APP.example:8443/cb?keep=1&a=%20b',
    'HTTPS://app.example/cb',
    'https://app.example:443/cb',
    'https://my_app.internal/cb',
    'https://xn--bcher-kva.example/cb',
    'https://192.0.2.7/cb',
    'https://[2001:db8::1]:8443/cb',
    'https://app.example/a..b/...;x/(1)?q[]=1',
    'http://127.0.0.1/cb',
    'http://127.0.0.1:51004/cb',
    'http://[::1]:51004/cb',
    'http://localhost:3000/cb',
    'http://app.localhost/cb',
    'urn:ietf:wg:oauth:2.0:oob',
    'urn:ietf:wg:oauth:2.0:oob:auto',
    'urn:/audio.funkwhale.funkwhale-android/oauth/callback',
    'com.example:/cb',
    'com.example.app:/oauth2redirect?x=1',
    'com.example:cb',
    'app://cb',
    'app://',
    'app://cb:8080/x',
    'oauth2redirect://com.keylesspalace.tusky/',
    'mastodon-android-auth://callback',
  ])('%s may be registered (S3)', (uri) => {
    expect(reasonAgainst(uri)).toBe('none')
  })

  test.each([
    ['', 'empty'],
    ['javascript:alert(1)', 'scheme javascript'],
    ['JaVaScRiPt:alert(1)', 'scheme javascript'],
    ['javascript://app.example/%250aalert(1)', 'scheme javascript'],
    ['java\tscript:alert(1)', 'blanks or control'],
    ['java\nscript:alert(1)', 'blanks or control'],
    ['\u0001javascript:alert(1)', 'blanks or control'],
    [' javascript:alert(1)', 'blanks or control'],
    ['java%73cript:alert(1)', 'no scheme'],
    ['data:text/html,x', 'scheme data'],
    ['DATA:text/html,x', 'scheme data'],
    ['vbscript:x', 'scheme vbscript'],
    ['file:///etc/passwd', 'scheme file'],
    ['blob:https://app.example/1', 'scheme blob'],
    ['about:blank', 'scheme about'],
    ['view-source:https://app.example/', 'scheme view-source'],
    ['intent://app.example/', 'scheme intent'],
    ['ftp://app.example/cb', 'scheme ftp'],
    ['cb', 'no scheme'],
    ['/cb', 'no scheme'],
    ['//evil.example/cb', 'no scheme'],
    ['?x=1', 'no scheme'],
    [':/cb', 'no scheme'],
    ['1app:/cb', 'no scheme'],
    ['localhost:3000/cb', 'has no scheme'],
    ['127.0.0.1:3000/cb', 'no scheme'],
    ['[::1]:3000/cb', 'no scheme'],
    ['app.example:443', 'has no scheme'],
    ['com.example:', 'after the scheme'],
    ['https:', 'after the scheme'],
    ['https:app.example/cb', 'two slashes'],
    ['https:/app.example/cb', 'two slashes'],
    ['https:///cb', 'two slashes'],
    ['https:////app.example/cb', 'two slashes'],
    ['https://', 'two slashes'],
    ['https://:443/cb', 'two slashes'],
    ['https://?x', 'two slashes'],
    ['https://app.example/cb#', 'fragment'],
    ['https://app.example/cb#x', 'fragment'],
    ['app://cb#x', 'fragment'],
    ['https://*.app.example/cb', 'wildcard'],
    ['https://app.example/*', 'wildcard'],
    ['https://user@app.example/cb', 'user name'],
    ['https://user:pass@app.example/cb', 'user name'],
    ['https://app.example@evil.example/cb', 'user name'],
    ['app://user@cb', 'user name'],
    ['https://app.example\\@evil.example/cb', 'do not allow'],
    ['https:\\\\app.example\\cb', 'do not allow'],
    ['https://app.example/<x>', 'do not allow'],
    ['https://app.example/{id}', 'do not allow'],
    ['https://app.example/"x"', 'do not allow'],
    ['https://app.example/a b', 'blanks or control'],
    ['https://app.example/cb ', 'blanks or control'],
    ['https://app.example/cb\u0000', 'blanks or control'],
    ['https://app.example/cb\u0085', 'blanks or control'],
    ['https://app.example/%', '%'],
    ['https://app.example/%zz', '%'],
    ['https://app.example/%00', 'control characters'],
    ['https://app.example/%0d%0aset-cookie:x', 'control characters'],
    ['https://bücher.example/cb', 'ASCII'],
    ['https://app.example/é', 'ASCII'],
    ['https://аpp.example/cb', 'ASCII'],
    ['https://app.example/\ud800', 'ASCII'],
    ['https://app.example:/cb', 'port'],
    ['https://app.example:0/cb', 'port'],
    ['https://app.example:65536/cb', 'port'],
    ['https://app.example:99999/cb', 'port'],
    ['https://app.example:080/cb', 'port'],
    ['https://app.example:80a/cb', 'port'],
    ['https://app.example:80:80/cb', 'port'],
    ['app://cb:99999/x', 'port'],
    ['https://127.1/cb', 'usual spelling'],
    ['http://127.1/cb', 'usual spelling'],
    ['http://0x7f.0.0.1/cb', 'usual spelling'],
    ['http://2130706433/cb', 'usual spelling'],
    ['http://0177.0.0.1/cb', 'usual spelling'],
    ['http://[0:0:0:0:0:0:0:1]/cb', 'usual spelling'],
    ['http://[::ffff:127.0.0.1]/cb', 'usual spelling'],
    ['http://[fe80::1%25eth0]/cb', 'usual spelling'],
    ['http://[::1/cb', 'usual spelling'],
    ['http://[]/cb', 'usual spelling'],
    ['https://ex%61mple.com/cb', 'usual spelling'],
    ['https://app%2eexample/cb', 'usual spelling'],
    ['https://app..example/cb', 'usual spelling'],
    ['https://.example/cb', 'usual spelling'],
    ['https://app.example./cb', 'usual spelling'],
    ['https://app,example/cb', 'usual spelling'],
    ['https://xn--/cb', 'usual spelling'],
    ['https://256.1.1.1/cb', 'usual spelling'],
    ['https://app.example/../cb', '. or ..'],
    ['https://app.example/a/./cb', '. or ..'],
    ['https://app.example/a/%2e%2e/cb', '. or ..'],
    ['https://app.example/a/.%2E', '. or ..'],
    ['http://app.example/cb', 'https'],
    ['http://127.0.0.1.evil.example/cb', 'https'],
    ['http://127.0.0.2/cb', 'https'],
    ['http://localhost.evil.example/cb', 'https'],
    ['http://notlocalhost/cb', 'https'],
    ['http://10.0.0.1/cb', 'https'],
    ['urn:ietf:wg:oauth:2.0:oob:other', 'out-of-band'],
    ['urn:ietf:params:oauth:x', 'out-of-band'],
    ['URN:ietf:wg:oauth:2.0:oob', 'out-of-band'],
    ['urn:IETF:wg:oauth:2.0:oob', 'out-of-band'],
  ])('%j may not be registered, and the reason speaks of “%s” (S4)', (uri, word) => {
    expect(reasonAgainst(uri)).toContain(word)
  })

  test('plain http beyond loopback needs the operator’s leave, and gets no other (S4)', () => {
    expect(reasonAgainst('http://nas.lan:8080/cb', { allowHttp: true })).toBe('none')
    expect(reasonAgainst('http://0x7f.1/cb', { allowHttp: true })).toContain('usual spelling')
    expect(reasonAgainst('http://user@nas.lan/cb', { allowHttp: true })).toContain('user name')
  })

  test('the reason is one line that names the URI, cut short', () => {
    expect(reasonAgainst('https://app.example/cb#x')).toBe(
      'The redirect URI "https://app.example/cb#x" must not contain a fragment (#).',
    )
    expect(reasonAgainst(`\u0000\n\ud800${'x'.repeat(5000)}`)).toMatch(/^[ -~…]{1,250}$/)
  })

  test('never throws, and what it accepts is printable ASCII that every parser splits alike', () => {
    const part = fc.constantFrom(
      ...[
        'http',
        'https',
        'HTTP',
        'app',
        'javascript',
        'urn',
        ':',
        '/',
        '//',
        '\\',
        '@',
        '#',
        '?',
        '*',
        '.',
        '..',
        '%2e',
        '%',
        ' ',
      ],
      ...[
        '\t',
        'a',
        'app.example',
        '127.0.0.1',
        '127.1',
        '[::1]',
        '[',
        ']',
        ':80',
        ':0',
        ':99999',
        'localhost',
        'ietf',
        'é',
      ],
    )
    const uris = fc.oneof(
      fc.array(part, { maxLength: 8 }).map((parts) => parts.join('')),
      fc.webUrl(),
      fc.string(),
    )
    fc.assert(
      fc.property(uris, fc.boolean(), (uri, allowHttp) => {
        if (!checkRedirectUri(uri, { allowHttp }).ok) return
        expect(uri).toMatch(/^[a-z][a-z0-9+.-]*:[!-~]+$/i)
        expect(uri).not.toMatch(/[#*\\]|^(?:javascript|data|file):/i)
        if (!/^https?:/i.test(uri)) return
        const { hostname, username, password, pathname } = new URL(uri)
        expect(uri.toLowerCase()).toContain(`://${hostname}`)
        expect(username + password).toBe('')
        expect(pathname === '/' || uri.includes(pathname)).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('parseRedirectUris', () => {
  test('text is split at any blanks, a list stays a list; duplicates go, the order stays', () => {
    expect(parseRedirectUris(' b:/x\r\na:/x\tb:/x\n')).toEqual({ ok: true, uris: ['b:/x', 'a:/x'] })
    expect(parseRedirectUris(['b:/x', 'a:/x', 'b:/x'])).toEqual({ ok: true, uris: ['b:/x', 'a:/x'] })
    expect(parseRedirectUris('')).toEqual({ ok: true, uris: [] })
    expect(parseRedirectUris([])).toEqual({ ok: true, uris: [] })
  })

  test('a member of a list is never split: it fails on its own (S4)', () => {
    expect(parseRedirectUris(['https://a.example/ b:/x'])).toEqual({ ok: true, uris: ['https://a.example/ b:/x'] })
  })

  test('number and length are bounded', () => {
    const many = Array.from({ length: maxRedirectUris + 1 }, (_, i) => `app:/${i}`)
    expect(parseRedirectUris(many.slice(1)).ok).toBe(true)
    expect(parseRedirectUris(many)).toEqual({ ok: false, reason: 'There must be no more than 20 redirect URIs.' })
    expect(parseRedirectUris(many.join(' ')).ok).toBe(false)
    const long = `app:/${'x'.repeat(maxRedirectUrisLength - 5)}`
    expect(parseRedirectUris(long).ok).toBe(true)
    expect(parseRedirectUris(`${long}x`).ok).toBe(false)
  })
})
