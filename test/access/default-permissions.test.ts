import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { emptyDatabase } from '../support/database.ts'
import { aClient, aUser } from '../support/factories.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))

test('what everybody may do by the pod’s settings, an application token of anybody may do that names it', async () => {
  const { id } = await aUser(pod.db)
  const scopes = ['read:instance:settings', 'read:profile']
  const { applicationToken } = await aClient(pod.db, { ownerId: id, scopes })
  const mayManage = async () => {
    const headers = { authorization: `Bearer ${applicationToken}` }
    const answer = await pod.app.inject({ url: '/api/v1/users/me', headers })
    return answer.json().permissions.settings
  }
  expect(await mayManage()).toBe(false)
  await pod.services.settings.change({ users__default_permissions: ['settings'] })
  expect(await mayManage()).toBe(true)
})
