import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createUserActivity } from '../../src/audit/user-activity.ts'
import type { DatabaseClient } from '../../src/db/database.ts'
import { emptyDatabase, testDatabase } from '../support/database.ts'
import { aUser } from '../support/factories.ts'

let db: DatabaseClient
beforeEach(async () => {
  db = await testDatabase()
  await emptyDatabase(db)
})
afterEach(() => vi.useRealTimers())

const lastSeen = async (id: number) => (await db.user.findUniqueOrThrow({ where: { id } })).lastActivityAt

describe('user activity', () => {
  test('is written once in a quarter of an hour', async () => {
    const { id } = await aUser(db)
    const activity = createUserActivity(db)
    const seenAt = async (time: string) => {
      vi.setSystemTime(new Date(`2026-05-01T${time}:00Z`))
      activity.note(id)
      await activity.flush()
      return (await lastSeen(id))?.toISOString().slice(11, 16)
    }
    expect(await seenAt('10:00')).toBe('10:00')
    expect(await seenAt('10:14')).toBe('10:00')
    expect(await seenAt('10:15')).toBe('10:15')
  })

  test('never goes back', async () => {
    const { id } = await aUser(db, { lastActivityAt: new Date('2026-05-01T12:00:00Z') })
    vi.setSystemTime(new Date('2026-05-01T10:00:00Z'))
    const activity = createUserActivity(db)
    activity.note(id)
    await activity.flush()
    expect(await lastSeen(id)).toEqual(new Date('2026-05-01T12:00:00Z'))
  })

  test('of many users is one statement, also when some are gone', async () => {
    const users = await Promise.all([aUser(db), aUser(db)])
    const activity = createUserActivity(db)
    for (const { id } of [...users, { id: 999_999 }]) activity.note(id)
    const execute = vi.spyOn(db, '$executeRaw')
    await activity.flush()
    await activity.flush()
    expect(execute).toHaveBeenCalledTimes(1)
    for (const { id } of users) expect(await lastSeen(id)).not.toBeNull()
  })

  test('that cannot be written is only lost', async () => {
    const { id } = await aUser(db)
    const activity = createUserActivity(db)
    activity.note(id)
    vi.spyOn(db, '$executeRaw').mockRejectedValueOnce(new Error('away'))
    await expect(activity.flush()).resolves.toBeUndefined()
  })
})
