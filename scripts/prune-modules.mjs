/**
 * Leaves in node_modules what a pod in production can load, for small images. `npm prune --omit=dev` keeps what is a peer of
 * something, even an optional one, such as Prisma's command line with 200 MB.
 */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { filesIn, root } from './build/inputs.mjs'

const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))

/** Where a package finds another: in its own node_modules, or in those of the folders around it. */
function resolve(from, name) {
  const own = `${from === '' ? '' : `${from}/`}node_modules/${name}`
  if (own in packages) return own
  return from === '' ? undefined : resolve(from.slice(0, Math.max(0, from.lastIndexOf('node_modules/') - 1)), name)
}

function namesNeededBy({ dependencies, optionalDependencies, peerDependencies = {}, peerDependenciesMeta = {} }) {
  const peers = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional)
  return [...Object.keys(dependencies ?? {}), ...Object.keys(optionalDependencies ?? {}), ...peers]
}

function neededPackages() {
  const needed = new Set([''])
  for (const path of needed) {
    for (const name of namesNeededBy(packages[path])) {
      const found = resolve(path, name)
      if (found !== undefined && !found.startsWith('node_modules/@types/')) needed.add(found)
    }
  }
  return needed
}

/** Deepest first, so that what is nested in a needed package is judged by itself. */
function removeUnneededPackages() {
  const needed = neededPackages()
  const holdsNeeded = (path) => [...needed].some((other) => other.startsWith(`${path}/node_modules/`))
  for (const path of Object.keys(packages).reverse()) {
    if (!needed.has(path) && !holdsNeeded(path)) rmSync(join(root, path), { recursive: true, force: true })
  }
  rmSync(join(root, 'node_modules/.bin'), { recursive: true, force: true })
}

/** Files of needed packages that nothing loads: for developers, for other databases, for other platforms. */
const neverLoaded = [
  /\.(map|ts|mts|cts)$/,
  /^(@[^/]+\/)?[^/]+\/(tests?|benchmarks?|examples?)\//,
  /^@prisma\/client\/runtime\/.*\.(cockroachdb|mysql|sqlite|sqlserver)\./,
  /^@prisma\/client\/runtime\/(query_compiler_small|wasm-compiler-edge)/,
  // ES modules have the same as .mjs.
  /^@prisma\/client\/runtime\/query_compiler_fast_bg\..*\.js$/,
  /^@electric-sql\/pglite\/dist\/.*\.tar\.gz$/,
  /^@fastify\/swagger-ui\/static\/swagger-ui\.js$/,
  new RegExp(`(^|/)prebuilds/(?!${process.platform}-${process.arch}/)`),
]

function removeFiles() {
  for (const file of filesIn('node_modules')) {
    const path = file.slice('node_modules/'.length)
    if (neverLoaded.some((pattern) => pattern.test(path))) rmSync(join(root, file))
  }
}

removeUnneededPackages()
removeFiles()
