import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createInvitation } from '../../src/accounts/invitations/invitations.ts'
import { type TestApp, testApp } from '../support/app.ts'
import type { Browser } from '../support/browser.ts'
import { emptyDatabase } from '../support/database.ts'
import { aUser, password } from '../support/factories.ts'

const url = '/api/v1/manage/users/invitations/'
const day = 24 * 3600 * 1000

let pod: TestApp
let admin: Browser

beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(async () => {
  await emptyDatabase(pod.db)
  await pod.services.settings.change({ users__registration_enabled: false })
  await aUser(pod.db, { username: 'admin_1', mayManageSettings: true })
  admin = pod.browser()
  await admin.logIn('admin_1', password)
})
afterEach(() => {
  vi.useRealTimers()
})

function call(method: 'GET' | 'POST', path = url, payload?: object, browser = admin) {
  const cookies = Object.fromEntries(browser.cookies)
  const headers = { 'x-csrftoken': cookies.csrftoken ?? '' }
  return pod.app.inject({ method, url: path, cookies, headers, ...(payload && { payload }) })
}

let names = 0

function register(invitation: unknown, fields: object = {}) {
  names += 1
  const username = `guest_${names}`
  const account = { username, email: `${username}@example.org`, password1: password, password2: password }
  const payload = { ...account, invitation, ...fields }
  return pod.app.inject({ method: 'POST', url: '/api/v1/auth/registration/', payload })
}

describe('an invitation', () => {
  test('is made by who may manage settings', async () => {
    const response = await call('POST', url, {})
    expect(response.statusCode).toBe(201)
    const invitation = response.json()
    expect(invitation).toMatchObject({ owner: { username: 'admin_1' }, invited_user: null, users: [] })
    expect(invitation.code).toMatch(/^[A-Z]{10}$/)
    const validMs = Date.parse(invitation.expiration_date) - Date.parse(invitation.creation_date)
    expect(validMs).toBe(14 * day)
  })

  test('may have a code of its own, which no other has in any letter case', async () => {
    expect((await call('POST', url, { code: 'Welcome' })).json().code).toBe('Welcome')
    const again = await call('POST', url, { code: 'WELCOME' })
    expect([again.statusCode, Object.keys(again.json())]).toEqual([400, ['code']])
    expect((await call('POST', url, { code: null })).json().code).toMatch(/^[A-Z]{10}$/)
    expect((await call('POST', url, { code: 'two words' })).statusCode).toBe(400)
    expect((await call('POST', url, { code: ['x'] })).statusCode).toBe(400)
  })

  test('is for nobody else to make or see', async () => {
    const other = pod.browser()
    await aUser(pod.db, { username: 'bob' })
    await other.logIn('bob', password)
    expect((await call('POST', url, {}, other)).statusCode).toBe(403)
    expect((await call('GET', url, undefined, other)).statusCode).toBe(403)
    expect((await pod.app.inject({ url })).statusCode).toBe(401)
  })

  test('lets one person sign up while registration is closed, in any letter case', async () => {
    await createInvitation(pod.db, pod.config, { code: 'Welcome' })
    expect((await register('wELCOME')).statusCode).toBe(201)
    expect((await register('Welcome')).json()).toEqual({ invitation: [expect.any(String)] })
    const { results } = (await call('GET')).json()
    expect(results[0].users.map(({ username }: { username: string }) => username)).toEqual([`guest_${names - 1}`])
  })

  test('used by several at once lets one in', async () => {
    await createInvitation(pod.db, pod.config, { code: 'Welcome' })
    const answers = await Promise.all(Array.from({ length: 6 }, () => register('Welcome')))
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([201, 400, 400, 400, 400, 400])
    expect(await pod.db.user.count()).toBe(2)
  })

  test('is kept by a sign-up that fails', async () => {
    await createInvitation(pod.db, pod.config, { code: 'Welcome' })
    expect((await register('Welcome', { password2: 'something else' })).statusCode).toBe(400)
    expect((await register('Welcome', { username: 'admin_1' })).statusCode).toBe(400)
    expect((await register('Welcome')).statusCode).toBe(201)
  })

  test('lives for the days the admin has set', async () => {
    await createInvitation(pod.db, { usersInvitationExpirationDays: 3 }, { code: 'Welcome' })
    vi.setSystemTime(Date.now() + 3 * day + 1000)
    expect((await register('Welcome')).json()).toEqual({ invitation: [expect.any(String)] })
  })

  test('that is wrong is told also where registration is open', async () => {
    await pod.services.settings.change({ users__registration_enabled: true })
    expect((await register('nonsense')).json()).toEqual({ invitation: [expect.any(String)] })
    expect((await register('')).statusCode).toBe(201)
    expect((await register(null)).statusCode).toBe(201)
  })

  test('that is wrong tells nothing about user names while registration is closed', async () => {
    expect(Object.keys((await register('nonsense', { username: 'admin_1' })).json())).toEqual(['invitation'])
  })

  test('goes with the user who used it', async () => {
    await createInvitation(pod.db, pod.config, { code: 'Welcome' })
    await register('Welcome')
    await pod.db.user.delete({ where: { usernameKey: `guest_${names}` } })
    expect(await pod.db.invitation.count()).toBe(0)
    expect((await register('Welcome')).statusCode).toBe(400)
  })
})

describe('the list of invitations', () => {
  beforeEach(async () => {
    await createInvitation(pod.db, { usersInvitationExpirationDays: 1 }, { code: 'Expired' })
    await pod.db.invitation.updateMany({ data: { expiresAt: new Date(Date.now() - 1000) } })
    await createInvitation(pod.db, pod.config, { code: 'Used' })
    await register('Used')
    await createInvitation(pod.db, pod.config, { code: 'Open' })
  })

  const codes = async (query: string) =>
    (await call('GET', `${url}?${query}`)).json().results.map(({ code }: { code: string }) => code)

  test('is newest first, in pages', async () => {
    const page = (await call('GET', `${url}?page_size=2`)).json()
    expect(page).toMatchObject({ count: 3, previous: null, next: expect.stringContaining('page=2') })
    expect(await codes('page_size=2')).toEqual(['Open', 'Used'])
    expect(await codes('page_size=2&page=2')).toEqual(['Expired'])
  })

  test('can be narrowed', async () => {
    expect(await codes('q=pe')).toEqual(['Open'])
    expect(await codes('is_open=true')).toEqual(['Open'])
    expect(await codes('is_open=false')).toEqual(['Used', 'Expired'])
    expect(await codes('is_open=')).toHaveLength(3)
    expect((await call('GET', `${url}?is_open=perhaps`)).statusCode).toBe(400)
  })

  test('loses the open ones that are chosen, and no others', async () => {
    const rows = await pod.db.invitation.findMany()
    const ids = rows.map(({ id }) => id)
    const response = await call('POST', `${url}action/`, { action: 'delete', objects: ids })
    expect([response.statusCode, response.json()]).toEqual([200, { updated: 1, action: 'delete', result: null }])
    expect(await codes('')).toEqual(['Used', 'Expired'])
  })

  test('loses all open ones at once', async () => {
    await createInvitation(pod.db, pod.config, {})
    const response = await call('POST', `${url}action/`, { action: 'delete', objects: 'all' })
    expect(response.json()).toMatchObject({ updated: 2 })
  })

  test.each([
    {},
    { action: 'publish', objects: [] },
    { action: 'delete', objects: 'some' },
    { action: 'delete', objects: ['x'] },
  ])('takes no %j (S62)', async (payload) => {
    expect((await call('POST', `${url}action/`, payload)).statusCode).toBe(400)
  })
})
