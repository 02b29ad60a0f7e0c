import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { User } from '../../../src/db/generated/client.ts'
import { openPod, type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aUser } from '../../support/factories.ts'
import { type Headers, send } from '../../support/requests.ts'
import { tokenOf } from '../../support/tokens.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())

let user: User
let headers: Headers
beforeEach(async () => {
  await emptyDatabase(pod.db)
  user = await aUser(pod.db)
  headers = await tokenOf(pod, user, 'read:libraries')
})

const get = (path: string, as = headers) => send(pod, 'GET', `/api/v1/licenses/${path}`, { headers: as })

test('all 350 are listed on one page, by code', async () => {
  const { count, next, results } = (await get('')).json()
  expect([count, next, results.length]).toEqual([350, null, 350])
  const codes = results.map(({ code }: { code: string }) => code)
  expect(new Set(codes).size).toBe(350)
  expect(codes.slice(0, 2)).toEqual(['cc-by-1.0', 'cc-by-2.0'])
  expect(codes).toEqual(codes.toSorted(new Intl.Collator('en').compare))
  expect((await get('?page_size=9999')).json().results).toHaveLength(350)
  expect((await get('?page=2&page_size=100')).json().results[0].code).toBe(codes[100])
})

test.each([
  ['cc-by-4.0', 'by/4.0/', 'Attribution 4.0', { derivative: true, commercial: true, copyleft: false }],
  ['cc-by-sa-1.0', 'by-sa/1.0/', 'Attribution-ShareAlike 1.0', { derivative: true, commercial: true, copyleft: true }],
  [
    'cc-by-nc-sa-3.0-igo',
    'by-nc-sa/3.0/igo/',
    'Attribution-NonCommercial-ShareAlike 3.0 IGO',
    { derivative: true, commercial: false, copyleft: true },
  ],
  [
    'cc-by-nc-nd-2.5-scotland',
    'by-nc-nd/2.5/scotland/',
    'Attribution-NonCommercial-NoDerivatives 2.5 UK: Scotland',
    { derivative: false, commercial: false, copyleft: false },
  ],
])('%s says what it allows and where it is written', async (code, path, name, flags) => {
  expect((await get(code)).json()).toEqual({
    id: `http://creativecommons.org/licenses/${path}`,
    url: `https://creativecommons.org/licenses/${path}`,
    code,
    name: `Creative commons - ${name}`,
    redistribute: true,
    attribution: true,
    ...flags,
  })
})

test('the public domain asks for nothing, and the Art Libre license for all but restraint', async () => {
  expect((await get('cc0-1.0')).json()).toMatchObject({ attribution: false, copyleft: false, commercial: true })
  expect((await get('LAL-1.3')).json()).toMatchObject({ attribution: true, copyleft: true, derivative: true })
})

test.each(['cc-by-5.0', 'cc-by-3.0-xx', 'cc-by-2.5-de', 'constructor'])('there is no license %s', async (code) => {
  expect((await get(code)).statusCode).toBe(404)
})

test.each(['', 'cc-by-4.0'])('licenses/%s needs read:libraries, unless the pod is open', async (path) => {
  expect((await get(path, {})).statusCode).toBe(401)
  expect((await get(path, await tokenOf(pod, user, 'read:playlists'))).statusCode).toBe(403)
  await openPod(pod)
  expect((await get(path, {})).statusCode).toBe(200)
})
