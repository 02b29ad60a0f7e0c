import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../../support/app.ts'
import type { Page } from '../../support/browser.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aClient } from '../../support/factories.ts'
import { signedIn, someTokens, useToken } from '../../support/oauth-flow.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))

const list = '/settings/authorized-apps'
const isLive = async (token: string) => (await useToken(pod, token)).statusCode === 200
const endings = (page: Page) =>
  page.html.querySelectorAll('button[name=sign_in]').map((button) => button.getAttribute('value') ?? '')

describe('/settings/authorized-apps/:client_id', () => {
  test('ends one sign-in of an app, and leaves the others', async () => {
    const { user, browser } = await signedIn(pod)
    const registered = await aClient(pod.db)
    const [old, recent] = [
      await someTokens(pod, registered, { user }),
      await someTokens(pod, registered, { user }),
    ].map(({ access_token }) => access_token)
    const path = `${list}/${registered.client.clientId}`
    const page = await browser.get(path)
    const [newest, oldest] = endings(page)
    const after = await browser.submit(page, `${path}/end`, { sign_in: oldest })
    expect(endings(after)).toEqual([newest])
    expect([await isLive(old ?? ''), await isLive(recent ?? '')]).toEqual([false, true])
    const gone = await browser.submit(after, `${path}/end`, { sign_in: newest })
    expect(gone.text).toContain('No app has access to your account.')
    expect(await isLive(recent ?? '')).toBe(false)
  })

  test('says when a sign-in ends, and which does not', async () => {
    const { user, browser } = await signedIn(pod)
    const registered = await aClient(pod.db)
    await someTokens(pod, registered, { user })
    await someTokens(pod, registered, { user })
    const [first] = await pod.db.tokenFamily.findMany({ orderBy: { id: 'asc' } })
    await pod.db.tokenFamily.updateMany({ data: { expiresAt: null } })
    await pod.db.tokenFamily.updateMany({ where: { id: first?.id ?? 0n }, data: { expiresAt: new Date('2099-03-04') } })
    const { text } = await browser.get(`${list}/${registered.client.clientId}`)
    expect(text).toMatch(/Does not end by itself.*Ends by Mar 4, 2099 at the latest/s)
  })

  test('ends no sign-in of others (S68)', async () => {
    const theirs = await signedIn(pod)
    const registered = await aClient(pod.db)
    const { access_token } = await someTokens(pod, registered, { user: theirs.user })
    const path = `${list}/${registered.client.clientId}`
    const [theirId] = endings(await theirs.browser.get(path))
    const { user, browser } = await signedIn(pod)
    await someTokens(pod, registered, { user })
    const token = { csrfmiddlewaretoken: browser.cookies.get('csrftoken') ?? '' }
    expect((await browser.post(`${path}/end`, { ...token, sign_in: theirId ?? '' })).status).toBe(404)
    expect((await browser.post(`${path}/end`, { ...token, sign_in: 'x' })).status).toBe(400)
    expect(await isLive(access_token)).toBe(true)
  })
})

describe('/settings/authorized-apps', () => {
  /** Two apps, of which the older was used. */
  async function twoApps() {
    const { user, browser } = await signedIn(pod)
    const tokens: string[] = []
    for (const name of ['Elephant', 'Mammoth']) {
      tokens.push((await someTokens(pod, await aClient(pod.db, { name }), { user })).access_token)
    }
    await isLive(tokens[0] ?? '')
    return { user, browser, tokens }
  }

  test('lists the newest app first, or the one that was used last', async () => {
    const { browser } = await twoApps()
    const namesIn = (page: Page) => page.html.querySelectorAll('ul.list strong').map(({ text }) => text.trim())
    const page = await browser.get(list)
    expect(namesIn(page)).toEqual(['Mammoth', 'Elephant'])
    expect(page.html.querySelector(`a[href="${list}?order=used"]`)).not.toBeNull()
    expect(namesIn(await browser.get(`${list}?order=used`))).toEqual(['Elephant', 'Mammoth'])
    expect(namesIn(await browser.get(`${list}?order=nonsense`))).toEqual(['Mammoth', 'Elephant'])
  })

  test('asks before it ends all access at once, and says how much that is', async () => {
    const { user, browser, tokens } = await twoApps()
    const other = await signedIn(pod)
    const { access_token } = await someTokens(pod, await aClient(pod.db), { user: other.user })
    const page = await browser.get(`${list}/end-all`)
    expect(page.text).toContain('2 sign-ins will end at once.')
    expect(await isLive(tokens[0] ?? '')).toBe(true)
    const after = await browser.submit(page, `${list}/end-all`)
    expect(after.text).toContain('No app has access to your account.')
    for (const token of tokens) expect(await isLive(token)).toBe(false)
    expect(await isLive(access_token)).toBe(true)
    const { events } = await pod.services.trail.list(user.id, { skip: 0, take: 10 })
    expect(events.filter(({ kind }) => kind === 'access-revoked')).toHaveLength(2)
  })
})
