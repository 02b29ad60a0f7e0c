import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import type { Attachment, Track, User } from '../../src/db/generated/client.ts'
import type { TestApp } from './app.ts'
import { aUser } from './factories.ts'
import { aLibrary, anUpload, aTrack } from './music.ts'
import { type Headers, send } from './requests.ts'

const at = new Date('2024-05-01T10:00:00.000Z')

/** A row without files. */
export async function aCover(db: Database, owner?: User): Promise<Attachment> {
  const ownerId = (owner ?? (await aUser(db))).id
  return db.attachment.create({
    data: { uuid: randomUUID(), ownerId, mimetype: 'image/png', size: 1234, createdAt: at },
  })
}

/** How a cover is shown. */
export function coverOnWire({ uuid }: Attachment, publicUrl: string) {
  const file = (version: string) => `${publicUrl}/media/attachments/${uuid}/${version}.png`
  return {
    uuid,
    size: 1234,
    mimetype: 'image/png',
    creation_date: at.toISOString(),
    urls: {
      source: null,
      original: file('original'),
      medium_square_crop: file('medium_square_crop'),
      large_square_crop: file('large_square_crop'),
    },
  }
}

/** Puts these tags on something, besides those it has. */
export async function tag(
  db: Database,
  target: { artistId: number } | { albumId: number } | { trackId: number },
  ...names: string[]
): Promise<void> {
  for (const name of names) {
    const nameKey = name.toLowerCase()
    const { id: tagId } = await db.tag.upsert({
      where: { nameKey },
      create: { name, nameKey, createdAt: at },
      update: {},
    })
    if ('artistId' in target) await db.artistTag.create({ data: { ...target, tagId } })
    else if ('albumId' in target) await db.albumTag.create({ data: { ...target, tagId } })
    else await db.trackTag.create({ data: { ...target, tagId } })
  }
}

/** A track with a file in a library of this level. */
export async function aTrackIn(
  db: Database,
  privacyLevel: string,
  { owner, importStatus = 'finished', ...given }: Partial<Track> & { owner?: User; importStatus?: string } = {},
): Promise<Track> {
  const track = await aTrack(db, given)
  const library = await aLibrary(db, { privacyLevel, ...(owner && { owner }) })
  await anUpload(db, { libraryId: library.id, trackId: track.id, importStatus })
  return track
}

/** Asks for a list with these parameters, and gets the ids of what is on the page. */
export function lister(pod: TestApp, path: string, headers: () => Headers) {
  return async (query = '', as: Headers = headers()): Promise<number[]> => {
    const answer = await send(pod, 'GET', `${path}?${query}`, { headers: as })
    expect(answer.statusCode, answer.body).toBe(200)
    const { count, results } = answer.json()
    if (results.length < 50) expect(count).toBe(results.length)
    return results.map(({ id }: { id: number }) => id)
  }
}
