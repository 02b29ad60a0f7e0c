import { readdir, stat } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { isAudioExtension } from '../../../media/audio/formats.ts'

export interface FolderFile {
  path: string
  /** From the folder, with slashes. */
  name: string
  extension: string
}

/** The audio files in a folder and the folders in it, by name; or the one file that the path names. Hidden ones are passed over. */
export async function listAudioFiles(path: string): Promise<FolderFile[]> {
  if ((await stat(path)).isFile()) return describe(path, join(path, '..'))
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .flatMap(({ parentPath, name }) => describe(join(parentPath, name), path))
  return files.sort((one, other) => (one.name < other.name ? -1 : 1))
}

function describe(path: string, folder: string): FolderFile[] {
  const name = relative(folder, path).split(sep).join('/')
  const extension = extname(path).slice(1).toLowerCase()
  const isHidden = name.split('/').some((part) => part.startsWith('.'))
  return isAudioExtension(extension) && !isHidden ? [{ path, name, extension }] : []
}
