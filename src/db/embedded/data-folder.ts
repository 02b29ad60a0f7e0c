import { existsSync } from 'node:fs'
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { newTemplate } from './template.ts'

/**
 * Makes the data folder of a new database, whole or not at all: it appears by a rename, flushed to disk before.
 * `template` is the path of an archive made by `newTemplate`; without that file, one is made on the spot.
 */
export async function makeDataFolder(folder: string, template: string): Promise<void> {
  if (existsSync(folder)) return
  const unfinished = `${folder}.unfinished`
  await rm(unfinished, { recursive: true, force: true })
  const archive = existsSync(template) ? await readFile(template) : await newTemplate()
  await unpack(gunzipSync(archive), unfinished)
  await rename(unfinished, folder)
  await flushFolder(dirname(folder))
}

interface Entry {
  name: string
  isFolder: boolean
  content: Buffer
}

async function unpack(tar: Buffer, target: string): Promise<void> {
  await mkdir(target, { mode: 0o700 })
  const entries = [...readTar(tar)]
  const folders = entries.filter((entry) => entry.isFolder).map((entry) => join(target, entry.name))
  for (const folder of folders) await mkdir(folder, { mode: 0o700, recursive: true })
  const files = entries.filter((entry) => !entry.isFolder)
  await Promise.all(
    files.map(({ name, content }) => writeFile(join(target, name), content, { mode: 0o600, flush: true })),
  )
  for (const folder of [...folders, target]) await flushFolder(folder)
}

/** Reads the plain ustar entries PGlite writes: names under 100 bytes, files and folders only. */
function* readTar(tar: Buffer): Generator<Entry> {
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const text = (from: number, length: number) =>
      tar.toString('utf8', at + from, at + from + length).replace(/\0.*$/s, '')
    const size = Number.parseInt(text(124, 12), 8) || 0
    const start = at + 512
    yield { name: text(0, 100), isFolder: text(156, 1) === '5', content: tar.subarray(start, start + size) }
    at = start + Math.ceil(size / 512) * 512
  }
}

async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
