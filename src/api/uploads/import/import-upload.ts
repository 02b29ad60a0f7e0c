import type { Database } from '../../../db/database.ts'
import type { Album, Prisma, Upload } from '../../../db/generated/client.ts'
import type { AudioFile } from '../../../media/audio/audio-file.ts'
import { UnreadableAudio } from '../../../media/audio/audio-reader.ts'
import { mimetypeOfAudio } from '../../../media/audio/formats.ts'
import { isUuid } from '../../../media/picture-files.ts'
import type { Services } from '../../../services.ts'
import { playableStatuses } from '../../viewer.ts'
import { representFile } from '../file-metadata.ts'
import type { UploadRow } from '../representation.ts'
import { type StoredImportMetadata, storedImportMetadata } from '../schemas.ts'
import { withLibrary } from '../uploads.ts'
import { fileTrack, lockCatalogue } from './catalogue.ts'
import { coverAlbum, type KeptPicture, keepPicture } from './covers.ts'
import { findAlbum, findCover } from './import-metadata.ts'
import { IncompleteMetadata, mergeMetadata, type TrackMetadata } from './track-metadata.ts'

type Needed = Pick<Services, 'db' | 'media' | 'audio' | 'pictures' | 'settings'>

/** Why an upload could not be imported, in the words of the wire. */
class ImportFailure extends Error {
  readonly details: Prisma.InputJsonObject

  constructor(
    code: 'invalid_metadata' | 'unknown_error' | 'track_uuid_not_found',
    details: Prisma.InputJsonObject = {},
  ) {
    super(code)
    this.details = { error_code: code, ...details }
  }
}

/**
 * Puts a pending upload into the catalogue. It ends as `finished`, `skipped` or `errored`, in one transaction with all that
 * is made for it; one that is not pending is left alone.
 */
export async function importUpload(services: Needed, uploadId: number): Promise<void> {
  const { db } = services
  const upload = await db.upload.findFirst({ where: { id: uploadId, importStatus: 'pending' }, include: withLibrary })
  if (upload === null) return
  try {
    await importPending(services, upload)
  } catch (error) {
    if (!(error instanceof ImportFailure)) throw error
    await failImport(db, uploadId, error.details)
  }
}

/** For one whose import has failed again and again, for no reason that is known. */
export async function giveUpImport(db: Database, uploadId: number): Promise<void> {
  await failImport(db, uploadId, new ImportFailure('unknown_error').details)
}

async function failImport(db: Database, id: number, importDetails: Prisma.InputJsonObject): Promise<void> {
  await db.upload.updateMany({
    where: { id, importStatus: 'pending' },
    data: { importStatus: 'errored', importDetails, importedAt: new Date() },
  })
}

async function importPending(services: Needed, upload: UploadRow): Promise<void> {
  const file = await readFile(services, upload)
  const given: StoredImportMetadata = storedImportMetadata.parse(upload.importMetadata)
  const forced = forcedTrack(given)
  const metadata = forced === undefined ? merge(services, file, given) : undefined
  const picture = metadata && file.picture && (await keepIfWanted(services, metadata, file.picture))
  let isUsed = false
  try {
    isUsed = await services.db.$transaction((tx) => finish(tx, { upload, file, given, forced, metadata, picture }))
  } finally {
    if (picture !== undefined && !isUsed) await services.pictures.remove(picture.uuid)
  }
}

async function readFile({ media, audio }: Needed, { fileKey }: Upload): Promise<AudioFile> {
  const read = (path: string) => audio.read(path)
  const file = fileKey === null ? undefined : await media.withLocalFile(fileKey, read).catch(refuseUnreadable)
  if (file === undefined) throw new ImportFailure('unknown_error', { detail: 'The file is missing.' })
  return file
}

function refuseUnreadable(error: unknown): never {
  if (!(error instanceof UnreadableAudio)) throw error
  throw new ImportFailure('unknown_error', { detail: 'This is not an audio file that can be read.' })
}

/** An existing track that the client has named. */
function forcedTrack({ funkwhale }: StoredImportMetadata): string | undefined {
  const { track } = (funkwhale ?? {}) as { track?: { uuid?: unknown } }
  if (track?.uuid === undefined) return undefined
  return typeof track.uuid === 'string' ? track.uuid.toLowerCase() : ''
}

function merge({ settings }: Needed, file: AudioFile, given: StoredImportMetadata): TrackMetadata {
  try {
    const isMbidRequired = settings.get('music__only_allow_musicbrainz_tagged_files')
    return mergeMetadata(file, given, { isMbidRequired })
  } catch (error) {
    if (!(error instanceof IncompleteMetadata)) throw error
    const { album, ...rest } = representFile(file)
    // Without the picture, which is long.
    const said = { ...rest, album: { ...album, cover_data: null } }
    throw new ImportFailure('invalid_metadata', { detail: error.fields, file_metadata: said })
  }
}

/** Decoding takes its time, so an album that has a cover is not worth it. */
async function keepIfWanted(
  { db, pictures }: Needed,
  { album: { title, mbid, artist } }: TrackMetadata,
  picture: NonNullable<AudioFile['picture']>,
): Promise<KeptPicture | undefined> {
  const named = { titleKey: title.toLowerCase(), artist: { nameKey: artist.name.toLowerCase() } }
  const same = mbid === null ? named : { OR: [{ mbid }, named] }
  const covered = await db.album.count({ where: { AND: [same, { coverId: { not: null } }] } })
  return covered > 0 ? undefined : keepPicture(pictures, picture)
}

interface Prepared {
  upload: UploadRow
  file: AudioFile
  given: StoredImportMetadata
  forced: string | undefined
  metadata: TrackMetadata | undefined
  picture: KeptPicture | undefined
}

/** @returns whether the picture is in use */
async function finish(tx: Database, prepared: Prepared): Promise<boolean> {
  const { upload, file, picture } = prepared
  await lockCatalogue(tx)
  const pending = await tx.upload.updateMany({
    where: { id: upload.id, importStatus: 'pending' },
    data: {
      duration: file.duration,
      bitrate: file.bitrate,
      mimetype: mimetypeOfAudio(file.extension),
      extension: file.extension,
    },
  })
  // Somebody else was faster, or has deleted it.
  if (pending.count === 0) return false
  const [ownerId, now] = [upload.library.ownerId, new Date()]
  const { trackId, album } = await findPlace(tx, { ...prepared, ownerId, now })
  const duplicate = await findDuplicate(tx, { uploadId: upload.id, trackId, ownerId })
  await tx.upload.update({
    where: { id: upload.id },
    data: {
      trackId,
      importedAt: now,
      importStatus: duplicate === undefined ? 'finished' : 'skipped',
      importDetails:
        duplicate === undefined ? {} : { code: 'already_imported_in_owned_libraries', duplicates: duplicate },
    },
  })
  return album !== undefined && picture !== undefined && coverAlbum(tx, album.id, { ...picture, ownerId, now })
}

async function findPlace(
  tx: Database,
  { given, forced, metadata, ownerId, now }: Prepared & { ownerId: number; now: Date },
): Promise<{ trackId: number; album?: Album }> {
  if (metadata === undefined) {
    const found = forced !== undefined && isUuid(forced) ? await tx.track.findUnique({ where: { uuid: forced } }) : null
    if (found === null) throw new ImportFailure('track_uuid_not_found')
    return { trackId: found.id }
  }
  const chosen = given.album == null ? undefined : await findAlbum(tx, ownerId, given.album)
  const { track, album } = await fileTrack(tx, metadata, { album: chosen, ownerId, now })
  const coverId = given.cover == null ? undefined : await findCover(tx, ownerId, given.cover)
  if (coverId !== undefined && track.coverId === null) {
    await tx.track.update({ where: { id: track.id }, data: { coverId } })
  }
  return { trackId: track.id, album }
}

/** The oldest upload of the same track in any library of the same owner. */
async function findDuplicate(
  tx: Database,
  { uploadId, trackId, ownerId }: { uploadId: number; trackId: number; ownerId: number },
): Promise<string | undefined> {
  const where = { trackId, id: { not: uploadId }, importStatus: { in: playableStatuses }, library: { ownerId } }
  const found = await tx.upload.findFirst({ where, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] })
  return found?.uuid
}
