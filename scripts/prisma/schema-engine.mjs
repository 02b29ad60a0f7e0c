#!/usr/bin/env node
/**
 * Prisma's schema engine: what the Prisma CLI starts instead of the native program it would download.
 * Speaks the engine's JSON-RPC over stdio (docs/decisions/0001-prisma-offline.md).
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { serveRpc } from './rpc.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    version: { type: 'boolean', short: 'V' },
    datamodels: { type: 'string', multiple: true },
    datasource: { type: 'string' },
    'enabled-preview-features': { type: 'string' },
    'extension-types': { type: 'string' },
  },
})

const url = values.datasource ? JSON.parse(values.datasource).url : undefined

// The CLI sends this as soon as it has its answers.
process.once('SIGTERM', () => process.exit(0))

if (values.version) {
  const { engineVersion } = await import('./wasm-engine.mjs')
  console.log(`schema-engine-wasm ${engineVersion()}`)
} else if (positionals[0] === 'cli') {
  const { runDatabaseCommand } = await import('./database-commands.mjs')
  process.exitCode = await runDatabaseCommand(positionals[1], url)
} else {
  await serveRpc(openEngine, process.stdin, process.stdout)
}
process.exit()

/** For the first request, so that what goes wrong here is its answer: the CLI takes an engine that ends for success. */
async function openEngine() {
  const { startEngine } = await import('./wasm-engine.mjs')
  const { migrationAdapterFactory } = await import('./migration-adapter.mjs')
  // Undefined, not empty, when the CLI passes none: the engine rejects an empty schema.
  const datamodels = values.datamodels?.map((path) => [path, readFileSync(path, 'utf8')])
  return startEngine(datamodels, migrationAdapterFactory(url))
}
