import { describe, expect, test } from 'vitest'
import { describeScope, isKnownScope, isLeaf, supportedScopes } from '../../src/access/scope-catalogue.ts'
import { expandScopes } from '../../src/access/scopes.ts'

const topicsOf = {
  read: 'accounts blocks bookmarks collections custom_emojis favourites filters follows lists mutes notifications reports search statuses applications',
  write:
    'accounts blocks bookmarks collections conversations favourites filters follows lists media mutes notifications reports statuses applications',
  admin: 'accounts reports domain_allows domain_blocks ip_blocks email_domain_blocks canonical_email_blocks',
}
const named = (prefix: string, topics: string) => topics.split(' ').map((topic) => `${prefix}:${topic}`)
const adminNames = ['admin', ...['admin:read', 'admin:write'].flatMap((name) => [name, ...named(name, topicsOf.admin)])]
const ofMastodon = [
  'profile',
  'follow',
  'push',
  'crypto',
  ...named('read', topicsOf.read),
  ...named('write', topicsOf.write),
]

describe('the names that clients of Mastodon and GoToSocial send', () => {
  test('are all known', () => {
    expect([...ofMastodon, 'read', 'write', ...adminNames].filter((name) => !isKnownScope(name))).toEqual([])
  })

  test('reach radios and edits by read and write alone', () => {
    const leaves = [...expandScopes(ofMastodon)]
    expect(leaves.filter((leaf) => /radios|edits|security|plugins|instance/.test(leaf))).toEqual([])
    expect(
      [...expandScopes(['read', 'write'])].filter((leaf) => /^(read|write):(radios|edits)$/.test(leaf)),
    ).toHaveLength(4)
  })

  test('of admins stand for nothing and are in no token', () => {
    expect(expandScopes(adminNames).size).toBe(0)
    expect(adminNames.filter((name) => describeScope(name)?.mayBeGranted)).toEqual([])
    expect(ofMastodon.filter((name) => !describeScope(name)?.mayBeGranted)).toEqual([])
  })
})

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
    ['write:follows', ['write:follows']],
    ['write:filters', ['write:filters']],
    ['write:notifications', ['write:notifications']],
    ['write:reports', ['write:reports']],
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
