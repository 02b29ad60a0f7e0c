import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { newTemplate } from '../../src/db/embedded/template.ts'

let template: Promise<Buffer> | undefined

/** Made once per worker: it takes some seconds. */
export function embeddedTemplate(): Promise<Buffer> {
  template ??= newTemplate()
  return template
}

/** A folder for the running test, with the template in a file. */
export async function embeddedFolder(): Promise<{ folder: string; dataDir: string; template: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'baleen-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'template.tar.gz')
  await writeFile(file, await embeddedTemplate())
  return { folder, dataDir: join(folder, 'data'), template: file }
}
