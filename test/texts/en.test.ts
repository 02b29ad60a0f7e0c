import { expect, test } from 'vitest'
import { texts } from '../../src/texts/en.ts'

test.each([
  [0, '1 second'],
  [1, '1 second'],
  [59.2, '60 seconds'],
  [90, '2 minutes'],
  [300, '5 minutes'],
  [3600, '60 minutes'],
  [7200, '2 hours'],
])('%s seconds read as %s', (seconds, words) => {
  expect(texts.errors.retry(seconds)).toBe(`Try again in ${words}.`)
})
