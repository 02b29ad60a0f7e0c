import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cutText, findBodyOffence, findUnstorable } from '../../src/lib/text.ts'

describe('findUnstorable (S61)', () => {
  test.each([
    ['a\0b', 'a NUL character'],
    ['\ud83d', 'a lone surrogate'],
    ['\udcbf\ud83d', 'a lone surrogate'],
    ['a\u0001', 'a control character'],
    ['\u001b[31m', 'a control character'],
    ['\u007f', 'a control character'],
    ['\u0085', 'a control character'],
    ['\u009f', 'a control character'],
    ['line\nbreak', 'a control character'],
    ['tab\t', 'a control character'],
  ])('%j holds %s', (text, reason) => {
    expect(findUnstorable(text)).toBe(reason)
  })

  test.each(['', 'plain', 'Ünïcödé', '日本語', '💿', '\u00a0', '\uffff', '\u{10ffff}'])('%j is fine', (text) => {
    expect(findUnstorable(text)).toBeUndefined()
  })

  test('multi-line text may have line breaks and tabs, and nothing else', () => {
    expect(findUnstorable('a\r\n\tb', { multiline: true })).toBeUndefined()
    expect(findUnstorable('a\r\n\0', { multiline: true })).toBe('a NUL character')
    expect(findUnstorable('a\n\u000b', { multiline: true })).toBe('a control character')
    expect(findUnstorable('a\n\ud83d', { multiline: true })).toBe('a lone surrogate')
  })

  test('says of every text what a look at its code points says', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
        (text) => {
          const bad = [...text].some((char) => {
            const point = char.codePointAt(0) ?? 0
            return point < 0x20 || (point >= 0x7f && point <= 0x9f) || (point >= 0xd800 && point <= 0xdfff)
          })
          expect(findUnstorable(text) !== undefined).toBe(bad)
        },
      ),
    )
  })
})

describe('findBodyOffence (S61, S64)', () => {
  test.each([
    ['{"name":"a\\u0000"}', ['name'], 'a NUL character'],
    ['{"redirect_uris":["https://a.example","\\ud800"]}', ['redirect_uris', '1'], 'a lone surrogate'],
    ['{"a":{"b\\u0000":1}}', ['a'], 'a NUL character'],
    ['{"__proto__":{"isAdmin":true}}', [], 'a forbidden key'],
    ['{"a":[{"constructor":1}]}', ['a', '0'], 'a forbidden key'],
    ['{"a":{"prototype":{}}}', ['a'], 'a forbidden key'],
    ['"\\u0007"', [], 'a control character'],
  ])('%s', (json, path, reason) => {
    expect(findBodyOffence(JSON.parse(json))).toEqual({ path, reason })
  })

  test('lets ordinary bodies through, line breaks included', () => {
    for (const body of [undefined, null, 1, true, '', [], {}, { summary: { text: 'a\nb' }, list: [1, null, 'x'] }]) {
      expect(findBodyOffence(body)).toBeUndefined()
    }
  })

  test('stops at the depth bound, however deep the body is', () => {
    const deep = JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`)
    expect(findBodyOffence(deep)?.reason).toBe('too many levels of nesting')
    expect(findBodyOffence([[[]]], { maxDepth: 3 })).toBeUndefined()
    expect(findBodyOffence([[[]]], { maxDepth: 2 })).toEqual({ path: ['0', '0'], reason: 'too many levels of nesting' })
  })

  test('never throws on anything JSON can hold', () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 20 }), (value) => void findBodyOffence(value)))
  })
})

test.each([
  ['abc', 3, 'abc'],
  ['abcd', 3, 'abc'],
  ['💿💿💿💿', 3, '💿💿💿'],
  ['a💿', 2, 'a💿'],
  ['a💿b', 1, 'a'],
  ['', 3, ''],
])('%j has %i whole characters at most: %j', (text, most, cut) => {
  expect(cutText(text, most)).toBe(cut)
})
