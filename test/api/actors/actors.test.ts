import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aUser } from '../../support/factories.ts'
import { send } from '../../support/requests.ts'
import { tokenOf } from '../../support/tokens.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp({ publicUrl: 'https://pod.example:8443' })
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))

const url = '/api/v1/federation/actors/'

test.each(['Ada@pod.example:8443', 'ada@POD.example:8443'])('shows who %s is', async (name) => {
  const user = await aUser(pod.db, {
    username: 'Ada',
    name: 'Ada L',
    summaryText: 'Hi *there*',
    summaryContentType: 'text/markdown',
  })
  const answer = await send(pod, 'GET', `${url}${name}/`, { headers: await tokenOf(pod, user, 'write:reports') })
  expect(answer.json()).toEqual({
    fid: 'https://pod.example:8443/federation/actors/Ada',
    url: 'https://pod.example:8443/@Ada',
    domain: 'pod.example:8443',
    creation_date: user.createdAt.toISOString(),
    last_fetch_date: user.createdAt.toISOString(),
    name: 'Ada L',
    preferred_username: 'Ada',
    full_username: 'Ada@pod.example:8443',
    type: 'Person',
    is_local: true,
    is_channel: false,
    manually_approves_followers: false,
    user: { id: user.id, username: 'Ada', name: 'Ada L', date_joined: user.createdAt.toISOString(), avatar: null },
    summary: { text: 'Hi *there*', content_type: 'text/markdown', html: '<p>Hi <em>there</em></p>' },
    icon: null,
  })
})

test('finds the longest of names', async () => {
  const username = 'x'.repeat(150)
  const headers = await tokenOf(pod, await aUser(pod.db, { username, email: 'x@example.org' }), 'read')
  const answer = await send(pod, 'GET', `${url}${username}@pod.example:8443`, { headers })
  expect(answer.json()).toMatchObject({ preferred_username: username })
})

test.each(['nobody@pod.example:8443', 'ada@pod.example', 'ada', '@', 'ada@', 'ada@pod.example:8443@x'])(
  'there is nobody called %s',
  async (name) => {
    const headers = await tokenOf(pod, await aUser(pod.db, { username: 'ada' }), 'read')
    const answer = await send(pod, 'GET', `${url}${name}/`, { headers })
    expect([answer.statusCode, answer.json()]).toEqual([404, { detail: 'Not found.' }])
  },
)

test('knows no other pods', async () => {
  const headers = await tokenOf(pod, await aUser(pod.db), 'read')
  const answer = await send(pod, 'GET', '/api/v1/federation/domains/', { headers })
  expect(answer.json()).toEqual({ count: 0, next: null, previous: null, results: [] })
})
