import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = new URL('../../', import.meta.url)
const prisma = new URL('build/index.js', import.meta.resolve('prisma/package.json'))

export const migrationsDirectory = fileURLToPath(new URL('prisma/migrations', root))

/**
 * Applies all migrations to a new PGlite in memory and compares it with prisma/schema.
 * `exitCode` is 0 when they agree and 2 when they differ; everything else throws.
 */
export function diffMigrationsToSchema(...options) {
  const from = ['--from-migrations', 'prisma/migrations']
  const to = ['--to-schema', 'prisma/schema', '--exit-code', ...options]
  const { DATABASE_URL: _, ...env } = process.env
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [fileURLToPath(prisma), 'migrate', 'diff', ...from, ...to],
    { cwd: root, env, encoding: 'utf8' },
  )
  // The CLI also exits with 0 when the engine has died without an answer.
  const agrees = status === 0 && /No difference detected|This is an empty migration/.test(stdout)
  if (!agrees && status !== 2) throw new Error(`prisma migrate diff failed.\n${stdout}${stderr}`)
  return { exitCode: status, stdout }
}
