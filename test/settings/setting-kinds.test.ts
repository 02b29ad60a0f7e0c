import { describe, expect, it } from 'vitest'
import { catalogue, type SettingName } from '../../src/settings/catalogue.ts'
import { kindOf, readSetting } from '../../src/settings/setting-kinds.ts'

const names = Object.keys(catalogue) as SettingName[]

describe('kindOf', () => {
  it('knows what every setting holds', () => {
    const kinds = new Map(names.map((name) => [name, kindOf(name).is]))
    expect(kinds.get('users__registration_enabled')).toBe('yes-or-no')
    expect(kinds.get('users__upload_quota')).toBe('number')
    expect(kinds.get('instance__name')).toBe('line')
    expect(kinds.get('instance__rules')).toBe('text')
    expect(kinds.get('instance__banner')).toBe('nothing')
    expect([...kinds].filter(([, kind]) => kind === 'object').map(([name]) => name)).toEqual([
      'moderation__signup_form_customization',
    ])
  })

  it('knows the choices where there are some', () => {
    expect(kindOf('users__default_permissions')).toEqual({ is: 'list', choices: ['moderation', 'library', 'settings'] })
    expect(kindOf('moderation__languages')).toEqual({ is: 'list' })
  })
})

describe('readSetting', () => {
  it.each([
    ['users__registration_enabled', 'true', true],
    ['users__registration_enabled', ' Off ', false],
    ['users__registration_enabled', '', false],
    ['users__registration_enabled', 'perhaps', 'perhaps'],
    ['users__upload_quota', ' 12 ', 12],
    ['users__upload_quota', '1e3', '1e3'],
    ['users__upload_quota', '', ''],
    ['moderation__languages', 'en, de,,', ['en', 'de']],
    ['moderation__languages', '["en"]', ['en']],
    ['moderation__languages', '[broken', '[broken'],
    ['moderation__languages', '', []],
    ['moderation__signup_form_customization', '{"a":1}', { a: 1 }],
    ['instance__name', 'true', 'true'],
    ['instance__banner', '', null],
  ] as const)('takes for %s the text %j as %j', (name, text, value) => {
    expect(readSetting(name, text)).toEqual(value)
  })

  it('leaves alone what is no text', () => {
    for (const value of [true, 5, null, ['x'], { a: 1 }]) expect(readSetting('instance__name', value)).toBe(value)
  })

  it('reads back the default of every setting from its JSON', () => {
    for (const name of names) {
      const { default: usual } = catalogue[name]
      const text = typeof usual === 'string' ? usual : usual === null ? '' : JSON.stringify(usual)
      expect(readSetting(name, text)).toEqual(usual)
    }
  })
})
