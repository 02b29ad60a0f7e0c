import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { chmod, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ifMissing, unfinishedFiles } from './unfinished-files.ts'

/** The audio files of the pod. Nothing else knows where they are; others name them by their keys. */
export interface MediaFiles {
  /**
   * Keeps a file, or nothing of it when its content ends with an error. It is on the disk when this resolves.
   * @param content is read to its end or destroyed
   */
  store(content: Readable, given: FileKind): Promise<StoredFile>
  /** Keeps the file that `write` makes under the local path it is given, or nothing when it throws. */
  make(given: FileKind, write: (path: string) => Promise<void>): Promise<StoredFile>
  /** Undefined = there is no such file. Destroy it unless you read to its end. @param range both ends are included */
  open(fileKey: string, range?: { start: number; end: number }): Promise<Readable | undefined>
  /** Undefined = there is no such file. */
  stat(fileKey: string): Promise<FileFacts | undefined>
  /** For programs that need a path; it is good until `use` is done. Undefined = there is no such file. */
  withLocalFile<Result>(fileKey: string, use: (path: string) => Promise<Result>): Promise<Result | undefined>
  /** Nothing happens if there is none. Remove the row that names the file first. */
  remove(fileKey: string): Promise<void>
  /** Whether the folder was filled by this pod; one that nobody has claimed yet is claimed. */
  belongsTo(pod: string): Promise<boolean>
  /** All files there are, some at a time. */
  list(): AsyncIterable<ListedFile[]>
  /** Removes what was being written by processes that no longer run. */
  clearUnfinished(): Promise<void>
  close(): Promise<void>
}

interface FileKind {
  /** Without dot; lower-case letters and digits. */
  extension: string
}

export interface StoredFile {
  fileKey: string
  /** Bytes. */
  size: number
  /** SHA-256. */
  checksum: Uint8Array<ArrayBuffer>
}

interface FileFacts {
  size: number
  storedAt: Date
}

interface ListedFile {
  fileKey: string
  storedAt: Date
}

const keyPattern = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}\.[\da-z]{1,10}$/

/** Files on the local disk, under `media` in the data folder. */
export function mediaFiles(dataDir: string): MediaFiles {
  const folder = join(dataDir, 'media', 'audio')
  const unfinished = unfinishedFiles(join(dataDir, 'media', 'unfinished'))

  /** A key is never a way out of the folder. */
  function pathOf(fileKey: string): string {
    if (!keyPattern.test(fileKey)) throw new Error('not the key of a media file')
    return join(folder, fileKey.slice(0, 2), fileKey)
  }

  async function publish(path: string, extension: string): Promise<string> {
    const fileKey = `${randomUUID()}.${extension}`
    const target = pathOf(fileKey)
    await mkdir(dirname(target), { recursive: true, mode: 0o700 })
    await rename(path, target)
    await flush(dirname(target))
    await flush(folder)
    return fileKey
  }

  async function keep(extension: string, write: (path: string) => Promise<Omit<StoredFile, 'fileKey'>>) {
    const path = await unfinished.newPath()
    try {
      const facts = await write(path)
      return { fileKey: await publish(path, extension), ...facts }
    } catch (error) {
      await rm(path, { force: true })
      throw error
    }
  }

  return {
    async store(content, { extension }) {
      // Nobody else may listen yet for a client that goes away.
      content.on('error', () => undefined)
      try {
        return await keep(extension, (path) => writeContent(content, path))
      } catch (error) {
        content.destroy()
        throw error
      }
    },
    make: (given, write) =>
      keep(given.extension, async (path) => {
        await write(path)
        await chmod(path, 0o600)
        await flush(path)
        return readFacts(path)
      }),
    open: (fileKey, range) => openFile(pathOf(fileKey), range),
    stat: (fileKey) => factsOf(pathOf(fileKey)),
    async withLocalFile(fileKey, use) {
      const path = pathOf(fileKey)
      return (await factsOf(path)) === undefined ? undefined : use(path)
    },
    remove: (fileKey) => rm(pathOf(fileKey), { force: true }),
    belongsTo: (pod) => claimFolder(join(dataDir, 'media'), pod),
    list: () => listFiles(folder),
    clearUnfinished: () => unfinished.clear(),
    close: () => unfinished.close(),
  }
}

async function writeContent(content: Readable, path: string): Promise<Omit<StoredFile, 'fileKey'>> {
  const meter = measure()
  const file = createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true })
  // A content that ends at once does so before the file is there to be removed.
  await pipeline(content, meter.stream, file).finally(() => file.closed || once(file, 'close'))
  return meter.facts()
}

async function readFacts(path: string): Promise<Omit<StoredFile, 'fileKey'>> {
  const meter = measure()
  await pipeline(createReadStream(path), meter.stream.resume())
  return meter.facts()
}

function measure() {
  const hash = createHash('sha256')
  let size = 0
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      size += chunk.length
      done(null, chunk)
    },
  })
  return { stream, facts: () => ({ size, checksum: new Uint8Array(hash.digest()) }) }
}

async function openFile(path: string, range?: { start: number; end: number }): Promise<Readable | undefined> {
  const file = await open(path).catch(ifMissing(undefined))
  return file?.createReadStream(range ?? {})
}

async function factsOf(path: string): Promise<FileFacts | undefined> {
  const facts = await stat(path).catch(ifMissing(undefined))
  return facts && { size: facts.size, storedAt: facts.mtime }
}

async function claimFolder(folder: string, pod: string): Promise<boolean> {
  const path = join(folder, 'filled-by')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(path, pod, { flag: 'wx', mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  return (await readFile(path, 'utf8')) === pod
}

async function* listFiles(folder: string): AsyncIterable<ListedFile[]> {
  for (const part of await readdir(folder).catch(ifMissing<string[]>([]))) {
    const names = (await readdir(join(folder, part))).filter((name) => keyPattern.test(name))
    const files = await Promise.all(
      names.map(async (name) => ({ fileKey: name, facts: await factsOf(join(folder, part, name)) })),
    )
    yield files.flatMap(({ fileKey, facts }) => (facts === undefined ? [] : [{ fileKey, storedAt: facts.storedAt }]))
  }
}

/** A name or a content is only sure to outlive a power cut once this is done. */
async function flush(path: string): Promise<void> {
  const handle = await open(path)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
