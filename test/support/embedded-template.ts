import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { newTemplate } from '../../src/db/embedded/template.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

let file: Promise<string> | undefined

/** The path of a template, kept between test runs: making one takes some seconds. */
export function embeddedTemplate(): Promise<string> {
  file ??= cachedTemplate()
  return file
}

async function cachedTemplate(): Promise<string> {
  const hash = createHash('sha256')
  for (const path of ['src/db/embedded/template.ts', 'node_modules/@electric-sql/pglite/package.json']) {
    hash.update(await readFile(join(root, path)))
  }
  const cached = join(root, 'node_modules/.cache/baleen', `template-${hash.digest('hex').slice(0, 16)}.tar.gz`)
  if (existsSync(cached)) return cached
  const unfinished = `${cached}.${randomUUID()}`
  await mkdir(dirname(cached), { recursive: true })
  await writeFile(unfinished, await newTemplate())
  await rename(unfinished, cached)
  return cached
}

/** A data folder yet to be made, removed when the running test is over. */
export async function embeddedFolder(): Promise<{ folder: string; dataDir: string; template: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'baleen-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return { folder, dataDir: join(folder, 'data'), template: await embeddedTemplate() }
}
