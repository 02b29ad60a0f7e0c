import { randomUUID } from 'node:crypto'
import type { Database } from '../../../db/database.ts'
import type { Album, Artist, Track } from '../../../db/generated/client.ts'
import type { ArtistTag } from '../../../media/audio/artist-tags.ts'
import { distinctTags } from '../../../media/audio/tag-names.ts'
import type { TrackMetadata } from './track-metadata.ts'

/** Of PostgreSQL's advisory locks; 7270736 is that of migrations. */
const catalogueLock = 72707370

/**
 * Lets one import at a time write into the catalogue, until the transaction ends: what one makes, the next one finds.
 * @param tx an open transaction
 */
export async function lockCatalogue(tx: Database): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(${catalogueLock}::bigint)`
}

/** Who asks, so that new rows are theirs. */
interface Filing {
  ownerId: number
  now: Date
}

interface ChosenAlbum {
  /** In place of what the metadata say. */
  album?: Album | undefined
}

/** The track that the metadata mean; what is not there yet is made. */
export async function fileTrack(
  tx: Database,
  metadata: TrackMetadata,
  { album: chosen, ...filing }: Filing & ChosenAlbum,
): Promise<{ track: Track; album: Album }> {
  const album = chosen ?? (await fileAlbum(tx, metadata.album, filing))
  const artist = await fileArtist(tx, metadata.artist, filing)
  const found = await findTrack(tx, metadata, { album, artist })
  return { album, track: found ?? (await createTrack(tx, metadata, { album, artist, ...filing })) }
}

/** By MusicBrainz, else by name. */
async function fileArtist(tx: Database, { name, mbid }: ArtistTag, { ownerId, now }: Filing): Promise<Artist> {
  const nameKey = keyOf(name)
  const found = (mbid && (await tx.artist.findFirst({ where: { mbid }, orderBy: oldest }))) || undefined
  if (found !== undefined) return found
  const namesake = await tx.artist.findFirst({ where: { nameKey }, orderBy: oldest })
  if (namesake !== null) return namesake
  const data = { uuid: randomUUID(), name, nameKey, mbid, attributedToId: ownerId, createdAt: now, modifiedAt: now }
  return tx.artist.create({ data })
}

const oldest = { id: 'asc' } as const

async function fileAlbum(
  tx: Database,
  { title, artist: tag, mbid, releaseDate }: TrackMetadata['album'],
  filing: Filing,
): Promise<Album> {
  const found = (mbid && (await tx.album.findFirst({ where: { mbid }, orderBy: oldest }))) || undefined
  if (found !== undefined) return found
  const artist = await fileArtist(tx, tag, filing)
  const titleKey = keyOf(title)
  const namesake = await tx.album.findFirst({ where: { titleKey, artistId: artist.id }, orderBy: oldest })
  if (namesake !== null) return namesake
  return tx.album.create({
    data: {
      uuid: randomUUID(),
      title,
      titleKey,
      artistId: artist.id,
      mbid,
      releaseDate: releaseDate === null ? null : new Date(releaseDate),
      attributedToId: filing.ownerId,
      createdAt: filing.now,
    },
  })
}

interface Place {
  album: Album
  artist: Artist
}

/**
 * At the same place of the album, by MusicBrainz or by title and artist; anywhere on it, if MusicBrainz names both album and
 * track.
 */
async function findTrack(tx: Database, metadata: TrackMetadata, { album, artist }: Place): Promise<Track | null> {
  const { title, position, discNumber, mbid } = metadata
  const at = { albumId: album.id, position, discNumber }
  const places = album.mbid !== null && album.mbid === metadata.album.mbid ? [at, { albumId: album.id }] : [at]
  for (const place of mbid === null ? [] : places) {
    const found = await tx.track.findFirst({ where: { ...place, mbid }, orderBy: oldest })
    if (found !== null) return found
  }
  return tx.track.findFirst({ where: { ...at, titleKey: keyOf(title), artistId: artist.id }, orderBy: oldest })
}

async function createTrack(
  tx: Database,
  metadata: TrackMetadata,
  { album, artist, ownerId, now }: Place & Filing,
): Promise<Track> {
  const { title, position, discNumber, mbid, copyright, license, description } = metadata
  const track = await tx.track.create({
    data: {
      uuid: randomUUID(),
      title,
      titleKey: keyOf(title),
      artistId: artist.id,
      albumId: album.id,
      mbid,
      position,
      discNumber,
      copyright,
      license,
      descriptionText: description,
      descriptionContentType: description === null ? null : 'text/plain',
      attributedToId: ownerId,
      createdAt: now,
    },
  })
  await addTags(tx, { trackId: track.id, names: metadata.tags, now })
  return track
}

async function addTags(tx: Database, given: { trackId: number; names: string[]; now: Date }): Promise<void> {
  const names = distinctTags(given.names)
  if (names.length === 0) return
  const rows = names.map((name) => ({ name, nameKey: keyOf(name), createdAt: given.now }))
  await tx.tag.createMany({ data: rows, skipDuplicates: true })
  const tags = await tx.tag.findMany({ where: { nameKey: { in: rows.map(({ nameKey }) => nameKey) } } })
  const links = tags.map(({ id }) => ({ trackId: given.trackId, tagId: id }))
  await tx.trackTag.createMany({ data: links, skipDuplicates: true })
}

/** What matching goes by. */
function keyOf(text: string): string {
  return text.toLowerCase()
}
