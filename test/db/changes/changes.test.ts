import { describe, expect, test } from 'vitest'
import { Changes } from '../../../src/db/changes/changes.ts'
import { FreshCache } from '../../../src/db/changes/fresh-cache.ts'

function someChanges() {
  const state = { isTrusted: true }
  return { changes: new Changes(() => state.isTrusted), state }
}

describe('what is kept of the database', () => {
  function keptIn(changes: Changes) {
    const cache = new FreshCache<{ name: string }>(changes, { max: 2 })
    const keep = (key: string, about: string[]) => cache.begin()(key, { name: key }, about)
    return { cache, keep }
  }

  test('is used until something changes that it is about', () => {
    const { changes } = someChanges()
    const { cache, keep } = keptIn(changes)
    keep('a', ['users 1', 'clients 1'])
    keep('b', ['users 2', 'clients 1'])
    changes.note('users 3')
    changes.note('users 1')
    expect([cache.get('a'), cache.get('b')]).toEqual([undefined, { name: 'b' }])
    changes.note('clients 1')
    expect(cache.get('b')).toBeUndefined()
  })

  test('is read again after the change, and used again', () => {
    const { changes } = someChanges()
    const { cache, keep } = keptIn(changes)
    changes.note('users 1')
    keep('a', ['users 1'])
    expect(cache.get('a')).toEqual({ name: 'a' })
  })

  test('is not kept if it changed while it was being read', () => {
    const { changes } = someChanges()
    const { cache } = keptIn(changes)
    const keep = cache.begin()
    changes.note('users 1')
    keep('a', { name: 'old' }, ['users 1'])
    expect(cache.get('a')).toBeUndefined()
  })

  test('is neither used nor kept while changes by others may be missed, and forgotten afterwards', () => {
    const { changes, state } = someChanges()
    const { cache, keep } = keptIn(changes)
    keep('a', ['users 1'])
    state.isTrusted = false
    expect(cache.get('a')).toBeUndefined()
    keep('b', ['users 2'])
    state.isTrusted = true
    changes.noteAll()
    expect([cache.get('a'), cache.get('b')]).toEqual([undefined, undefined])
  })

  test('has a bound, and the most used stays', () => {
    const { changes } = someChanges()
    const { cache, keep } = keptIn(changes)
    for (const key of ['a', 'b']) keep(key, [])
    cache.get('a')
    keep('c', [])
    expect(['a', 'b', 'c'].map((key) => cache.get(key)?.name)).toEqual(['a', undefined, 'c'])
  })

  test('stays right when more changes than can be remembered', () => {
    const { changes } = someChanges()
    const { cache, keep } = keptIn(changes)
    changes.note('users 1')
    keep('a', ['users 0'])
    changes.note('users 0')
    for (let id = 10; id < 10_100; id += 1) changes.note(`users ${id}`)
    expect(cache.get('a')).toBeUndefined()
  })
})

test('who follows a table hears of its changes only, until they have enough', () => {
  const { changes } = someChanges()
  const heard: string[] = []
  const stop = changes.follow('settings', () => heard.push('settings'))
  changes.note('users 1')
  expect(heard).toEqual([])
  changes.note('settings')
  changes.noteAll()
  stop()
  changes.note('settings')
  expect(heard).toEqual(['settings', 'settings'])
})
