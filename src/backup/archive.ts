import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { extract, type Pack, pack } from 'tar-stream'

/** The last entry: the others with their SHA-256. An archive without it was cut off. */
const sumsName = 'SHA256SUMS'

/** The message is for the admin. */
export class BackupError extends Error {
  override name = 'BackupError'
}

/** Writes a tar file that appears under its name once it is whole; only this user may read it. */
export class ArchiveWriter {
  readonly #pack: Pack = pack()
  readonly #path: string
  readonly #unfinished: string
  readonly #written: Promise<unknown>
  readonly #sums: string[] = []

  private constructor(path: string, unfinished: string, file: FileHandle) {
    this.#path = path
    this.#unfinished = unfinished
    this.#written = pipeline(this.#pack, file.createWriteStream({ flush: true }))
    // Whoever adds an entry hears of it.
    this.#written.catch(() => undefined)
  }

  static async create(path: string): Promise<ArchiveWriter> {
    const unfinished = `${path}.unfinished`
    // Whoever made a file or link of this name could read what is written there.
    await rm(unfinished, { force: true })
    return new ArchiveWriter(path, unfinished, await open(unfinished, 'wx', 0o600))
  }

  async add(name: string, content: Buffer): Promise<void> {
    await this.addStream(name, content.length, Readable.from([content], { objectMode: false }))
  }

  /** @param size as many bytes as are read; there may be more by now */
  async addStream(name: string, size: number, content: Readable): Promise<void> {
    const sum = createHash('sha256')
    const entry = this.#pack.entry({ name, size, mode: 0o600, mtime: new Date() })
    const copied = pipeline(summing(content, sum), entry)
    await Promise.race([copied, this.#written.then(() => copied)])
    this.#sums.push(`${sum.digest('hex')}  ${name}`)
  }

  async finish(): Promise<void> {
    const content = Buffer.from(`${this.#sums.join('\n')}\n`)
    this.#pack.entry({ name: sumsName, mode: 0o600 }, content)
    this.#pack.finalize()
    await this.#written
    await rename(this.#unfinished, this.#path)
  }

  async giveUp(): Promise<void> {
    this.#pack.destroy()
    await this.#written.catch(() => undefined)
    await rm(this.#unfinished, { force: true })
  }
}

export interface ArchiveEntry {
  name: string
  size: number
  /** Read it to its end. */
  content: Readable
}

/** The entries of an archive in their order. */
export async function* readArchive(path: string): AsyncGenerator<ArchiveEntry> {
  const entries = extract()
  const read = pipeline(createReadStream(path), entries).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') throw new BackupError(`There is no file ${path}.`)
    // Whoever stops early closes the file.
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw damaged(path, cause)
  })
  read.catch(() => undefined)
  try {
    for await (const entry of entries) {
      const { name, size = 0 } = entry.header
      yield {
        name,
        size,
        content: Readable.from(whole(entry as unknown as AsyncIterable<Buffer>, path), { objectMode: false }),
      }
    }
  } catch (error) {
    await read
    throw error instanceof BackupError ? error : damaged(path, error)
  }
  await read
}

async function* whole(entry: AsyncIterable<Buffer>, path: string): AsyncGenerator<Buffer> {
  try {
    yield* entry
  } catch (error) {
    throw damaged(path, error)
  }
}

/**
 * Reads a whole archive and checks every sum.
 * @param take is handed each entry and may read it
 * @throws BackupError
 */
export async function checkArchive(path: string, take: (entry: ArchiveEntry) => Promise<void>): Promise<void> {
  const found = new Map<string, string>()
  let listed: string | undefined
  for await (const entry of readArchive(path)) {
    if (entry.name === sumsName) {
      listed = (await bytesOf(entry.content)).toString()
      continue
    }
    const sum = createHash('sha256')
    const content = Readable.from(summing(entry.content, sum), { objectMode: false })
    await take({ ...entry, content })
    if (!content.readableEnded) await drain(content)
    found.set(entry.name, sum.digest('hex'))
  }
  if (listed === undefined) throw new BackupError(`${path} is not a whole backup: its end is missing.`)
  for (const line of listed.trim().split('\n')) {
    const [sum, name = ''] = line.split('  ')
    if (found.get(name) !== sum) throw new BackupError(`${path} is damaged: ${name} is not what was backed up.`)
    found.delete(name)
  }
  const [foreign] = found.keys()
  if (foreign !== undefined) throw new BackupError(`${path} holds ${foreign}, which was not backed up.`)
}

export async function bytesOf(content: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of content) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function* summing(content: AsyncIterable<Buffer>, sum: Hash): AsyncGenerator<Buffer> {
  for await (const chunk of content) {
    sum.update(chunk)
    yield chunk
  }
}

async function drain(content: Readable): Promise<void> {
  for await (const _ of content);
}

function damaged(path: string, cause: unknown): BackupError {
  return new BackupError(`${path} is not a backup, or is damaged.`, { cause })
}
