import { expect, test } from 'vitest'
import { catalogueQuery, isFoundFirst } from '../../../src/api/catalogue/list-query.ts'

const surroundings = { viewer: { userId: 1 }, publicUrl: 'https://pod.example' }

test.each([
  ['albums', {}, false],
  ['albums', { scope: 'all' }, false],
  ['albums', { scope: 'me' }, true],
  ['albums', { scope: 'domain:pod.example' }, true],
  ['artists', { library: '0b4ad0a6-5f3f-4f0e-9c9e-1a5c4a3a3a3a' }, true],
  ['tracks', { scope: 'me' }, false],
  ['tracks', { q: 'whale' }, true],
  ['tracks', { related: '1' }, false],
  ['tracks', { related: '1', ordering: '-related' }, true],
] as const)('%s by %j are counted as their page is found: %s', (kind, query, isFirst) => {
  expect(isFoundFirst(kind, catalogueQuery.parse(query), surroundings)).toBe(isFirst)
})
