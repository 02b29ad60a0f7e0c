#!/usr/bin/env node
console.error('scripts/prisma/schema-engine.mjs: not implemented yet, only `prisma generate` works.')
process.exit(1)
