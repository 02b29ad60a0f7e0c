import { afterAll, beforeAll, expect, test } from 'vitest'
import { updateClient } from '../../../src/oauth/clients/clients.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import { aClient } from '../../support/factories.ts'
import { authorizationUrl, signedIn } from '../../support/oauth-flow.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())

test.each(['allow', 'deny'])(
  'a redirect URI that the client gave up while the page was open is not redirected to: %s (S1)',
  async (decision) => {
    const { user, browser } = await signedIn(pod)
    const client = await aClient(pod.db, { ownerId: user.id })
    const page = await browser.get(authorizationUrl(client))
    const { clientId } = client.client
    await updateClient(pod.db, { clientId, ownerId: user.id }, { redirectUris: ['https://new.example/callback'] })
    const answer = await browser.submit(page, '/authorize', { decision })
    expect([answer.status, answer.url]).toEqual([400, '/authorize'])
    expect(await pod.db.authorizationCode.count({ where: { grant: { userId: user.id } } })).toBe(0)
  },
)
