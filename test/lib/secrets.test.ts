import { createHash, createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  deriveSecret,
  digest,
  isSecretOf,
  newClientId,
  newSecret,
  newUserCode,
  normalizeUserCode,
  type SecretKind,
  sameBytes,
} from '../../src/lib/secrets.ts'

const kinds: SecretKind[] = [
  'access',
  'refresh',
  'application',
  'code',
  'client',
  'device',
  'session',
  'request',
  'link',
]
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

function numberOf(base62: string): bigint {
  return [...base62].reduce((number, digit) => number * 62n + BigInt(digits.indexOf(digit)), 0n)
}

describe('secrets', () => {
  test.each(kinds)('a new %s secret has its prefix, one length and no more than 50 characters (S19)', (kind) => {
    const secrets = Array.from({ length: 200 }, () => newSecret(kind))
    expect(new Set(secrets).size).toBe(200)
    for (const secret of secrets) expect(secret).toMatch(/^bl[a-z]_[0-9A-Za-z]{43}$/)
  })

  test('one kind never passes for another (S42)', () => {
    for (const kind of kinds) {
      const secret = newSecret(kind)
      expect(kinds.filter((other) => isSecretOf(other, secret))).toEqual([kind])
    }
  })

  test('the shape check refuses other lengths, letters and trailing line breaks', () => {
    const secret = newSecret('access')
    for (const text of [
      '',
      'bla_',
      secret.slice(1),
      secret.slice(0, -1),
      `${secret}a`,
      `${secret}\n`,
      ` ${secret}`,
      `${secret.slice(0, -1)}-`,
    ]) {
      expect(isSecretOf('access', text), text).toBe(false)
    }
  })

  test('all 256 bits come through: the digits are the number the bytes spell', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 64 }), fc.string(), (key, text) => {
        const expected = createHmac('sha256', key).update(text).digest('hex')
        const derived = deriveSecret('refresh', key, text)
        expect(numberOf(derived.slice(4))).toBe(BigInt(`0x${expected}`))
        expect(isSecretOf('refresh', derived)).toBe(true)
      }),
    )
  })

  test('a derived secret is the same every time and differs with key, text and kind', () => {
    const key = Buffer.alloc(32, 1)
    const derived = deriveSecret('refresh', key, 'a')
    expect(deriveSecret('refresh', key, 'a')).toBe(derived)
    expect(deriveSecret('refresh', Buffer.alloc(32, 2), 'a')).not.toBe(derived)
    expect(deriveSecret('refresh', key, 'b')).not.toBe(derived)
    expect(deriveSecret('access', key, 'a').slice(4)).toBe(derived.slice(4))
  })

  test('every digit occurs about equally often', () => {
    const counts = new Map<string, number>()
    for (let i = 0; i < 4000; i++) {
      for (const digit of newSecret('access').slice(5)) counts.set(digit, (counts.get(digit) ?? 0) + 1)
    }
    const mean = (4000 * 42) / 62
    expect(counts.size).toBe(62)
    for (const count of counts.values()) expect(Math.abs(count - mean)).toBeLessThan(mean * 0.15)
  })

  test('the digest is SHA-256 of the UTF-8 text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(Buffer.from(digest(text)).equals(createHash('sha256').update(text).digest())).toBe(true)
      }),
    )
    expect(digest('a').byteLength).toBe(32)
  })

  test('a client id is 40 letters and digits', () => {
    const ids = Array.from({ length: 200 }, newClientId)
    expect(new Set(ids).size).toBe(200)
    for (const id of ids) expect(id).toMatch(/^[0-9A-Za-z]{40}$/)
  })

  test('sameBytes tells equal from different, whatever the lengths', () => {
    expect(sameBytes(digest('a'), digest('a'))).toBe(true)
    expect(sameBytes(digest('a'), digest('b'))).toBe(false)
    expect(sameBytes(digest('a'), new Uint8Array(0))).toBe(false)
    expect(sameBytes(new Uint8Array(0), new Uint8Array(0))).toBe(true)
  })
})

describe('user codes (RFC 8628 §6.1)', () => {
  test('a new code is two groups of four consonants', () => {
    for (let i = 0; i < 200; i++) expect(newUserCode()).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/)
  })

  test('case, dashes, blanks and errant signs do not matter', () => {
    const code = newUserCode()
    const letters = code.replace('-', '')
    for (const typed of [
      code,
      letters,
      code.toLowerCase(),
      ` ${letters} `,
      [...letters].join(' '),
      `${letters}1`,
      `“${letters}”`,
    ]) {
      expect(normalizeUserCode(typed)).toBe(code)
    }
  })

  test.each(['', 'WDJB-MJH', 'WDJB-MJHTT', 'aeiou', '\0', '💿'])('%j is no code', (typed) => {
    expect(normalizeUserCode(typed)).toBeUndefined()
  })
})
