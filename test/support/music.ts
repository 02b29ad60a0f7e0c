import { randomUUID } from 'node:crypto'
import type { Database } from '../../src/db/database.ts'
import type { Album, Artist, Library, Playlist, Track, Upload, User } from '../../src/db/generated/client.ts'
import { aUser } from './factories.ts'

let made = 0

/** Names and times that no other row has. */
function next() {
  made += 1
  return { number: made, uuid: randomUUID(), createdAt: new Date(Date.UTC(2024, 0, 1) + made * 1000) }
}

export async function anArtist(db: Database, given: Partial<Omit<Artist, 'id'>> = {}): Promise<Artist> {
  const { number, uuid, createdAt } = next()
  const name = given.name ?? `Artist ${number}`
  const usual = { uuid, name, nameKey: name.toLowerCase(), createdAt, modifiedAt: createdAt }
  return db.artist.create({ data: { ...usual, ...given } })
}

/** By a new artist, if none is given. */
export async function anAlbum(db: Database, given: Partial<Omit<Album, 'id'>> = {}): Promise<Album> {
  const { number, uuid, createdAt } = next()
  const title = given.title ?? `Album ${number}`
  const artistId = given.artistId ?? (await anArtist(db)).id
  return db.album.create({ data: { uuid, title, titleKey: title.toLowerCase(), createdAt, ...given, artistId } })
}

/** By a new artist, if none is given; on no album. */
export async function aTrack(db: Database, given: Partial<Omit<Track, 'id'>> = {}): Promise<Track> {
  const { number, uuid, createdAt } = next()
  const title = given.title ?? `Track ${number}`
  const artistId = given.artistId ?? (await anArtist(db)).id
  return db.track.create({ data: { uuid, title, titleKey: title.toLowerCase(), createdAt, ...given, artistId } })
}

/** Of a new user, if none is given; private. */
export async function aLibrary(
  db: Database,
  given: Partial<Omit<Library, 'id' | 'ownerId'>> & { owner?: User } = {},
): Promise<Library> {
  const { owner, ...rest } = given
  const { number, uuid, createdAt } = next()
  const ownerId = (owner ?? (await aUser(db))).id
  return db.library.create({ data: { uuid, name: `Library ${number}`, createdAt, ...rest, ownerId } })
}

/** A row without a file, finished unless told otherwise, in a new private library unless one is given. */
export async function anUpload(
  db: Database,
  given: Partial<Omit<Upload, 'id' | 'importMetadata' | 'importDetails'>> = {},
): Promise<Upload> {
  const { uuid, createdAt } = next()
  const libraryId = given.libraryId ?? (await aLibrary(db)).id
  const usual = { uuid, importStatus: 'finished', importReference: '', duration: 180, createdAt }
  return db.upload.create({ data: { ...usual, ...given, libraryId } })
}

/** Of these tracks, in this order; for accounts of the pod, unless told otherwise. */
export async function aPlaylist(
  db: Database,
  owner: User,
  trackIds: number[] = [],
  given: Partial<Omit<Playlist, 'id' | 'userId'>> = {},
): Promise<Playlist> {
  const { number, createdAt } = next()
  const usual = { name: `Playlist ${number}`, privacyLevel: 'instance', createdAt, modifiedAt: createdAt }
  const entries = trackIds.map((trackId, index) => ({ trackId, index, createdAt }))
  return db.playlist.create({ data: { ...usual, ...given, userId: owner.id, entries: { create: entries } } })
}
