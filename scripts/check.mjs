/**
 * Everything that CI runs, quick checks first. Stops at the first that fails. `--no-tests` leaves out the tests, other
 * arguments go to vitest.
 */
import { spawnSync } from 'node:child_process'
import { generateClient } from './build/prisma-client.mjs'

const checks = {
  'format and lint': ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings'],
  types: ['node_modules/typescript/bin/tsc', '--noEmit', '--pretty'],
  'import rules': ['scripts/check-imports.mjs'],
  'dead code': ['node_modules/knip/bin/knip.js', '--no-progress'],
  migrations: ['scripts/check-migrations.mjs'],
  'lock file': ['scripts/complete-lockfile.mjs', '--check'],
}

function node(args, stdio) {
  return spawnSync(process.execPath, args, { stdio, encoding: 'utf8' })
}

function check(name, args) {
  const since = performance.now()
  const { status, stdout, stderr } = node(args, 'pipe')
  const seconds = ((performance.now() - since) / 1000).toFixed(1)
  console.log(`${status === 0 ? '✔' : '✘'} ${name} (${seconds} s)`)
  if (status === 0) return
  console.log(`${stdout}${stderr}`.trim())
  console.log(`\nnpm run check stopped: ${name} failed.`)
  process.exit(1)
}

await generateClient()
for (const [name, args] of Object.entries(checks)) check(name, args)
const wanted = process.argv.slice(2)
if (!wanted.includes('--no-tests')) process.exitCode = node(['scripts/test.mjs', ...wanted], 'inherit').status ?? 1
