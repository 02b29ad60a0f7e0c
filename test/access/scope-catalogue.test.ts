import { describe, expect, test } from 'vitest'
import { describeScope, isKnownScope, isLeaf, supportedScopes } from '../../src/access/scope-catalogue.ts'
import { expandScopes } from '../../src/access/scopes.ts'

describe('scope names', () => {
  test.each<[string, string[]]>([
    ['profile', ['profile']],
    ['read:accounts', ['read:profile']],
    ['read:follows', ['read:follows']],
    ['read:blocks', ['read:filters']],
    ['read:mutes', ['read:filters']],
    ['read:filters', ['read:filters']],
    ['read:favourites', ['read:favorites']],
    ['read:notifications', ['read:notifications']],
    ['read:statuses', ['read:listenings']],
    ['read:search', ['read:libraries']],
    ['read:lists', ['read:playlists']],
    ['read:collections', ['read:playlists']],
    ['read:reports', ['read:reports']],
    ['read:applications', ['read:applications']],
    ['write:accounts', ['write:profile']],
    ['write:blocks', ['write:filters']],
    ['write:mutes', ['write:filters']],
    ['write:favourites', ['write:favorites']],
    ['write:statuses', ['write:listenings']],
    ['write:media', ['write:libraries']],
    ['write:lists', ['write:playlists']],
    ['write:collections', ['write:playlists']],
    ['write:applications', ['write:applications']],
    ['follow', ['read:follows', 'write:follows', 'read:filters', 'write:filters']],
    ...['read:bookmarks', 'read:custom_emojis', 'write:bookmarks', 'write:conversations', 'push', 'crypto'].map(
      (name) => [name, []] as [string, string[]],
    ),
    ...['admin', 'admin:read', 'admin:write', 'admin:read:accounts', 'admin:write:canonical_email_blocks'].map(
      (name) => [name, []] as [string, string[]],
    ),
  ])('%s is known and stands for %j', (name, leaves) => {
    expect(isKnownScope(name)).toBe(true)
    expect(describeScope(name)?.leaves).toEqual(leaves)
  })

  test.each(['', 'READ', 'read:', 'openid', 'read:everything', 'admin:read:everything', '__proto__', 'constructor'])(
    '%j is unknown',
    (name) => {
      expect(isKnownScope(name)).toBe(false)
      expect(describeScope(name)).toBeUndefined()
      expect(expandScopes([name]).size).toBe(0)
    },
  )

  test('only names that give a client something are advertised', () => {
    expect(supportedScopes).toEqual(
      expect.arrayContaining(['read', 'write', 'profile', 'read:favorites', 'read:favourites', 'follow']),
    )
    for (const name of ['push', 'admin:read', 'read:security', 'write:instance:users', 'read:bookmarks']) {
      expect(supportedScopes).not.toContain(name)
    }
    expect(new Set(supportedScopes).size).toBe(supportedScopes.length)
  })

  test('isLeaf tells leaves from parents and aliases', () => {
    expect(['read:favorites', 'profile', 'write:instance:users'].every(isLeaf)).toBe(true)
    expect(['read', 'read:favourites', 'follow', ''].some(isLeaf)).toBe(false)
  })
})
