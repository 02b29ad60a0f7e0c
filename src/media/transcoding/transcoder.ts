import { availableParallelism } from 'node:os'
import pLimit from 'p-limit'
import type { DatabaseClient } from '../../db/database.ts'
import type { TranscodedFile } from '../../db/generated/client.ts'
import { notFound, Problem } from '../../lib/problem.ts'
import { SharedWork } from '../../lib/shared-work.ts'
import type { MediaFiles } from '../media-files.ts'
import { createFfmpeg } from './ffmpeg.ts'
import { keepCopiesFew } from './room-for-copies.ts'
import type { Target } from './targets.ts'

/** Makes copies of audio files in other formats and bit rates, and keeps them for a while. */
export interface Transcoder {
  /** A copy that is there already and near enough. */
  find(source: Source, target: Target): Promise<TranscodedFile | undefined>
  /**
   * A copy, made if need be; however many ask for it at the same time, it is made once.
   * @param left aborts when the caller no longer waits
   * @throws Problem `not_implemented`, `unavailable`, `unprocessable`, `not_found`
   */
  copy(source: Source, target: Target, left: AbortSignal): Promise<TranscodedFile>
  /** Ends what is under way. */
  stop(): Promise<void>
}

interface Source {
  uploadId: number
  fileKey: string
}

/** A copy serves for wishes that differ by so much. */
const tolerance = 0.2
/** Waiting for their turn; beyond it callers are told to come back. */
const queueLimit = 20
/** A player whose proxy lost patience asks again. */
const patienceMs = 30_000

export function createTranscoder(
  db: DatabaseClient,
  { media, ffmpegPath }: { media: MediaFiles; ffmpegPath: string },
): Transcoder {
  const ffmpeg = createFfmpeg(ffmpegPath)
  const shared = new SharedWork<TranscodedFile>(patienceMs)
  const turns = pLimit(Math.max(1, availableParallelism() - 1))
  let isEnding = false

  async function make({ uploadId, fileKey }: Source, target: Target, signal: AbortSignal): Promise<TranscodedFile> {
    const made = await media.withLocalFile(fileKey, (input) =>
      media.make({ extension: target.format }, (output) =>
        ffmpeg.convert({ input, output }, target, signal).catch((error: unknown) => {
          throw signal.aborted ? ending() : unreadable(error)
        }),
      ),
    )
    if (made === undefined) throw notFound('media file')
    const now = new Date()
    const { mimetype, bitrate = 0 } = target
    const data = {
      uploadId,
      mimetype,
      bitrate,
      fileKey: made.fileKey,
      size: made.size,
      createdAt: now,
      accessedAt: now,
    }
    const copy = await db.transcodedFile.create({ data }).catch(async (error: unknown) => {
      await media.remove(made.fileKey)
      throw error
    })
    await keepCopiesFew({ db, media }, uploadId)
    return copy
  }

  async function takeTurn(source: Source, target: Target, signal: AbortSignal): Promise<TranscodedFile> {
    if (!(await ffmpeg.isInstalled())) throw notInstalled()
    if (turns.pendingCount >= queueLimit) throw tooBusy()
    return turns(async () => {
      if (signal.aborted) throw ending()
      return make(source, target, signal)
    })
  }

  async function find(source: Source, target: Target): Promise<TranscodedFile | undefined> {
    const row = await findNear(db, source, target)
    if (row === undefined || (await media.stat(row.fileKey)) !== undefined) return row
    await db.transcodedFile.deleteMany({ where: { id: row.id } })
    return undefined
  }

  return {
    find,
    async copy(source, target, left) {
      const found = await find(source, target)
      if (found !== undefined) return found
      if (isEnding) throw ending()
      const key = `${source.uploadId} ${source.fileKey} ${target.mimetype} ${target.bitrate}`
      return shared.join(key, (signal) => takeTurn(source, target, signal), left)
    },
    async stop() {
      isEnding = true
      await shared.stop()
    },
  }
}

async function findNear(
  db: DatabaseClient,
  { uploadId }: Source,
  { mimetype, bitrate = 0 }: Target,
): Promise<TranscodedFile | undefined> {
  const [least, most] = [Math.ceil(bitrate * (1 - tolerance)), Math.floor(bitrate * (1 + tolerance))]
  const near = await db.transcodedFile.findMany({ where: { uploadId, mimetype, bitrate: { gte: least, lte: most } } })
  const distance = (row: TranscodedFile) => Math.abs(row.bitrate - bitrate)
  return near.toSorted((a, b) => distance(a) - distance(b))[0]
}

function notInstalled(): Problem {
  return new Problem('not_implemented', 'This pod cannot convert audio: ffmpeg is not installed.')
}

function tooBusy(): Problem {
  return new Problem('unavailable', 'Too much audio is being converted right now. Please try again in a minute.', {
    headers: { 'retry-after': '60' },
    cause: 'the transcoding queue is full',
  })
}

function ending(): Problem {
  return new Problem('unavailable', 'The conversion was interrupted. Please try again.', {
    headers: { 'retry-after': '10' },
    cause: 'transcoding was aborted',
  })
}

function unreadable(cause: unknown): Problem {
  return new Problem('unprocessable', 'This audio cannot be converted.', { cause })
}
