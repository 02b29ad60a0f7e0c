import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { narrowScopes, permissionRows } from '../../src/access/permission-rows.ts'
import { clientLeaves, type Leaf } from '../../src/access/scope-catalogue.ts'
import { clientCeiling, expandScopes, userScopes } from '../../src/access/scopes.ts'

const user = userScopes({ isSuperuser: true, mayManageSettings: true, mayManageLibrary: true, mayModerate: true })
const anyNames = fc.uniqueArray(
  fc.constantFrom(
    ...['read', 'write', 'follow', 'profile', 'push', 'read:applications', 'read:security', 'write:instance:users'],
    ...[
      'read:accounts',
      'read:profile',
      'read:blocks',
      'read:mutes',
      'read:filters',
      'write:filters',
      'read:favourites',
    ],
    ...['read:favorites', 'write:favorites', 'write:media', 'write:libraries', 'read:bookmarks', 'read:reports'],
  ),
  { maxLength: 8 },
)
const anyLeaves = fc.subarray([...clientLeaves])

function shownLeaves(names: string[]): Leaf[] {
  return permissionRows(names, user).flatMap(({ read, write }) => [read, write].filter((leaf) => leaf !== undefined))
}

function held(names: string[]): Set<Leaf> {
  return new Set([...expandScopes(names)].filter((leaf) => clientCeiling.has(leaf)))
}

describe('permissionRows (S13)', () => {
  test('names of both vocabularies give the same rows, one for each topic', () => {
    const rows = [
      { topic: 'playlists', write: 'write:playlists' },
      { topic: 'favorites', read: 'read:favorites', write: 'write:favorites' },
    ]
    expect(permissionRows(['write:favorites', 'read:favorites', 'write:playlists'], user)).toEqual(rows)
    expect(permissionRows(['read:favourites', 'write:favourites', 'write:lists'], user)).toEqual(rows)
  })

  test('read asks for eleven topics, and the profile includes who it is', () => {
    const topics = permissionRows(['profile', 'read'], user).map((row) => row.topic)
    expect(topics).toHaveLength(11)
    expect(topics).not.toContain('identity')
    expect(permissionRows(['profile'], user)).toEqual([{ topic: 'identity', read: 'profile' }])
  })

  test('nothing is shown that a client can never have or that the user lacks', () => {
    expect(
      permissionRows(['push', 'read:security', 'write:plugins', 'read:instance:users', 'admin:read', 'x'], user),
    ).toEqual([])
    expect(permissionRows(['read', 'write'], new Set(['read:radios']))).toEqual([
      { topic: 'radios', read: 'read:radios' },
    ])
  })

  test('the rows hold every leaf a client gets, whatever is asked', () => {
    fc.assert(fc.property(anyNames, (names) => void expect(expandScopes(shownLeaves(names))).toEqual(held(names))))
  })
})

describe('narrowScopes', () => {
  test('a name keeps its word while all of it is kept, and is spelled out once a part is taken away', () => {
    const kept = [...held(['read', 'write:favorites'])].filter((leaf) => leaf !== 'read:filters')
    const granted = narrowScopes(['read', 'write:favorites', 'push'], kept)
    expect(granted).toHaveLength(12)
    expect(granted).not.toContain('read:filters')
    expect(granted.slice(-2)).toEqual(['write:favorites', 'push'])
    expect(granted).toContain('read:profile')
  })

  test.each([
    [['follow'], ['read:follows', 'write:follows'], ['read:follows', 'write:follows']],
    [['read:blocks', 'read:mutes', 'write:media'], ['write:libraries'], ['write:media']],
    [['profile', 'read:accounts'], ['read:profile'], ['profile', 'read:accounts']],
    [['read:favourites', 'read:favorites'], ['read:favorites'], ['read:favourites', 'read:favorites']],
    [['read', 'read:radios'], ['read:radios'], ['read:radios']],
    [['read'], ['write:radios', 'read:security', 'read:instance:users'], []],
    [['read', 'admin:read', 'unheard:of'], [...clientLeaves], ['read']],
  ] as [string[], Leaf[], string[]][])('of %j with %j kept, %j is granted', (asked, kept, granted) => {
    expect(narrowScopes(asked, kept)).toEqual(granted)
  })

  test('with nothing unticked, exactly what was asked is granted, in the same order', () => {
    fc.assert(fc.property(anyNames, (asked) => void expect(narrowScopes(asked, shownLeaves(asked))).toEqual(asked)))
  })

  test('what is granted is what was asked and kept: never wider, and nothing kept is lost', () => {
    fc.assert(
      fc.property(anyNames, anyLeaves, (asked, kept) => {
        const granted = held(narrowScopes(asked, kept))
        const askedLeaves = held(asked)
        const keptLeaves = expandScopes(kept)
        expect(granted).toEqual(new Set([...askedLeaves].filter((leaf) => keptLeaves.has(leaf) && granted.has(leaf))))
        for (const leaf of askedLeaves) if (kept.includes(leaf) && leaf !== 'profile') expect(granted).toContain(leaf)
      }),
    )
  })

  test('unticking one row takes exactly its leaf away', () => {
    fc.assert(
      fc.property(anyNames, fc.nat(), (asked, index) => {
        const shown = shownLeaves(asked)
        if (shown.length === 0) return
        const unticked = shown[index % shown.length]
        const granted = held(
          narrowScopes(
            asked,
            shown.filter((leaf) => leaf !== unticked),
          ),
        )
        const gone: unknown[] = unticked === 'read:profile' ? ['read:profile', 'profile'] : [unticked]
        expect([...granted].sort()).toEqual([...held(asked)].filter((leaf) => !gone.includes(leaf)).sort())
      }),
    )
  })
})
