import type { z } from 'zod'
import { wholeBody } from '../../http/validation.ts'
import { invalidField } from '../../lib/problem.ts'
import type { Services } from '../../services.ts'
import type { Viewer } from '../viewer.ts'
import { type actionResult, type uploadAction, uploadFilters } from './schemas.ts'
import { deleteUploads, ownUploads } from './uploads.ts'

type Needed = Pick<Services, 'db' | 'media' | 'jobs'>

const startsFrom = {
  relaunch_import: ['pending', 'skipped', 'errored'],
  publish: ['draft'],
}

/**
 * Does the same to many of one's own uploads.
 * @throws Problem `invalid` when none of them is there
 */
export async function actOnUploads(
  { db, media, jobs }: Needed,
  looking: { publicUrl: string; viewer: Viewer & { userId: number } },
  { action, objects, filters }: z.output<typeof uploadAction>,
): Promise<z.output<typeof actionResult>> {
  if (action === 'publish' && objects === 'all') {
    throw invalidField('objects', 'You cannot apply this action on all objects.')
  }
  const chosen = objects === 'all' ? {} : { uuid: { in: objects } }
  const own = ownUploads(looking, filters ?? uploadFilters.parse({}))
  const matched = await db.upload.findMany({ where: { AND: [own, chosen] }, select: { id: true } })
  const updated = matched.length
  if (updated === 0) throw invalidField(wholeBody, 'No object matches the request.')
  const ids = matched.map(({ id }) => id)
  if (action === 'delete') {
    const deleted = await deleteInTurn({ db, media }, ids)
    return { updated, action, result: [deleted, { 'music.Upload': deleted }] }
  }
  await importAgain({ db, jobs }, ids, startsFrom[action])
  return { updated, action, result: null }
}

/** A statement takes only so many ids. */
const mostAtOnce = 1_000

async function deleteInTurn(services: Omit<Needed, 'jobs'>, ids: number[]): Promise<number> {
  let deleted = 0
  for (let at = 0; at < ids.length; at += mostAtOnce) {
    deleted += await deleteUploads(services, { id: { in: ids.slice(at, at + mostAtOnce) } })
  }
  return deleted
}

async function importAgain({ db, jobs }: Omit<Needed, 'media'>, ids: number[], statuses: string[]): Promise<void> {
  await db.$transaction(async (tx) => {
    const changed = await tx.upload.updateManyAndReturn({
      where: { id: { in: ids }, importStatus: { in: statuses } },
      data: { importStatus: 'pending' },
      select: { id: true },
    })
    const payloads = changed.map(({ id }) => ({ uploadId: id }))
    if (payloads.length > 0) await jobs.add(tx, 'import-upload', payloads)
  })
}
