import { describe, expect, test } from 'vitest'
import { plainText, writeMoment } from '../../src/http/wire.ts'

describe('a moment is written in UTC with three digits of a second', () => {
  test.each([
    ['a date', new Date('2026-01-02T03:04:05.06Z'), '2026-01-02T03:04:05.060Z'],
    ['JSON with three digits', '2026-01-02T03:04:05.067+00:00', '2026-01-02T03:04:05.067Z'],
    ['JSON with fewer', '2026-01-02T03:04:05.06+00:00', '2026-01-02T03:04:05.060Z'],
    ['JSON with none', '2026-01-02T03:04:05+00:00', '2026-01-02T03:04:05.000Z'],
    ['JSON of a server in another zone', '2026-01-02T05:34:05.067+02:30', '2026-01-02T03:04:05.067Z'],
  ])('from %s', (_, at, written) => {
    expect(writeMoment(at)).toBe(written)
  })
})

test.each(['a"b', 'a\\b', 'a\nb', 'a\u0000b', 'a\ud800b'])('%j is no plain text', (text) => {
  expect(plainText.safeParse(text).success).toBe(false)
})

test('plain text is more than ASCII', () => {
  expect(plainText.safeParse('https://pöd.example/é🎵').success).toBe(true)
})
