import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { User } from '../../../src/db/generated/client.ts'
import { deviceCodeGrant, type Registered } from '../../../src/oauth/clients/clients.ts'
import {
  decideDevice,
  findByUserCode,
  startDeviceAuthorization,
} from '../../../src/oauth/device/device-authorizations.ts'
import { narrowGrant, revokeAllGrants, revokeGrant } from '../../../src/oauth/grants/grants.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aClient, aUser } from '../../support/factories.ts'
import { postAs, someTokens } from '../../support/oauth-flow.ts'

let pod: TestApp
let user: User
let client: Registered
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(async () => {
  await emptyDatabase(pod.db)
  user = await aUser(pod.db)
  client = await aClient(pod.db)
  await someTokens(pod, client, { user })
})

/** The code of a device that somebody has let in and that has not fetched its tokens yet. */
async function letIn(by = user, to = client): Promise<string> {
  const { deviceCode, userCode } = await startDeviceAuthorization(pod.db, { clientId: to.client.id, scopes: ['read'] })
  const device = await findByUserCode(pod.db, userCode)
  if (device === undefined) throw new Error('The device has just been started.')
  await decideDevice(pod.db, device, { userId: by.id, scopes: ['read'] })
  return deviceCode
}

const redeem = (deviceCode: string, as = client) =>
  postAs(pod, as, 'token', { grant_type: deviceCodeGrant, device_code: deviceCode })

test.each<[string, () => Promise<unknown>]>([
  ['taking back a grant', () => revokeGrant(pod.db, user.id, client.client.clientId)],
  ['taking back all grants', () => revokeAllGrants(pod.db, user.id)],
  ['narrowing it', () => narrowGrant(pod.db, { userId: user.id, clientId: client.client.clientId }, ['read:radios'])],
])('%s also shuts out a device that was let in and has no tokens yet (S45)', async (_name, takeBack) => {
  const deviceCode = await letIn()
  await takeBack()
  expect((await redeem(deviceCode)).json().error).toBe('invalid_grant')
})

test('taking back a grant leaves the devices of other users and other clients', async () => {
  const theirs = await letIn(await aUser(pod.db))
  const other = await aClient(pod.db)
  const elsewhere = await letIn(user, other)
  await revokeGrant(pod.db, user.id, client.client.clientId)
  expect((await redeem(theirs)).statusCode).toBe(200)
  expect((await redeem(elsewhere, other)).statusCode).toBe(200)
})
