import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { listIds } from '../../../src/api/listing/list-ids.ts'
import { Prisma } from '../../../src/db/generated/client.ts'
import { createListCounts } from '../../../src/db/list-counts.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aUser } from '../../support/factories.ts'
import { anArtist, aTrack } from '../../support/music.ts'
import { type Headers, send } from '../../support/requests.ts'
import { tokenOf } from '../../support/tokens.ts'

const publicUrl = 'https://pod.example'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp({ publicUrl })
})
afterAll(() => pod.close())

let headers: Headers
beforeEach(async () => {
  await emptyDatabase(pod.db)
  headers = await tokenOf(pod, await aUser(pod.db), 'read:libraries')
})

const get = (query: string) => send(pod, 'GET', `/api/v1/tracks/?${query}`, { headers })

async function someTracks(count: number): Promise<void> {
  const { id } = await anArtist(pod.db)
  await pod.db.$executeRaw`
    INSERT INTO tracks (uuid, title, title_key, artist_id, position, created_at)
    SELECT gen_random_uuid(), 'T', 't', ${id}, n, timestamptz '2024-01-01Z' + n * interval '1 s'
    FROM generate_series(1, ${count}::int) n`
}

describe('pages (1.5)', () => {
  test('have links to their neighbours that keep all other parameters', async () => {
    await someTracks(5)
    const url = `${publicUrl}/api/v1/tracks/`
    const page = async (query: string) => {
      const { count, next, previous, results } = (await get(query)).json()
      return [count, next, previous, results.map(({ position }: { position: number }) => position)]
    }
    expect(await page('page_size=2&playable=false')).toEqual([
      5,
      `${url}?page_size=2&playable=false&page=2`,
      null,
      [5, 4],
    ])
    expect(await page('page=2&page_size=2&playable=false')).toEqual([
      5,
      `${url}?page=3&page_size=2&playable=false`,
      `${url}?page_size=2&playable=false`,
      [3, 2],
    ])
    expect(await page('page=3&page_size=2')).toEqual([5, null, `${url}?page=2&page_size=2`, [1]])
  })

  test.each([
    ['page_size=0', 50],
    ['page_size=-1', 50],
    ['page_size=x', 50],
    ['page_size=1e1', 50],
    ['page_size=%207', 50],
    ['page_size=1000', 50],
    ['page_size=51', 50],
    ['page_size=7', 7],
    ['page_size=3&page_size=4', 4],
    ['', 50],
  ])('%s gives %i of 60', async (query, size) => {
    await someTracks(60)
    expect((await get(query)).json().results).toHaveLength(size)
  })

  test.each(['page=3', 'page=0', 'page=-1', 'page=x', 'page=1.5', 'page=99999999999'])(
    '%s of 60 is none',
    async (query) => {
      await someTracks(60)
      const answer = await get(query)
      expect([answer.statusCode, answer.json()]).toEqual([404, { detail: 'Invalid page.' }])
    },
  )

  test('the first page of nothing is empty', async () => {
    expect((await get('page=1')).json()).toEqual({ count: 0, next: null, previous: null, results: [] })
    expect((await get('page=2')).statusCode).toBe(404)
  })
})

test('a count follows every change at once', async () => {
  const count = async (query: string) => (await get(query)).json().count
  await someTracks(120)
  expect([await count(''), await count('page=2')]).toEqual([120, 120])
  const { id } = await aTrack(pod.db)
  expect([await count(''), await count('page=2')]).toEqual([121, 121])
  await pod.db.track.delete({ where: { id } })
  expect([await count(''), await count('page=2'), await count('playable=false')]).toEqual([120, 120, 120])
})

describe('a page far from the beginning', () => {
  const selection = {
    from: Prisma.sql`tracks e`,
    where: [Prisma.sql`e.position > 1`],
    orderBy: [
      { by: Prisma.sql`e.position % 7`, isDescending: true },
      { by: Prisma.sql`e.disc_number`, isDescending: false },
      { by: Prisma.sql`e.id`, isDescending: false },
    ],
  }
  const list = (skip: number, take = 50) =>
    listIds({ db: pod.db, counts: createListCounts() }, selection, { skip, take })

  test('is what it would be from the beginning, wherever it is counted from', async () => {
    await someTracks(6_021)
    await pod.db.$executeRaw`UPDATE tracks SET disc_number = position % 3 WHERE position % 2 = 0`
    const all = (await list(0, 10_000)).ids
    expect(all).toHaveLength(6_020)
    for (const skip of [1_950, 2_050, 3_000, 4_000, 5_950, 6_000])
      expect(await list(skip)).toEqual({ count: 6_020, ids: all.slice(skip, skip + 50) })
    expect(await list(6_020)).toEqual({ count: 6_020, ids: [] })
  })

  test('in random order is as full as any other, of rows that belong there', async () => {
    await someTracks(3_000)
    const random = { ...selection, isRandom: true }
    for (const where of [[Prisma.sql`e.position > 1`], [Prisma.sql`e.position > 1 AND e.position % 50 = 0`]]) {
      const source = { db: pod.db, counts: createListCounts() }
      const { count, ids } = await listIds(source, { ...random, where }, { skip: 0, take: 50 })
      expect(new Set(ids).size).toBe(50)
      expect(await pod.db.track.count({ where: { id: { in: ids }, position: { gt: 1 } } })).toBe(50)
      expect(count).toBe(where[0]?.sql.includes('50') ? 60 : 2_999)
      const last = await listIds(source, { ...random, where }, { skip: count - 7, take: 50 })
      expect(last.ids).toHaveLength(7)
    }
  })
})
