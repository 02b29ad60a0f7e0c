import { fileURLToPath } from 'node:url'
import { defineConfig } from 'prisma/config'

// Prisma would download a native engine; ours runs its WebAssembly build from npm (docs/decisions/0001-prisma-offline.md).
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= fileURLToPath(new URL('scripts/prisma/schema-engine.mjs', import.meta.url))

const url = process.env.DATABASE_URL

export default defineConfig({
  schema: 'prisma/schema',
  migrations: { path: 'prisma/migrations' },
  ...(url ? { datasource: { url } } : {}),
})
