import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import type { Database } from '../../db/database.ts'
import { Prisma, type Upload } from '../../db/generated/client.ts'
import { wholeBody } from '../../http/validation.ts'
import { invalidField, notFound } from '../../lib/problem.ts'
import { remainingBytes } from '../../media/quota.ts'
import type { Services } from '../../services.ts'
import type { ArrivedAudio, AudioFacts } from './audio-intake.ts'
import { checkImportMetadata } from './import/import-metadata.ts'
import type { UploadRow } from './representation.ts'
import type { newUpload, uploadChanges } from './schemas.ts'
import { findOwnDraft, type OwnUpload, withLibrary } from './uploads.ts'

type Needed = Pick<Services, 'db' | 'jobs' | 'settings' | 'media'>

/**
 * Makes an upload of a file that has arrived, and has it imported unless it is a draft.
 * @throws Problem `invalid`, with the code `upload_quota_reached` when it is too much
 */
export async function createUpload(
  { db, jobs, settings }: Omit<Needed, 'media'>,
  ownerId: number,
  given: z.output<typeof newUpload>,
): Promise<UploadRow> {
  const libraryId = await findTarget(db, ownerId, given)
  const importMetadata = await metadataOf(db, ownerId, given)
  const { facts } = withinQuota(given.audio_file)
  return db.$transaction(async (tx) => {
    await reserve(tx, { ownerId, size: facts.size, defaultMb: settings.get('users__upload_quota') })
    const upload = await tx.upload.create({
      data: {
        uuid: randomUUID(),
        libraryId,
        importStatus: given.import_status ?? 'pending',
        importReference: given.import_reference ?? randomUUID(),
        importMetadata: importMetadata ?? {},
        source: given.source ?? null,
        createdAt: new Date(),
        ...columnsOf(facts),
      },
      include: withLibrary,
    })
    if (upload.importStatus === 'pending') await jobs.add(tx, 'import-upload', [{ uploadId: upload.id }])
    return upload
  })
}

/**
 * Changes a draft; one that becomes pending is imported.
 * @throws Problem `not_found` when it is no draft or somebody else's, `invalid`
 */
export async function changeUpload(
  { db, jobs, settings, media }: Needed,
  own: OwnUpload,
  given: z.output<typeof uploadChanges>,
): Promise<UploadRow> {
  const { ownerId } = own
  const draft = await findOwnDraft(db, own)
  const data = await changesOf(db, ownerId, given)
  const facts = given.audio_file && withinQuota(given.audio_file).facts
  const changed = await db.$transaction(async (tx) => {
    if (facts !== undefined) {
      const more = facts.size - Number(draft.size ?? 0)
      await reserve(tx, { ownerId, size: more, defaultMb: settings.get('users__upload_quota') })
    }
    const { count } = await tx.upload.updateMany({
      where: { id: draft.id, importStatus: 'draft' },
      data: { ...data, ...(facts && columnsOf(facts)) },
    })
    // Another request was faster.
    if (count === 0) throw notFound('draft')
    const upload = await tx.upload.findUniqueOrThrow({ where: { id: draft.id }, include: withLibrary })
    if (upload.importStatus === 'pending') await jobs.add(tx, 'import-upload', [{ uploadId: upload.id }])
    return upload
  })
  if (facts !== undefined && draft.fileKey !== null) await media.remove(draft.fileKey)
  return changed
}

async function changesOf(db: Database, ownerId: number, given: z.output<typeof uploadChanges>) {
  const hasTarget = given.library !== undefined || given.channel !== undefined
  const metadata = await metadataOf(db, ownerId, given)
  return {
    ...(hasTarget && { libraryId: await findTarget(db, ownerId, given) }),
    ...(given.import_status !== undefined && { importStatus: given.import_status }),
    ...(given.import_reference !== undefined && { importReference: given.import_reference }),
    ...(given.source !== undefined && { source: given.source }),
    ...(metadata !== undefined && { importMetadata: metadata }),
  }
}

/** @throws Problem `invalid`: there must be a library or a channel, not both, and it must be theirs; nobody has a channel */
async function findTarget(
  db: Database,
  ownerId: number,
  { library, channel }: Pick<z.output<typeof uploadChanges>, 'library' | 'channel'>,
): Promise<number> {
  if ((library === undefined) === (channel === undefined)) {
    throw invalidField(wholeBody, 'You need to specify a channel or a library, but not both.')
  }
  if (library === undefined) throw invalidField('channel', `Object with uuid=${channel} does not exist.`)
  const found = await db.library.findFirst({ where: { uuid: library, ownerId }, select: { id: true } })
  if (found === null) throw invalidField('library', `Object with uuid=${library} does not exist.`)
  return found.id
}

/** Undefined = it is not given. */
async function metadataOf(
  db: Database,
  ownerId: number,
  { import_metadata: metadata }: Pick<z.output<typeof uploadChanges>, 'import_metadata'>,
): Promise<Prisma.InputJsonObject | undefined> {
  if (metadata === undefined) return undefined
  if (metadata === null) return {}
  await checkImportMetadata(db, ownerId, metadata)
  return metadata as Prisma.InputJsonObject
}

function withinQuota(audio: ArrivedAudio): ArrivedAudio {
  if (audio.isBeyondQuota) throw quotaReached()
  return audio
}

/** Of two uploads at the same time, the second sees what the first takes. */
async function reserve(
  tx: Database,
  { ownerId, size, defaultMb }: { ownerId: number; size: number; defaultMb: number },
): Promise<void> {
  await tx.$executeRaw(Prisma.sql`SELECT FROM users WHERE id = ${ownerId} FOR NO KEY UPDATE`)
  if (size > (await remainingBytes(tx, ownerId, defaultMb))) throw quotaReached()
}

/** Clients look for this code. */
function quotaReached() {
  return invalidField(wholeBody, 'upload_quota_reached')
}

export function columnsOf({ fileKey, size, checksum, mimetype, extension }: AudioFacts) {
  return { fileKey, size: BigInt(size), checksum, mimetype, extension } satisfies Partial<Upload>
}
