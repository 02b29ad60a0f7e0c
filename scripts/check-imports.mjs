/** Fails when a file of src/ imports what it may not (.dependency-cruiser.cjs), or was not looked at. */
import { spawnSync } from 'node:child_process'
import { filesIn } from './build/inputs.mjs'

const { stdout, stderr } = spawnSync(
  process.execPath,
  ['node_modules/dependency-cruiser/bin/dependency-cruise.mjs', 'src', '--output-type', 'json'],
  { encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 },
)
if (!stdout.startsWith('{')) throw new Error(`dependency-cruiser failed: ${stderr}`)
const { modules, summary } = JSON.parse(stdout)

// Without a TypeScript it can use, dependency-cruiser finds nothing and is content.
const seen = new Set(modules.map(({ source }) => source))
const sources = filesIn('src').filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'))
const unseen = sources.filter((file) => !seen.has(file) && !file.startsWith('src/db/generated/'))

for (const { rule, from, to } of summary.violations) console.error(`${rule.name}: ${from} → ${to}`)
for (const file of unseen) console.error(`not looked at: ${file}`)
const count = sources.length - unseen.length
console.error(`${count} files of src/, ${summary.totalDependenciesCruised} imports`)
process.exitCode = summary.violations.length + unseen.length > 0 || count === 0 ? 1 : 0
