import { z } from 'zod'
import type { DatabaseClient } from '../db/database.ts'
import { Prisma } from '../db/generated/client.ts'
import { wordIssue } from '../http/validation.ts'
import { type FieldMessages, Problem } from '../lib/problem.ts'
import { catalogue, type SettingName, type SettingValues } from './catalogue.ts'

/** How stale another pod's or the CLI's change may be where notifications do not arrive. */
const refreshEveryMs = 2_000

/** The pod's settings as they are now; changes by others arrive within seconds. */
export interface Settings {
  get<Name extends SettingName>(name: Name): SettingValues[Name]
  /**
   * Changes several settings, or none.
   * @throws Problem `invalid` with messages by identifier
   */
  change(values: Record<string, unknown>): Promise<void>
  /** Stops looking for changes by others. */
  stop(): void
}

/** @param defaults where they differ from the catalogue's */
export async function loadSettings(db: DatabaseClient, defaults: Partial<SettingValues>): Promise<Settings> {
  let stored = await readAll(db)
  let [begun, shown] = [0, 0]
  const refresh = async () => {
    begun += 1
    const turn = begun
    const read = await readAll(db)
    // What was read before a change does not come after it.
    if (turn > shown) [stored, shown] = [read, turn]
  }
  // A database that is away keeps the settings as they were.
  const keepUp = () => void refresh().catch(() => undefined)
  const unfollow = db.changes.follow('settings', keepUp)
  const timer = setInterval(() => db.listener?.isUp || keepUp(), refreshEveryMs).unref()
  const get = <Name extends SettingName>(name: Name) =>
    (stored.get(name) ?? defaults[name] ?? catalogue[name].default) as SettingValues[Name]
  return {
    get,
    change: async (values) => {
      await writeAll(db, checkValues(values))
      await refresh()
    },
    stop: () => {
      unfollow()
      clearInterval(timer)
    },
  }
}

export function isSettingName(text: string): text is SettingName {
  return Object.hasOwn(catalogue, text)
}

async function readAll(db: DatabaseClient): Promise<Map<string, unknown>> {
  const rows = await db.setting.findMany()
  // A value that an older or newer release wrote and this one does not understand counts as not set.
  const sound = rows.filter(
    ({ identifier, value }) => isSettingName(identifier) && schemaOf(identifier).safeParse(value).success,
  )
  return new Map(sound.map(({ identifier, value }) => [identifier, value]))
}

function checkValues(values: Record<string, unknown>): [SettingName, unknown][] {
  const fields: FieldMessages = {}
  const unknown: Record<string, string> = {}
  const checked: [SettingName, unknown][] = []
  for (const [name, value] of Object.entries(values)) {
    if (!isSettingName(name)) {
      unknown[name] = 'invalid preference'
      fields[name] = [unknown[name]]
      continue
    }
    const result = z.object({ value: schemaOf(name) }).safeParse({ value }, { reportInput: true })
    if (result.success) checked.push([name, result.data.value])
    else fields[name] = { value: result.error.issues.map(wordIssue) }
  }
  if (Object.keys(fields).length > 0)
    throw new Problem('invalid', 'Invalid settings.', { fields, body: { ...fields, ...unknown } })
  return checked
}

function schemaOf(name: SettingName): z.ZodType {
  return catalogue[name].schema
}

async function writeAll(db: DatabaseClient, values: [SettingName, unknown][]): Promise<void> {
  const updatedAt = new Date()
  await db.$transaction(
    values.map(([identifier, value]) => {
      const data = { value: value === null ? Prisma.JsonNull : (value as object), updatedAt }
      return db.setting.upsert({ where: { identifier }, create: { identifier, ...data }, update: data })
    }),
  )
}
