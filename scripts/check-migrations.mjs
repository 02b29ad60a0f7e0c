/** Fails when prisma/schema and prisma/migrations say different things. Needs no database. */
import { diffMigrationsToSchema } from './prisma/diff.mjs'

const { exitCode, stdout } = diffMigrationsToSchema()
if (exitCode !== 0) {
  console.error('prisma/migrations does not lead to prisma/schema. What is missing:')
  console.error(stdout.trim())
  console.error('Write it with: node scripts/prisma/new-migration.mjs <name>')
  process.exit(1)
}
