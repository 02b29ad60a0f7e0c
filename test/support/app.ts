import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyInstance, FastifyServerOptions } from 'fastify'
import { inject, onTestFinished } from 'vitest'
import { buildApp } from '../../src/app.ts'
import { type Config, readConfig } from '../../src/config.ts'
import { createServices } from '../../src/create-services.ts'
import type { DatabaseClient } from '../../src/db/database.ts'
import type { Services } from '../../src/services.ts'
import { Browser } from './browser.ts'
import { testDatabase } from './database.ts'

export interface TestApp {
  app: FastifyInstance
  db: DatabaseClient
  config: Config
  services: Services
  /** A browser without cookies. */
  browser(): Browser
  close(): Promise<void>
}

interface PodOptions {
  changes?: Partial<Config>
  logger?: FastifyServerOptions['logger']
}

/**
 * A pod on the worker's database, called by `app.inject`; answers are checked against their schemas. It limits nobody's
 * requests unless asked to, and then by the clock that tests set. Its files lie in a folder of its own, which goes when
 * it closes, unless it is given one.
 */
export async function testApp(changes: Partial<Config> = {}): Promise<TestApp> {
  return podOn(await testDatabase(), { changes })
}

/** The same on a database of the test's own choice. */
export async function podOn(db: DatabaseClient, { changes = {}, logger = false }: PodOptions = {}): Promise<TestApp> {
  const ownFolder = await mkdtemp(join(inject('scratchFolder'), 'pod-'))
  const config = { ...readConfig({}), dataDir: ownFolder, throttlingEnabled: false, ...changes }
  const services = await createServices(config, db, () => Date.now())
  const app = await buildApp(services, { logger, checkAnswers: true })
  const close = async () => {
    await app.close()
    await rm(ownFolder, { recursive: true, force: true })
  }
  return { app, db, config, services, browser: () => new Browser(app, config.publicUrl), close }
}

/** Shows what is public to everybody, until the running test is over. */
export async function openPod({ services: { settings } }: TestApp): Promise<void> {
  await settings.change({ common__api_authentication_required: false })
  onTestFinished(() => settings.change({ common__api_authentication_required: true }))
}

/** A pod that listens on a free loopback port; its public URL is that address. */
export async function listeningApp(changes: Partial<Config> = {}): Promise<TestApp & { url: string }> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const pod = await testApp({ port, publicUrl: url, ...changes })
  await pod.app.listen({ host: '127.0.0.1', port })
  return { ...pod, url }
}

export async function freePort(): Promise<number> {
  const { createServer } = await import('node:net')
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
