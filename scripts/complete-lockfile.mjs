/**
 * Enters into package-lock.json the optional packages for other platforms that `npm install` left out because the registry
 * at hand does not have them: without these entries `npm ci` refuses the file. With `--check`, only says what is missing.
 */
import { readFileSync, writeFileSync } from 'node:fs'

const file = new URL('../package-lock.json', import.meta.url)
const lock = JSON.parse(readFileSync(file, 'utf8'))
const { packages } = lock

const systems = /android|darwin|win32|freebsd|openharmony|linux|openbsd|netbsd|sunos|aix/
const processors = /arm64|x64|ia32|ppc64|riscv64|s390x|loong64|mips64el|wasm32|arm(?!64)/

const added = []
for (const [path, { optionalDependencies = {}, dev }] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (packages[`${path}/node_modules/${name}`] || packages[`node_modules/${name}`]) continue
    packages[`node_modules/${name}`] = { version, ...(dev && { dev }), optional: true, ...platformOf(name) }
    added.push(`${name}@${version}`)
  }
}

if (added.length === 0) process.exit()
if (process.argv.includes('--check')) {
  console.error(`package-lock.json lacks ${added.join(', ')}; run node scripts/complete-lockfile.mjs`)
  process.exit(1)
}
const sorted = Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1))
writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`)
console.log(`Added ${added.length} packages for other platforms to package-lock.json.`)

/** Such packages carry their platform in their name. */
function platformOf(name) {
  const cpu = processors.exec(name)?.[0]
  const os = systems.exec(name)?.[0]
  return { ...(cpu && { cpu: [cpu] }), ...(os && { os: [os] }), ...(name.includes('musl') && { libc: ['musl'] }) }
}
