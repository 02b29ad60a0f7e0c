import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import type { Track, Upload, User } from '../../src/db/generated/client.ts'
import { type AudioExtension, mimetypeOfAudio } from '../../src/media/audio/formats.ts'
import type { TestApp } from './app.ts'
import { audioFixture } from './audio.ts'
import { aUser } from './factories.ts'
import { aLibrary, anAlbum, anArtist, anUpload, aTrack } from './music.ts'

interface Given {
  owner?: User
  /** Of the library. */
  privacyLevel?: string
  extension?: AudioExtension
  track?: Track
  /** Instead of a real file. */
  bytes?: Uint8Array
  upload?: Partial<Pick<Upload, 'bitrate' | 'duration' | 'importStatus'>>
}

export interface Sound {
  owner: User
  track: Track
  upload: Upload & { fileKey: string }
  /** The track's listen address. */
  url: string
}

/** A second of sound that was uploaded and imported: "Foo - Bar - Baz", unless it belongs to a track that is there. */
export async function someSound({ db, services }: TestApp, given: Given = {}): Promise<Sound> {
  const { extension = 'mp3', privacyLevel = 'me' } = given
  const owner = given.owner ?? (await aUser(db))
  const library = await aLibrary(db, { owner, privacyLevel })
  const track = given.track ?? (await newTrack(db))
  const content = given.bytes ? Readable.from([given.bytes]) : createReadStream(audioFixture(`tagged.${extension}`))
  const { fileKey, size, checksum } = await services.media.store(content, { extension })
  const upload = await anUpload(db, {
    libraryId: library.id,
    trackId: track.id,
    fileKey,
    size: BigInt(size),
    checksum,
    extension,
    mimetype: mimetypeOfAudio(extension),
    duration: 1,
    bitrate: 128_000,
    ...given.upload,
  })
  return { owner, track, upload: { ...upload, fileKey }, url: `/api/v1/listen/${track.uuid}/` }
}

async function newTrack(db: TestApp['db']): Promise<Track> {
  const { id: artistId } = await anArtist(db, { name: 'Foo' })
  const album = await anAlbum(db, { title: 'Bar', artistId })
  return aTrack(db, { title: 'Baz', artistId, albumId: album.id })
}
