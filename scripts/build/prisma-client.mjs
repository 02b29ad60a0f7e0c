import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashOf, root } from './inputs.mjs'
import { alone } from './lock.mjs'
import { run } from './run.mjs'

const folder = join(root, 'src/db/generated')
const stamp = join(folder, '.inputs')
const inputs = () => hashOf(['prisma/schema', 'prisma.config.ts', 'package-lock.json'])

/** Generates the Prisma client, unless it is there and made from the same schema. */
export async function generateClient() {
  if (isUpToDate()) return
  await alone(generateIfNeeded)
}

/** For the holder of the lock. */
export async function generateIfNeeded() {
  if (isUpToDate()) return
  const hash = inputs()
  rmSync(stamp, { force: true })
  await run('prisma/build/index.js', ['generate'])
  writeFileSync(stamp, hash)
}

function isUpToDate() {
  try {
    return readFileSync(stamp, 'utf8') === inputs()
  } catch {
    return false
  }
}
