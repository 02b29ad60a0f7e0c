import type { Database } from '../../../db/database.ts'
import { noSuchRow } from '../../../http/row-ids.ts'
import { Problem } from '../../../lib/problem.ts'
import type { ImportMetadata } from '../schemas.ts'

/**
 * What a client says of a file may name a picture that is theirs and an album by an artist that is theirs.
 * @throws Problem `invalid` naming `import_metadata`
 */
export async function checkImportMetadata(db: Database, ownerId: number, given: ImportMetadata): Promise<void> {
  const { cover, album } = given
  if (cover != null && (await findCover(db, ownerId, cover)) === undefined) {
    throw refusal('cover', `Object with uuid=${cover} does not exist.`)
  }
  if (album != null && (await findAlbum(db, ownerId, album)) === undefined) throw refusal('album', noSuchRow(album))
}

/** @returns its row id */
export async function findCover(db: Database, ownerId: number, uuid: string): Promise<number | undefined> {
  return (await db.attachment.findFirst({ where: { uuid, ownerId }, select: { id: true } }))?.id
}

export async function findAlbum(db: Database, ownerId: number, id: number) {
  const where = { id, artist: { attributedToId: ownerId } }
  return (await db.album.findFirst({ where })) ?? undefined
}

function refusal(field: string, message: string): Problem {
  return new Problem('invalid', message, { fields: { import_metadata: { [field]: [message] } } })
}
