import type { FastifyServerOptions } from 'fastify'
import { inject } from 'vitest'
import { buildApp } from '../../src/app.ts'
import { type Config, readConfig } from '../../src/config.ts'
import { createServices } from '../../src/create-services.ts'
import type { DatabaseClient } from '../../src/db/database.ts'
import type { TestApp } from './app.ts'
import { Browser } from './browser.ts'

interface PodOptions {
  changes?: Partial<Config>
  logger?: FastifyServerOptions['logger']
}

/**
 * A pod like that of `testApp`, but on a database of the test's own choice; called by `app.inject` until it is told to
 * listen.
 */
export async function podOn(db: DatabaseClient, { changes = {}, logger = false }: PodOptions = {}): Promise<TestApp> {
  const config = { ...readConfig({}), dataDir: inject('scratchFolder'), throttlingEnabled: false, ...changes }
  const services = await createServices(config, db, () => Date.now())
  const app = await buildApp(services, { logger, checkAnswers: true })
  return { app, db, config, services, browser: () => new Browser(app, config.publicUrl), close: () => app.close() }
}
