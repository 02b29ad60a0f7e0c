/**
 * Writes the migration from what prisma/migrations leads to, to what prisma/schema says. Needs no database.
 *   node scripts/prisma/new-migration.mjs <name>             a new one
 *   node scripts/prisma/new-migration.mjs <name> --replace   once more, for one that was never released
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { diffMigrationsToSchema, migrationsDirectory } from './diff.mjs'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { replace: { type: 'boolean' } } })
const [name] = positionals
if (!/^[a-z][a-z0-9_]*$/.test(name ?? '')) fail('Give the migration a name of a-z, 0-9 and _.')

const lockFile = join(migrationsDirectory, 'migration_lock.toml')
mkdirSync(migrationsDirectory, { recursive: true })
if (!existsSync(lockFile)) writeFileSync(lockFile, 'provider = "postgresql"\n')

const replaced = values.replace ? takeOut(name) : undefined
const directory = replaced?.directory ?? `${timestamp(new Date())}_${name}`
try {
  const { exitCode, stdout } = diffMigrationsToSchema('--script')
  if (exitCode === 0) throw new Error('prisma/migrations already leads to prisma/schema.')
  write(directory, `${stdout.trim()}\n`)
  console.log(`prisma/migrations/${directory}/migration.sql`)
} catch (error) {
  if (replaced) write(directory, replaced.sql)
  fail(error.message)
}

function write(directory, sql) {
  mkdirSync(join(migrationsDirectory, directory))
  writeFileSync(join(migrationsDirectory, directory, 'migration.sql'), sql)
}

/** Only the last migration can be replaced; the others have successors that build on them. */
function takeOut(name) {
  const last = readdirSync(migrationsDirectory)
    .filter((entry) => /^\d/.test(entry))
    .sort()
    .at(-1)
  if (!last?.endsWith(`_${name}`)) fail(`The last migration is ${last}, not ${name}.`)
  const sql = readFileSync(join(migrationsDirectory, last, 'migration.sql'))
  rmSync(join(migrationsDirectory, last), { recursive: true })
  return { directory: last, sql }
}

function timestamp(date) {
  return date.toISOString().replace(/\D/g, '').slice(0, 14)
}

function fail(message) {
  console.error(message)
  process.exit(1)
}
