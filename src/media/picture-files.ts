import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { type Picture, type PictureFormat, type PictureVersion, pictureVersions } from './pictures.ts'
import { ifMissing } from './unfinished-files.ts'

const extensions = { jpeg: 'jpg', png: 'png', webp: 'webp' } as const satisfies Record<PictureFormat, string>

/** The files of pictures, in the data folder. Nothing else knows where they are. */
export interface PictureFiles {
  /** Keeps all versions of a picture, or none. */
  keep(uuid: string, picture: Picture): Promise<void>
  /** undefined = there is no such file. */
  read(uuid: string, fileName: string): Promise<PictureFile | undefined>
  /** Nothing happens if there are none. */
  remove(uuid: string): Promise<void>
  /** All pictures there are, also unfinished ones, some at a time. */
  list(): AsyncIterable<{ uuid: string; storedAt: Date }[]>
}

interface PictureFile {
  format: PictureFormat
  size: number
  content: Readable
}

export function pictureFiles(dataDir: string): PictureFiles {
  const folder = join(dataDir, 'media', 'attachments')
  const folderOf = (uuid: string) => join(folder, uuid.slice(0, 2), uuid)
  const unfinishedOf = (uuid: string) => join(folder, 'unfinished', uuid)
  return {
    async keep(uuid, picture) {
      const unfinished = unfinishedOf(uuid)
      try {
        await mkdir(unfinished, { recursive: true, mode: 0o700 })
        for (const version of pictureVersions) {
          const content = picture.versions[version]
          await writeFile(join(unfinished, fileNameOf(version, picture.format)), content, { flush: true, mode: 0o600 })
        }
        await mkdir(join(folderOf(uuid), '..'), { recursive: true, mode: 0o700 })
        await rename(unfinished, folderOf(uuid))
      } catch (error) {
        await rm(unfinished, { recursive: true, force: true })
        throw error
      }
    },
    async read(uuid, fileName) {
      const format = isUuid(uuid) ? formatOfFile(fileName) : undefined
      return format === undefined ? undefined : openFile(join(folderOf(uuid), fileName), format)
    },
    async remove(uuid) {
      if (!isUuid(uuid)) return
      for (const path of [folderOf(uuid), unfinishedOf(uuid)]) await rm(path, { recursive: true, force: true })
    },
    list: () => listFolders(folder),
  }
}

/** Where the pod serves a version of a picture. */
export function picturePath(uuid: string, version: PictureVersion, format: PictureFormat): string {
  return `/media/attachments/${uuid}/${fileNameOf(version, format)}`
}

export function isUuid(text: string): boolean {
  return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(text)
}

function fileNameOf(version: PictureVersion, format: PictureFormat): string {
  return `${version}.${extensions[format]}`
}

/** The format of a file that may be asked for by this name. */
function formatOfFile(name: string): PictureFormat | undefined {
  const formats = Object.keys(extensions) as PictureFormat[]
  return formats.find((format) => pictureVersions.some((version) => fileNameOf(version, format) === name))
}

async function* listFolders(folder: string): AsyncIterable<{ uuid: string; storedAt: Date }[]> {
  for (const part of await readdir(folder).catch(ifMissing<string[]>([]))) {
    const uuids = (await readdir(join(folder, part))).filter(isUuid)
    const found = await Promise.all(
      uuids.map(async (uuid) => ({ uuid, facts: await stat(join(folder, part, uuid)).catch(ifMissing(undefined)) })),
    )
    yield found.flatMap(({ uuid, facts }) => (facts === undefined ? [] : [{ uuid, storedAt: facts.mtime }]))
  }
}

async function openFile(path: string, format: PictureFormat): Promise<PictureFile | undefined> {
  try {
    const file = await open(path)
    const { size } = await file.stat()
    return { format, size, content: file.createReadStream() }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
