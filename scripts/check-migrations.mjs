/**
 * Fails when prisma/schema and prisma/migrations say different things, or Prisma and its schema engine are of different
 * versions. Needs no database.
 */
import { readFileSync } from 'node:fs'
import { diffMigrationsToSchema } from './prisma/diff.mjs'
import { engineVersion } from './prisma/wasm-engine.mjs'

const prisma = JSON.parse(readFileSync(new URL(import.meta.resolve('prisma/package.json')), 'utf8'))
if (!engineVersion().startsWith(`${prisma.version}-`)) {
  console.error(`@prisma/schema-engine-wasm is ${engineVersion()}, but prisma is ${prisma.version}.`)
  process.exit(1)
}

const { exitCode, stdout } = diffMigrationsToSchema()
if (exitCode !== 0) {
  console.error('prisma/migrations does not lead to prisma/schema. What is missing:')
  console.error(stdout.trim())
  console.error('Write it with: node scripts/prisma/new-migration.mjs <name>')
  process.exit(1)
}
