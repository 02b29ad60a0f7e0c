import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** One hash of the names and contents of files and folders, given relative to the project; missing ones count as such. */
export function hashOf(paths, { except } = {}) {
  const hash = createHash('sha256')
  for (const file of paths.flatMap(filesIn).filter((file) => except === undefined || !file.startsWith(except))) {
    hash.update(`${file}\0`)
    hash.update(
      createHash('sha256')
        .update(readFileSync(join(root, file)))
        .digest(),
    )
  }
  return hash.digest('hex')
}

/** Paths relative to the project, with slashes, in an order that does not depend on the file system. */
export function filesIn(path) {
  const start = join(root, path)
  if (!existsSync(start)) return []
  if (statSync(start).isFile()) return [path]
  return readdirSync(start, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort()
}
