import { z } from 'zod'
import { BackupError, bytesOf, readArchive } from './archive.ts'

export const manifestName = 'baleen-backup.json'

/** What an archive holds; its first entry. */
const manifest = z.object({
  format: z.literal(1),
  /** Of the Baleen that made it. */
  version: z.string(),
  createdAt: z.iso.datetime(),
  publicUrl: z.string(),
  /** Names of the migrations that its database had. */
  migrations: z.array(z.string()).min(1),
  tables: z.array(z.object({ name: z.string(), columns: z.array(z.string()).min(1) })),
  sequences: z.array(z.object({ name: z.string(), value: z.string().regex(/^\d+$/), isCalled: z.boolean() })),
})

export type Manifest = z.output<typeof manifest>
export type Table = Manifest['tables'][number]

/** @throws BackupError */
export async function readManifest(path: string): Promise<Manifest> {
  for await (const { name, content } of readArchive(path)) {
    if (name !== manifestName) break
    const text = (await bytesOf(content)).toString()
    const read = manifest.safeParse(jsonOf(text))
    if (read.success) return read.data
    throw new BackupError(`${path} was made by a release of Baleen that this one does not understand.`)
  }
  throw new BackupError(`${path} is not a backup of Baleen.`)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
