import { cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { filesIn, hashOf, root } from './inputs.mjs'
import { alone } from './lock.mjs'
import { generateIfNeeded } from './prisma-client.mjs'
import { isInstalled, run } from './run.mjs'

const dist = join(root, 'dist')
/** Takes the place of dist/ when it is whole. */
const unfinished = join(root, 'dist.new')
const template = 'db/embedded/template.tar.gz'
const stampFile = 'build.json'

const inputs = [
  'src',
  'prisma/schema',
  'prisma.config.ts',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'scripts/build',
]
const generated = 'src/db/generated/'

/**
 * Builds dist/ if the sources are not those it was built from, and says whether it did. Ends the process if it cannot.
 * Where the development dependencies are not installed, dist/ is taken as it is.
 */
export async function bringUpToDate() {
  try {
    if (isUpToDate()) return false
    if (isInstalled('typescript/bin/tsc') && isInstalled('prisma/build/index.js')) return await alone(build)
    if (existsSync(join(dist, 'server.js'))) return false
    throw new Error('There is no dist/ folder, and no development dependencies to build it with: run `npm ci`.')
  } catch (error) {
    process.stderr.write(`Building Baleen failed.\n${error.message}\n`)
    process.exit(1)
  }
}

function currentStamp() {
  return {
    inputs: hashOf(inputs, { except: generated }),
    template: hashOf(['src/db/embedded/template.ts', 'node_modules/@electric-sql/pglite/package.json']),
  }
}

function isUpToDate() {
  if (!existsSync(join(root, 'src'))) return existsSync(join(dist, 'server.js'))
  return readStamp()?.inputs === currentStamp().inputs
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(join(dist, stampFile), 'utf8'))
  } catch {
    return undefined
  }
}

async function build() {
  if (isUpToDate()) return false
  const isFirst = !existsSync(dist)
  process.stderr.write(`Building Baleen (${isFirst ? 'first start only' : 'its sources changed'}, about 10 s)…\n`)
  rmSync(unfinished, { recursive: true, force: true })
  try {
    await fill(unfinished, currentStamp())
    rmSync(dist, { recursive: true, force: true })
    renameSync(unfinished, dist)
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
  return true
}

async function fill(folder, stamp) {
  await generateIfNeeded()
  // Types are checked by `npm run check`; here that would double the time.
  const options = ['--outDir', folder, '--noCheck', '--pretty', 'false']
  await run('typescript/bin/tsc', ['-p', 'tsconfig.build.json', ...options])
  copyAssets(folder)
  await addTemplate(folder, stamp.template)
  writeFileSync(join(folder, stampFile), JSON.stringify(stamp))
}

/** Everything that is neither compiled nor only for running the sources as they are. */
function copyAssets(folder) {
  const assets = filesIn('src').filter((file) => !file.startsWith(generated) && !/\.(ts|tsx|mjs)$/.test(file))
  for (const file of assets) cpSync(join(root, file), join(folder, file.slice('src/'.length)))
}

/** Makes the first start on the embedded database faster; not needed, so not worth failing for. */
async function addTemplate(folder, stamp) {
  const target = join(folder, template)
  if (readStamp()?.template === stamp && existsSync(join(dist, template))) return cpSync(join(dist, template), target)
  try {
    const { newTemplate } = await import(pathToFileURL(join(folder, 'db/embedded/template.js')).href)
    writeFileSync(target, await newTemplate())
  } catch (error) {
    process.stderr.write(`No template for the embedded database: ${error.message}\n`)
  }
}
