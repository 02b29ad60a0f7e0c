import type { FastifyRequest } from 'fastify'
import { Prisma } from '../db/generated/client.ts'

/** Who looks at the catalogue. */
export interface Viewer {
  /** Undefined = nobody who is known. */
  userId: number | undefined
}

/** A client that speaks for itself sees what anonymous requests see. */
export function viewerOf({ principal }: FastifyRequest): Viewer {
  return { userId: principal.kind === 'user' ? principal.userId : undefined }
}

export const playableStatuses = ['finished', 'skipped']

/** Libraries whose uploads a viewer may play: their own, the pod's for those who have an account, and everyone's. */
export function visibleLibraries({ userId }: Viewer): Prisma.LibraryWhereInput {
  if (userId === undefined) return { privacyLevel: 'everyone' }
  return { OR: [{ ownerId: userId }, { privacyLevel: { in: ['instance', 'everyone'] } }] }
}

export function playableUploads(viewer: Viewer): Prisma.UploadWhereInput {
  return { importStatus: { in: playableStatuses }, library: visibleLibraries(viewer) }
}

/** `visibleLibraries` as a condition on `libraries AS l`. */
export function isVisibleLibrary({ userId }: Viewer): Prisma.Sql {
  if (userId === undefined) return Prisma.sql`l.privacy_level = 'everyone'`
  return Prisma.sql`(l.owner_id = ${userId} OR l.privacy_level IN ('instance', 'everyone'))`
}

/** `playableUploads` as a condition on `uploads AS u`. */
export function isPlayableUpload(viewer: Viewer): Prisma.Sql {
  return Prisma.sql`u.import_status IN ('finished', 'skipped')
    AND u.library_id IN (SELECT l.id FROM libraries l WHERE ${isVisibleLibrary(viewer)})`
}
