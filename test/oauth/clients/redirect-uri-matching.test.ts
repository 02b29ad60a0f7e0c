import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { matchRedirectUri } from '../../../src/oauth/clients/redirect-uris.ts'

describe('matchRedirectUri', () => {
  const web = 'https://app.example/cb?keep=1'

  test('byte for byte: nothing is folded, decoded, trimmed or cut (S1)', () => {
    const others = [
      ...[`${web}/`, `${web}&x=1`, `${web}#`, ` ${web}`, `${web} `, web.slice(0, -1), 'https://app.example/cb', ''],
      ...['HTTPS://app.example/cb?keep=1', 'https://APP.example/cb?keep=1', 'https://app.example:443/cb?keep=1'],
      ...[
        'https://app.example/%63b?keep=1',
        'https://app.example/x/../cb?keep=1',
        `${web} app://cb`,
        `${web}\napp://cb`,
      ],
    ]
    expect(matchRedirectUri([web, 'app://cb'], web)).toBe(web)
    for (const given of others) expect(matchRedirectUri([web, 'app://cb'], given), given).toBeUndefined()
  })

  test('one more or one other character never matches (S1)', () => {
    fc.assert(
      fc.property(
        fc.nat(web.length - 1),
        fc.string({ minLength: 1, maxLength: 1 }),
        fc.boolean(),
        (at, char, insert) => {
          const given = web.slice(0, at) + char + web.slice(insert ? at : at + 1)
          expect(matchRedirectUri([web], given)).toBe(given === web ? web : undefined)
        },
      ),
    )
  })

  test.each([
    ['http://127.0.0.1/cb', 'http://127.0.0.1:51004/cb'],
    ['http://127.0.0.1:3000/cb', 'http://127.0.0.1:51004/cb'],
    ['http://127.0.0.1:3000/cb', 'http://127.0.0.1/cb'],
    ['http://[::1]/cb?a=1', 'http://[::1]:65535/cb?a=1'],
    ['http://127.0.0.1', 'http://127.0.0.1:8080'],
    ['http://127.0.0.1?a', 'http://127.0.0.1:8080?a'],
  ])('registered %s, %s is answered at the port given (S2, RFC 8252 §7.3)', (registered, given) => {
    expect(matchRedirectUri(['app://cb', registered], given)).toBe(given)
  })

  test.each([
    ['http://127.0.0.1/cb', 'http://127.0.0.1:51004/cb/'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:51004/CB'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:51004/cb?x=1'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:51004/cb#x'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:51004/x/../cb'],
    ['http://127.0.0.1/cb', 'http://user@127.0.0.1:51004/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:51004@evil.example/cb'],
    ['http://127.0.0.1/cb', 'https://127.0.0.1:51004/cb'],
    ['http://127.0.0.1/cb', 'HTTP://127.0.0.1:51004/cb'],
    ['http://127.0.0.1/cb', 'http://[::1]:51004/cb'],
    ['http://127.0.0.1/cb', 'http://localhost:51004/cb'],
    ['http://127.0.0.1/cb', 'http://127.1:51004/cb'],
    ['http://127.0.0.1/cb', 'http://0x7f.0.0.1:51004/cb'],
    ['http://127.0.0.1/cb', 'http://2130706433:51004/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1.evil.example/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1.evil.example:51004/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:99999/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:65536/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:0/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:080/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1: 80/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:80/cb\n'],
    ['http://[::1]/cb', 'http://[0:0:0:0:0:0:0:1]:80/cb'],
    ['http://localhost/cb', 'http://localhost:51004/cb'],
    ['http://127.0.0.2/cb', 'http://127.0.0.2:51004/cb'],
    ['https://127.0.0.1/cb', 'https://127.0.0.1:51004/cb'],
    ['http://app.example/cb', 'http://app.example:51004/cb'],
  ])('registered %s, %j is not answered (S2)', (registered, given) => {
    expect(matchRedirectUri([registered], given)).toBeUndefined()
  })

  test('left out, the only registered one counts, and none of several (S7)', () => {
    expect(matchRedirectUri([web], undefined)).toBe(web)
    expect(matchRedirectUri([web, 'app://cb'], undefined)).toBeUndefined()
    expect(matchRedirectUri([], undefined)).toBeUndefined()
    expect(matchRedirectUri([], '')).toBeUndefined()
  })
})
