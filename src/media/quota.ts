import type { Database } from '../db/database.ts'

const megabyte = 1_000_000

export const importStatuses = ['draft', 'pending', 'finished', 'skipped', 'errored'] as const

export type ImportStatus = (typeof importStatuses)[number]

/** What somebody's uploads take, in megabytes. */
export interface QuotaStatus extends Record<ImportStatus, number> {
  max: number
  remaining: number
  /** All together. */
  current: number
}

/** @param max megabytes */
export async function readQuota(db: Database, userId: number, max: number): Promise<QuotaStatus> {
  const rows = await db.$queryRaw<{ status: ImportStatus; bytes: number }[]>`
    SELECT u.import_status AS status, sum(u.size)::float8 AS bytes
    FROM uploads u JOIN libraries l ON l.id = u.library_id
    WHERE l.owner_id = ${userId} AND u.size IS NOT NULL GROUP BY u.import_status`
  const used = Object.fromEntries(importStatuses.map((status) => [status, 0])) as Record<ImportStatus, number>
  for (const { status, bytes } of rows) used[status] = bytes / megabyte
  const current = rows.reduce((all, { bytes }) => all + bytes, 0) / megabyte
  return { max, remaining: Math.max(max - current, 0), current, ...used }
}

/** Bytes that somebody may still upload. @param defaultMb for who has no quota of their own */
export async function remainingBytes(db: Database, userId: number, defaultMb: number): Promise<number> {
  const user = await db.user.findUnique({ where: { id: userId }, select: { uploadQuotaMb: true } })
  const { remaining } = await readQuota(db, userId, user?.uploadQuotaMb ?? defaultMb)
  return Math.floor(remaining * megabyte)
}
