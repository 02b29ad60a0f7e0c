import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { setTimeout } from 'node:timers/promises'
import type { Library, Upload } from '../../../db/generated/client.ts'
import { cutText } from '../../../lib/text.ts'
import type { Services } from '../../../services.ts'
import { recogniseStored } from '../audio-intake.ts'
import { columnsOf } from '../create-upload.ts'
import type { FolderFile } from './folder-files.ts'

type Needed = Pick<Services, 'db' | 'jobs' | 'media'>

/** How far an import of many files is. */
export interface FolderProgress {
  total: number
  /** Looked at: copied, or found to be there. */
  read: number
  /** Of them, those that need nothing more. */
  done: number
}

export interface FolderResult {
  imported: number
  /** In this library since an earlier import. */
  present: number
  /** Other files have the same track. */
  duplicates: number
  failed: { file: string; reason: string }[]
}

const lookEveryMs = 300
const idsAtOnce = 1000

/**
 * Imports audio files into a library, whatever quota its owner has. A file whose content is in the library already is passed
 * over, and one whose import failed is tried again, so that an import that was interrupted goes on where it was. Somebody has
 * to do the jobs meanwhile: this process, the pod, or both.
 */
export async function importFolder(
  services: Needed,
  { library, files }: { library: Library; files: readonly FolderFile[] },
  onProgress: (progress: FolderProgress) => void,
): Promise<FolderResult> {
  const result: FolderResult = { imported: 0, present: 0, duplicates: 0, failed: [] }
  const waiting = new Map<number, FolderFile>()
  const tell = (read: number) => onProgress({ total: files.length, read, done: read - waiting.size })
  const reference = randomUUID()
  for (const [index, file] of files.entries()) {
    const begun = await begin(services, { library, file, reference }).catch((error: unknown) => {
      result.failed.push({ file: file.name, reason: reasonOf(error) })
      return undefined
    })
    if (begun === 'present') result.present += 1
    else if (begun !== undefined) waiting.set(begun, file)
    if (index % 10 === 9) await collect(services, waiting, result)
    tell(index + 1)
  }
  while ((await collect(services, waiting, result)) > 0) {
    tell(files.length)
    await setTimeout(lookEveryMs)
  }
  tell(files.length)
  return result
}

interface Begun {
  library: Library
  file: FolderFile
  reference: string
}

/** @returns the upload that is being imported */
async function begin({ db, jobs, media }: Needed, { library, file, reference }: Begun): Promise<number | 'present'> {
  const there = await findSame({ db }, library, file)
  if (there?.importStatus === 'finished' || there?.importStatus === 'skipped') return 'present'
  if (there !== undefined) {
    await db.$transaction(async (tx) => {
      await tx.upload.updateMany({ where: { id: there.id }, data: { importStatus: 'pending' } })
      await jobs.add(tx, 'import-upload', [{ uploadId: there.id }])
    })
    return there.id
  }
  const stored = await media.store(createReadStream(file.path), { extension: file.extension })
  const facts = { ...stored, ...(await recogniseStored(media, stored, file.extension)) }
  return db.$transaction(async (tx) => {
    const { id } = await tx.upload.create({
      data: {
        uuid: randomUUID(),
        libraryId: library.id,
        importStatus: 'pending',
        importReference: reference,
        source: cutText(`upload://${file.name}`, 500),
        createdAt: new Date(),
        ...columnsOf(facts),
      },
    })
    await jobs.add(tx, 'import-upload', [{ uploadId: id }])
    return id
  })
}

/** The upload with the same content in the same library. */
async function findSame({ db }: Pick<Needed, 'db'>, { id }: Library, file: FolderFile): Promise<Upload | undefined> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file.path), hash)
  const checksum = new Uint8Array(hash.digest())
  const where = { libraryId: id, checksum, importStatus: { not: 'draft' } }
  return (await db.upload.findFirst({ where, orderBy: { id: 'asc' } })) ?? undefined
}

/** Takes what is imported off the list. @returns how many are left */
async function collect({ db }: Pick<Needed, 'db'>, waiting: Map<number, FolderFile>, result: FolderResult) {
  const ids = [...waiting.keys()].slice(0, idsAtOnce)
  const found = await db.upload.findMany({
    where: { id: { in: ids } },
    select: { id: true, importStatus: true, importDetails: true },
  })
  const byId = new Map(found.map((row) => [row.id, row]))
  for (const id of ids) {
    const row = byId.get(id)
    if (row?.importStatus === 'pending') continue
    const file = waiting.get(id)?.name ?? ''
    waiting.delete(id)
    if (row?.importStatus === 'finished') result.imported += 1
    else if (row?.importStatus === 'skipped') result.duplicates += 1
    else result.failed.push({ file, reason: row === undefined ? 'It was deleted.' : describe(row.importDetails) })
  }
  return waiting.size
}

/** Import details in a sentence. */
function describe(details: unknown): string {
  const { error_code: code, detail } = details as { error_code?: string; detail?: unknown }
  if (typeof detail === 'string') return detail
  if (code !== 'invalid_metadata') return 'The import failed again and again.'
  return `The tags are incomplete: ${Object.keys(detail ?? {}).join(', ')}.`
}

function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? `It cannot be read: ${String(error.code)}.` : String(error)
}
