import { randomUUID } from 'node:crypto'
import { closeSync, existsSync, fstatSync, openSync, statSync } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { tryLock } from 'fs-native-extensions'

/** Where this process writes files that are not whole yet; no other process touches it while this one runs. */
export interface UnfinishedFiles {
  /** A name that nobody has. */
  newPath(): Promise<string>
  /** Removes what processes left behind that no longer run, however they ended. */
  clear(): Promise<void>
  /** Once or more. */
  close(): Promise<void>
}

interface Place {
  fd: number
  folder: string
}

/** The kernel lets go of a lock when its process ends, so what is unlocked is nobody's. */
const lockSuffix = '.lock'

export function unfinishedFiles(parent: string): UnfinishedFiles {
  let place: Promise<Place> | undefined
  return {
    async newPath() {
      place ??= takePlace(parent)
      return join((await place).folder, randomUUID())
    },
    async clear() {
      const names = await readdir(parent).catch(ifMissing<string[]>([]))
      for (const name of names) if (name.endsWith(lockSuffix)) await clearPlace(join(parent, name))
    },
    async close() {
      const taken = await place?.catch(() => undefined)
      place = undefined
      if (taken === undefined) return
      await removePlace(`${taken.folder}${lockSuffix}`)
      closeSync(taken.fd)
    },
  }
}

async function takePlace(parent: string): Promise<Place> {
  await mkdir(parent, { recursive: true, mode: 0o700 })
  for (;;) {
    const folder = join(parent, randomUUID())
    const fd = lock(`${folder}${lockSuffix}`, 'a')
    if (fd === undefined) continue
    await mkdir(folder, { mode: 0o700 })
    return { fd, folder }
  }
}

async function clearPlace(lockFile: string): Promise<void> {
  const fd = lock(lockFile, 'r+')
  if (fd === undefined) return
  try {
    await removePlace(lockFile)
  } finally {
    closeSync(fd)
  }
}

/** The lock file goes last: without it nobody would know of the folder. */
async function removePlace(lockFile: string): Promise<void> {
  await rm(lockFile.slice(0, -lockSuffix.length), { recursive: true, force: true })
  await rm(lockFile, { force: true })
}

/** Undefined = somebody has it, or has just removed it. */
function lock(path: string, flags: 'a' | 'r+'): number | undefined {
  if (flags === 'r+' && !existsSync(path)) return undefined
  const fd = openSync(path, flags, 0o600)
  if (tryLock(fd) && statSync(path, { throwIfNoEntry: false })?.ino === fstatSync(fd).ino) return fd
  closeSync(fd)
  return undefined
}

export function ifMissing<Value>(value: Value): (error: unknown) => Value {
  return (error) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return value
    throw error
  }
}
