import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aUser } from '../../support/factories.ts'
import { signedIn } from '../../support/oauth-flow.ts'

let closed: TestApp
let open: TestApp
beforeAll(async () => {
  closed = await testApp()
  open = await testApp({ apiAuthenticationRequired: false })
})
afterAll(async () => {
  await closed.close()
  await open.close()
})
beforeEach(() => emptyDatabase(closed.db))

describe('/@username', () => {
  test('says who somebody is, whatever the case of the name, with what they wrote as safe HTML', async () => {
    await aUser(open.db, {
      username: 'Ada',
      name: 'Ada <L>',
      email: 'secret@example.org',
      summaryText: '*Counts* <script>alert(1)</script>',
      summaryContentType: 'text/markdown',
    })
    const page = await open.browser().get('/@ada')
    expect(page.status).toBe(200)
    expect(page.html.querySelector('h1')?.text).toContain('Ada')
    expect(page.html.querySelector('em')?.text).toBe('Counts')
    expect(page.html.querySelectorAll('.card script')).toHaveLength(0)
    expect(page.text).not.toContain('secret@example.org')
    const picture = await open.app.inject({ url: page.html.querySelector('.avatar img')?.getAttribute('src') ?? '' })
    expect([picture.statusCode, picture.headers['content-type']]).toEqual([200, 'image/png'])
  })

  test('is nobody who is not there, or whose account is disabled', async () => {
    await aUser(open.db, { username: 'gone', isActive: false })
    for (const name of ['gone', 'nobody', '', 'x'.repeat(200)]) {
      expect([name, (await open.browser().get(`/@${name}`)).status]).toEqual([name, name.length > 150 ? 400 : 404])
    }
  })

  test('asks strangers to log in where the pod is closed', async () => {
    const { user, browser } = await signedIn(closed)
    const answer = await closed.app.inject({ url: `/@${user.username}`, headers: { accept: 'text/html' } })
    expect([answer.statusCode, answer.headers.location]).toEqual([303, `/login?next=%2F%40${user.username}`])
    expect((await browser.get(`/@${user.username}`)).status).toBe(200)
  })
})
