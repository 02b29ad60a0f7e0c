import { existsSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import closeWithGrace from 'close-with-grace'
import { buildApp } from './app.ts'
import { ConfigError, readConfig } from './config.ts'
import { createServices } from './create-services.ts'
import { DataDirInUse, DataDirNotWritable } from './db/embedded/data-dir-lock.ts'
import { EmbeddedDatabaseError } from './db/embedded/embedded-database.ts'
import { MigrationError } from './db/migrations.ts'
import { openStore } from './db/store.ts'
import { jobHandlers } from './job-handlers.ts'
import { logFile, loggerOptions } from './log.ts'
import { serveMetrics } from './metrics/metrics-server.ts'
import { nextSteps } from './next-steps.ts'
import { startTracing } from './tracing.ts'

/** What is in flight at SIGTERM has this long to finish. */
const closeWithinMs = 10_000

async function start(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env')
  const config = readConfig(process.env)
  const store = await openStore(config, { purpose: 'pod', log: (message) => process.stderr.write(`${message}\n`) })
  const services = await createServices(config, store.db)
  await services.media.clearUnfinished()
  const tracing = await startTracing(config)
  const terminal = process.stdout.isTTY === true
  const app = await buildApp(services, {
    logger: { ...loggerOptions(config, { terminal }), ...(!terminal && { stream: logFile() }) },
    shedsLoad: true,
    tracing: tracing?.plugin,
  })
  // A promise that nobody waited for is a defect, but no reason to drop everybody else's requests.
  process.on('unhandledRejection', (error) => app.log.error({ err: error }, 'A defect: unhandled rejection'))
  const ending = {
    delay: config.shutdownDelaySeconds * 1000 + closeWithinMs,
    logger: app.log,
    skip: ['unhandledRejection' as const],
  }
  const grace = closeWithGrace(ending, async ({ err }) => {
    if (err !== undefined) app.log.fatal({ err }, 'The pod ends')
    services.readiness.close()
    await setTimeout(err === undefined ? config.shutdownDelaySeconds * 1000 : 0)
    await app.close()
    await store.close()
    await tracing?.stop()
  })
  store.failure.then((error) => {
    app.log.fatal({ err: error }, 'The pod ends, because its database has stopped')
    process.exitCode = 1
    grace.close()
  })
  if (services.metrics !== undefined) await serveMetrics(services.metrics, config)
  await app.listen({ host: config.host, port: config.port })
  services.mailer.start(app.log)
  services.jobs.start(jobHandlers(services), app.log)
  services.maintenance.start(app.log)
  process.stdout.write(nextSteps(config, store.kind, await hasUsers(store.db)))
}

async function hasUsers(db: Awaited<ReturnType<typeof openStore>>['db']): Promise<boolean> {
  return (await db.user.findFirst({ select: { id: true } })) !== null
}

/** What an admin can mend is said in a sentence; everything else with all there is. */
function explain(error: unknown): string {
  const known = [ConfigError, DataDirInUse, DataDirNotWritable, EmbeddedDatabaseError, MigrationError]
  if (known.some((kind) => error instanceof kind)) return (error as Error).message
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return 'The port is taken by another program; set PORT to another one.'
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

start().catch((error: unknown) => {
  process.stderr.write(`${explain(error)}\n`)
  process.exit(1)
})
