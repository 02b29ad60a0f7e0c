import { AsyncLocalStorage } from 'node:async_hooks'
import { expect, vi } from 'vitest'
import type { Config } from '../../src/config.ts'
import type { DatabaseLocation } from '../../src/db/connection.ts'
import { closeDatabase, openDatabase } from '../../src/db/database.ts'
import { podOn, type TestApp } from './app.ts'
import { useToken } from './oauth-flow.ts'

export interface WatchedPod extends TestApp {
  /** What this sends to the database, and not what is done in the background meanwhile. */
  statementsOf<Result>(act: () => Promise<Result>): Promise<{ result: Result; statements: string[] }>
  /** Resolves once the pod is certain to hear what others change. */
  ready(): Promise<void>
}

/** A pod with connections of its own, like one in another process. */
export async function watchedPod(
  location: DatabaseLocation,
  { directUrl, changes = {} }: { directUrl?: string; changes?: Partial<Config> } = {},
): Promise<WatchedPod> {
  const sent = new AsyncLocalStorage<string[]>()
  const db = openDatabase(location, { directUrl, onStatement: (sql) => sent.getStore()?.push(sql) })
  const pod = await podOn(db, { changes })
  return {
    ...pod,
    statementsOf: async (act) => {
      const statements: string[] = []
      const result = await sent.run(statements, act)
      return { result, statements }
    },
    ready: () => vi.waitFor(() => expect(db.changes.isTrusted()).toBe(true), { timeout: 8_000, interval: 20 }),
    close: async () => {
      await pod.close()
      await closeDatabase(db)
    },
  }
}

/** Uses a token until the pod knows it without asking the database. */
export async function warm(pod: WatchedPod, token: string): Promise<void> {
  await pod.ready()
  await vi.waitFor(async () => {
    const { result, statements } = await pod.statementsOf(() => useToken(pod, token))
    expect(result.statusCode).toBe(200)
    expect(statements.filter((sql) => /access_hash|application_token_hash =/.test(sql))).toEqual([])
  })
}
