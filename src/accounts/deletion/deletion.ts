import { filesOf, removeFiles } from '../../media/upload-files.ts'
import type { Services } from '../../services.ts'
import { checkPassword } from '../sudo.ts'

/**
 * Deletes a user with everything that is theirs: sessions, tokens, codes, clients, grants, favorites, listenings, playlists,
 * pictures, and libraries with their audio files; tracks, albums and artists stay. Nobody can take the user name again.
 * @throws Problem `invalid` naming `password`; `throttled` when too many passwords were wrong
 */
export async function deleteAccount(
  services: Pick<Services, 'db' | 'hasher' | 'guesses' | 'pictures' | 'media'>,
  { userId, password }: { userId: number; password: string },
): Promise<void> {
  const { db, pictures, media } = services
  await checkPassword(services, userId, { password, field: 'password' })
  const { uuids, audio } = await db.$transaction(async (transaction) => {
    const owned = await transaction.attachment.findMany({ where: { ownerId: userId }, select: { uuid: true } })
    const fileKeys = await filesOf(transaction, { library: { ownerId: userId } })
    // A second request at the same time finds nothing left to do.
    const [deleted] = await transaction.$queryRaw<{ usernameKey: string }[]>`
      DELETE FROM users WHERE id = ${userId} RETURNING username_key AS "usernameKey"`
    if (deleted !== undefined) {
      await transaction.retiredUsername.createMany({
        data: { usernameKey: deleted.usernameKey, retiredAt: new Date() },
        skipDuplicates: true,
      })
    }
    return { uuids: owned.map(({ uuid }) => uuid), audio: fileKeys }
  })
  for (const uuid of uuids) await pictures.remove(uuid)
  await removeFiles(media, audio)
}
