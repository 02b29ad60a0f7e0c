import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countMembers } from '../../src/http/json-members.ts'

test('counts the members of any object, however it is written', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(0, 1), (object, indent) => {
      expect(countMembers(JSON.stringify(object, null, indent))).toBe(Object.keys(object).length)
    }),
  )
})

test.each([
  ['{}', 0],
  ['{"a":1,"a":2}', 2],
  ['{"a":1,"\\u0061":2}', 2],
  ['{"a":{"b":1,"b":2},"c":[{"d":1}]}', 2],
  [String.raw`{"a\\":"}:{\"","a":":"}`, 2],
])('counts the members of %s', (json, members) => {
  expect(countMembers(json)).toBe(members)
})
