import { randomUUID } from 'node:crypto'
import type { Database } from '../db/database.ts'
import type { Attachment, Prisma } from '../db/generated/client.ts'
import { invalidField, notFound, Problem } from '../lib/problem.ts'
import { isUuid, type PictureFiles } from './picture-files.ts'
import { mimetypeOf, readPicture } from './pictures.ts'

/** For so long an upload may wait to be put to use. */
const unusedHours = 24
const pruneAtOnce = 100
/** Pictures of one person that wait to be put to use. */
const mostUnused = 50

/** Nothing shows it. */
export const unusedPicture = {
  avatarOf: null,
  artists: { none: {} },
  albums: { none: {} },
  tracks: { none: {} },
} as const satisfies Prisma.AttachmentWhereInput

/**
 * Keeps an uploaded picture until its owner puts it to use, for a day at least.
 * @throws Problem `invalid` naming `file`, `unavailable`
 */
export async function addAttachment(
  db: Database,
  files: PictureFiles,
  { ownerId, bytes }: { ownerId: number; bytes: Uint8Array },
): Promise<Attachment> {
  if ((await db.attachment.count({ where: { ownerId, ...unusedPicture } })) >= mostUnused) throw tooManyUnused()
  const picture = await readPicture(bytes, 'file')
  const uuid = randomUUID()
  await files.keep(uuid, picture)
  const { format, versions } = picture
  const data = { uuid, ownerId, mimetype: mimetypeOf(format), size: versions.original.length, createdAt: new Date() }
  return db.attachment.create({ data }).catch(async (error: unknown) => {
    await files.remove(uuid)
    throw error
  })
}

function tooManyUnused(): Problem {
  return invalidField('file', `You have ${mostUnused} pictures that are not in use. Delete some of them first.`)
}

/** @throws Problem `not_found` */
export async function findAttachment(db: Database, uuid: string): Promise<Attachment> {
  const attachment = isUuid(uuid) ? await db.attachment.findUnique({ where: { uuid } }) : null
  if (attachment === null) throw notFound('attachment')
  return attachment
}

/**
 * Deletes a picture, also where it is in use.
 * @throws Problem `not_found`, `forbidden` when it is somebody else's
 */
export async function deleteAttachment(
  db: Database,
  files: PictureFiles,
  { uuid, ownerId }: { uuid: string; ownerId: number },
): Promise<void> {
  const attachment = await findAttachment(db, uuid)
  if (attachment.ownerId !== ownerId) throw new Problem('forbidden', 'This attachment is not yours.')
  await db.attachment.deleteMany({ where: { id: attachment.id } })
  await files.remove(uuid)
}

/**
 * Deletes some pictures that were uploaded more than a day ago and are not in use.
 * @returns how many; call again as long as there are any
 */
export async function pruneAttachments(db: Database, files: PictureFiles, now: Date): Promise<number> {
  const before = new Date(now.getTime() - unusedHours * 3_600_000)
  const unused = { createdAt: { lt: before }, ...unusedPicture }
  const found = await db.attachment.findMany({ where: unused, select: { id: true }, take: pruneAtOnce })
  const gone = await Promise.all(
    found.map(async ({ id }) => {
      // Put to use in the meantime, it stays.
      const [row] = await db.$queryRaw<{ uuid: string }[]>`
        DELETE FROM attachments a WHERE a.id = ${id} AND NOT EXISTS (SELECT FROM users WHERE avatar_id = a.id)
          AND NOT EXISTS (SELECT FROM artists WHERE cover_id = a.id) AND NOT EXISTS (SELECT FROM albums WHERE cover_id = a.id)
          AND NOT EXISTS (SELECT FROM tracks WHERE cover_id = a.id)
        RETURNING a.uuid::text`
      if (row !== undefined) await files.remove(row.uuid)
      return row
    }),
  )
  return gone.filter((row) => row !== undefined).length
}
