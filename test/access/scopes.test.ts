import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bases, clientLeaves } from '../../src/access/scope-catalogue.ts'
import {
  anonymousScopes,
  applicationTokenScopes,
  clientCeiling,
  covers,
  effectiveScopes,
  expandScopes,
  grantableScopes,
  parseScopeNames,
  userScopes,
} from '../../src/access/scopes.ts'

const nobody = { isSuperuser: false, mayManageSettings: false, mayManageLibrary: false, mayModerate: false }
const superuser = { ...nobody, isSuperuser: true }
const byNameOnly = ['profile', 'read:applications', 'write:applications']

/** The leaves that read and write cover, of which Funkwhale has 48. */
function inTable(leaves: Iterable<string>): string[] {
  return [...leaves].filter((leaf) => !byNameOnly.includes(leaf)).sort()
}

const anyName = fc.constantFrom(
  ...['read', 'write', 'follow', 'profile', 'push', 'admin', 'admin:read', 'read:applications', 'write:applications'],
  ...[
    'read:blocks',
    'read:favourites',
    'write:media',
    'write:lists',
    'read:bookmarks',
    'read:custom_emojis',
    'unheard:of',
  ],
  ...bases.flatMap((base) => [`read:${base}`, `write:${base}`]),
)
const anyNames = fc.array(anyName, { maxLength: 8 })
const anyUser = fc.record({
  isSuperuser: fc.boolean(),
  mayManageSettings: fc.boolean(),
  mayManageLibrary: fc.boolean(),
  mayModerate: fc.boolean(),
})

describe('the scope table', () => {
  test('24 bases make 48 leaves and 2 parents; 6 for anonymous requests, 22 for clients, 26 for every user', () => {
    expect(bases).toHaveLength(24)
    expect(inTable(expandScopes(['read', 'write']))).toHaveLength(48)
    expect(anonymousScopes.size).toBe(6)
    expect(inTable(clientCeiling)).toHaveLength(22)
    expect(inTable(userScopes(nobody))).toHaveLength(26)
    expect(inTable(userScopes(superuser))).toHaveLength(48)
  })

  test('each permission unlocks its own leaves', () => {
    const unlocked = (permission: object) => {
      const leaves = inTable(userScopes({ ...nobody, ...permission })).filter((leaf) =>
        leaf.startsWith('write:instance:'),
      )
      return leaves.map((leaf) => leaf.slice('write:instance:'.length))
    }
    expect(unlocked({})).toEqual([])
    expect(unlocked({ mayManageSettings: true })).toEqual(['invitations', 'settings', 'users'])
    expect(unlocked({ mayManageLibrary: true })).toEqual(['edits', 'libraries'])
    expect(unlocked({ mayModerate: true })).toEqual(['accounts', 'domains', 'notes', 'policies', 'reports', 'requests'])
    expect(unlocked({ mayManageSettings: true, mayManageLibrary: true, mayModerate: true })).toHaveLength(11)
  })

  test('every user has all that a client can ever hold, and anonymous requests less', () => {
    fc.assert(fc.property(anyUser, (user) => clientLeaves.every((leaf) => userScopes(user).has(leaf))))
    expect([...anonymousScopes].every((leaf) => clientCeiling.has(leaf))).toBe(true)
  })

  test.each(['security', 'plugins', ...bases.filter((base) => base.startsWith('instance:'))])(
    '%s is closed to clients (S44)',
    (base) => {
      expect([...clientCeiling].filter((leaf) => leaf.endsWith(`:${base}`))).toEqual([])
    },
  )
})

describe('scope names', () => {
  test.each([
    ['read write', ['read', 'write']],
    ['read+write:favorites,follow', ['read', 'write:favorites', 'follow']],
    ['  write\n\tread   write ', ['write', 'read']],
    ['', []],
    [' + , ', []],
    [
      ['read', 'write follow'],
      ['read', 'write', 'follow'],
    ],
    [[], []],
  ])('%j are %j', (input, names) => {
    expect(parseScopeNames(input)).toEqual(names)
  })

  test('a parent never covers the scopes that must be asked for by name', () => {
    const expanded = expandScopes(['read', 'write'])
    expect(expanded.has('read:applications')).toBe(false)
    expect(expanded.has('write:applications')).toBe(false)
  })

  test('who may see the profile may see whose it is, not the other way round', () => {
    expect(expandScopes(['read:accounts']).has('profile')).toBe(true)
    expect([...expandScopes(['profile'])]).toEqual(['profile'])
  })

  test('read does not imply write, nor write read', () => {
    expect([...expandScopes(['write'])].filter((leaf) => leaf.startsWith('read:'))).toEqual([])
    expect([...expandScopes(['read'])].filter((leaf) => leaf.startsWith('write:'))).toEqual([])
    expect([...expandScopes(['write:profile'])]).toEqual(['write:profile'])
  })

  test('no admin name ends up in a token', () => {
    expect(grantableScopes(['read', 'admin:read', 'push', 'admin', 'admin:write:reports', 'unheard:of'])).toEqual([
      'read',
      'push',
    ])
  })
})

describe('effectiveScopes (S43, S44)', () => {
  test('an access token has no more than token, client, user and ceiling each allow', () => {
    fc.assert(
      fc.property(anyUser, anyNames, anyNames, (user, token, client) => {
        const effective = effectiveScopes({ user, token, client })
        const [byToken, byClient, byUser] = [expandScopes(token), expandScopes(client), userScopes(user)]
        const expected = [...byToken].filter(
          (leaf) => byClient.has(leaf) && byUser.has(leaf) && clientCeiling.has(leaf),
        )
        expect([...effective].sort()).toEqual(expected.sort())
      }),
    )
  })

  test('the client narrows the token, and the token the client', () => {
    expect([...effectiveScopes({ user: nobody, token: ['read'], client: ['read:favorites'] })]).toEqual([
      'read:favorites',
    ])
    expect([...effectiveScopes({ user: nobody, token: ['read:favourites'], client: ['read', 'write'] })]).toEqual([
      'read:favorites',
    ])
    expect(effectiveScopes({ user: nobody, token: [], client: ['read'] }).size).toBe(0)
  })

  test('even a superuser’s token never reaches security, plugins or instance:*', () => {
    const everything = ['read', 'write', ...bases.flatMap((base) => [`read:${base}`, `write:${base}`])]
    const effective = effectiveScopes({ user: superuser, token: everything, client: everything })
    expect(inTable(effective)).toHaveLength(22)
  })

  test('without a user there is nothing', () => {
    expect(effectiveScopes({ user: null, token: ['read'], client: ['read'] }).size).toBe(0)
  })
})

describe('applicationTokenScopes (S43)', () => {
  test('a bare read or write stays within what clients may hold', () => {
    expect(inTable(applicationTokenScopes({ user: superuser, client: ['read', 'write'] }))).toHaveLength(22)
  })

  test('security, plugins and instance leaves count when named, as far as the owner has them', () => {
    const client = ['read', 'write:security', 'write:instance:users']
    const ofUser = applicationTokenScopes({ user: nobody, client })
    expect(ofUser.has('write:security')).toBe(true)
    expect(ofUser.has('read:security')).toBe(false)
    expect(ofUser.has('write:instance:users')).toBe(false)
    expect(applicationTokenScopes({ user: superuser, client }).has('write:instance:users')).toBe(true)
  })

  test('no scopes are no scopes, and never more than the owner has', () => {
    expect(applicationTokenScopes({ user: superuser, client: [] }).size).toBe(0)
    fc.assert(
      fc.property(anyUser, anyNames, (user, client) => {
        const scopes = applicationTokenScopes({ user, client })
        expect([...scopes].every((leaf) => userScopes(user).has(leaf) && expandScopes(client).has(leaf))).toBe(true)
      }),
    )
  })
})

describe('covers', () => {
  test.each([
    [['read'], 'read:favorites'],
    [['read'], 'read:favourites'],
    [['read:favourites'], 'read:favorites'],
    [['read:blocks'], 'read:mutes'],
    [['read', 'write'], 'follow'],
    [['follow'], 'read:blocks'],
    [['read'], 'profile'],
    [['read:accounts'], 'profile'],
    [['read'], 'read:bookmarks'],
    [['write'], 'write:conversations'],
    [['read'], 'read:security'],
    [['admin'], 'admin:read:accounts'],
    [['admin:read'], 'admin:read:accounts'],
    [['push'], 'push'],
    [['read', 'read:applications'], 'read:applications'],
  ])('%j covers %s', (registered, requested) => {
    expect(covers(registered, requested)).toBe(true)
  })

  test.each([
    [['read'], 'write'],
    [['read:favorites'], 'read'],
    [['read'], 'follow'],
    [['read'], 'read:applications'],
    [['write'], 'write:applications'],
    [['profile'], 'read:accounts'],
    [['read'], 'push'],
    [['read'], 'admin:read'],
    [['admin:read'], 'admin:write'],
    [['admin:read'], 'admin'],
    [['write:bookmarks'], 'read:bookmarks'],
    [['rea'], 'read:bookmarks'],
    [['read', 'unheard:of'], 'unheard:of'],
    [[], 'read'],
  ])('%j does not cover %s', (registered, requested) => {
    expect(covers(registered, requested)).toBe(false)
  })

  test('what is covered never stands for more than what was registered', () => {
    fc.assert(
      fc.property(anyNames, anyName, (registered, requested) => {
        if (!covers(registered, requested)) return
        const expanded = expandScopes(registered)
        expect([...expandScopes([requested])].every((leaf) => expanded.has(leaf))).toBe(true)
      }),
    )
  })
})
