import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildApp } from '../../src/app.ts'
import { createServices } from '../../src/create-services.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { emptyDatabase } from '../support/database.ts'
import { aClient, aUser } from '../support/factories.ts'
import { anAlbum, anArtist, aTrack } from '../support/music.ts'
import { tokenOf } from '../support/tokens.ts'

describe('answers as production writes them', () => {
  let pod: TestApp
  let production: TestApp['app']

  beforeAll(async () => {
    pod = await testApp()
    production = await buildApp(await createServices(pod.config, pod.db), { logger: false })
  })
  beforeEach(() => emptyDatabase(pod.db))
  afterAll(async () => {
    await production.close()
    await pod.close()
  })

  test('every route has a response schema that can be compiled', async () => {
    await expect(production.ready()).resolves.toBeDefined()
  })

  test('are the same as the checked ones of tests', async () => {
    const { client } = await aClient(pod.db)
    const url = `/api/v1/oauth/apps/${client.clientId}`
    const [written, checked] = await Promise.all([production.inject({ url }), pod.app.inject({ url })])
    expect(written.json()).toEqual(checked.json())
    expect(written.json().created).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  })

  test('are the same for a page of music whose texts need escapes', async () => {
    const awkward = 'a "quote" \\ a\nline, \u2028 and 🎵'
    const artist = await anArtist(pod.db, { name: awkward })
    const album = await anAlbum(pod.db, { title: awkward, artistId: artist.id })
    await aTrack(pod.db, { title: awkward, copyright: awkward, artistId: artist.id, albumId: album.id })
    const headers = await tokenOf(pod, await aUser(pod.db), 'read:libraries')
    for (const url of ['/api/v1/tracks', '/api/v1/albums', '/api/v1/artists']) {
      const [written, checked] = await Promise.all([
        production.inject({ url, headers }),
        pod.app.inject({ url, headers }),
      ])
      expect(written.json()).toEqual(checked.json())
      expect(JSON.stringify(written.json())).toContain(JSON.stringify(awkward))
    }
  })

  test('may have no body', async () => {
    const { client, secret } = await aClient(pod.db)
    const authorization = `Basic ${Buffer.from(`${client.clientId}:${secret}`).toString('base64')}`
    const payload = { token: 'unknown' }
    const answer = await production.inject({
      method: 'POST',
      url: '/api/v1/oauth/revoke',
      payload,
      headers: { authorization },
    })
    expect([answer.statusCode, answer.body]).toEqual([200, ''])
  })
})
