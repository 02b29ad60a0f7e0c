import type { FastifyRequest } from 'fastify'
import { userOf } from '../../access/principal.ts'
import { type ArrivingFile, type FileTaker, fileField } from '../../http/multipart.ts'
import { isAudioExtension, mimetypeOfAudio, recogniseAudio, tellingBytes } from '../../media/audio/formats.ts'
import type { MediaFiles, StoredFile } from '../../media/media-files.ts'
import { remainingBytes } from '../../media/quota.ts'
import type { Services } from '../../services.ts'

/** An audio file that is on the disk, and what can be told without reading it. */
export interface AudioFacts extends StoredFile {
  mimetype: string | null
  extension: string
}

/** A file that has arrived. Out of reach for what walks through bodies. */
export class ArrivedAudio {
  readonly #facts: AudioFacts
  readonly #isBeyondQuota: boolean

  constructor(facts: AudioFacts, isBeyondQuota: boolean) {
    this.#facts = facts
    this.#isBeyondQuota = isBeyondQuota
  }

  get facts(): AudioFacts {
    return this.#facts
  }

  /** It was longer than its sender may upload, so only its beginning is there. */
  get isBeyondQuota(): boolean {
    return this.#isBeyondQuota
  }
}

export const arrivedAudio = fileField(ArrivedAudio, ({ facts }) => facts.size)

/** Puts the audio files of requests on the disk as they arrive, and takes away what no upload came of. */
export interface AudioIntake {
  takeFile(request: FastifyRequest): Promise<FileTaker>
  /** The file is an upload's from here on. */
  keep(request: FastifyRequest, audio: ArrivedAudio | undefined): void
  /** For when a request is over, however it went. */
  discardRest(request: FastifyRequest): Promise<void>
}

export function createAudioIntake({ db, media, settings }: Pick<Services, 'db' | 'media' | 'settings'>): AudioIntake {
  const arrived = new WeakMap<FastifyRequest, Set<string>>()
  const promised = new PromisedSpace()
  return {
    takeFile: async (request) => {
      const keys = new Set<string>()
      arrived.set(request, keys)
      const { userId } = userOf(request)
      const free = await remainingBytes(db, userId, settings.get('users__upload_quota'))
      const remaining = promised.promise(request, { userId, free })
      return {
        // Of a file of no bytes nobody can tell that it was longer.
        largest: Math.max(remaining, 1),
        take: async (file) => {
          const facts = await storeAudio(media, file)
          keys.add(facts.fileKey)
          return new ArrivedAudio(facts, file.isCut())
        },
      }
    },
    keep: (request, audio) => {
      promised.release(request)
      if (audio !== undefined) arrived.get(request)?.delete(audio.facts.fileKey)
    },
    discardRest: async (request) => {
      promised.release(request)
      for (const fileKey of arrived.get(request) ?? []) await media.remove(fileKey)
    },
  }
}

/**
 * What users may fill with files that are arriving. Their rows come later, so the quota alone would let any number of files
 * arrive at once.
 */
class PromisedSpace {
  readonly #byUser = new Map<number, Map<FastifyRequest, number>>()

  /** @returns the bytes that this request may take of those that are free */
  promise(request: FastifyRequest, { userId, free }: { userId: number; free: number }): number {
    const ofUser = this.#byUser.get(userId) ?? new Map<FastifyRequest, number>()
    const left = [...ofUser.values()].reduce((space, bytes) => space - bytes, free)
    // Gone already: nobody would release it.
    if (request.raw.destroyed) return 0
    const length = request.headers['content-length']
    this.#byUser.set(userId, ofUser.set(request, Math.max(0, Math.min(left, Number(length ?? left)))))
    return left
  }

  release(request: FastifyRequest): void {
    for (const [userId, ofUser] of this.#byUser) {
      if (ofUser.delete(request) && ofUser.size === 0) this.#byUser.delete(userId)
    }
  }
}

async function storeAudio(media: MediaFiles, { content, name }: ArrivingFile): Promise<AudioFacts> {
  const named = extensionOf(name)
  const stored = await media.store(content, { extension: named })
  return { ...stored, ...(await recogniseStored(media, stored, named)) }
}

/** By content; what does not tell is believed by its name. */
export async function recogniseStored(media: MediaFiles, { fileKey, size }: StoredFile, named: string) {
  const beginning = size === 0 ? undefined : await media.open(fileKey, { start: 0, end: tellingBytes - 1 })
  const bytes = Buffer.concat((await beginning?.toArray()) ?? [])
  const found = recogniseAudio(bytes)
  const extension = found ?? named
  return { extension, mimetype: isAudioExtension(extension) ? mimetypeOfAudio(extension) : null }
}

/** `bin` where a name has none that could be kept. */
function extensionOf(name: string): string {
  return /\.([a-z\d]{1,10})$/.exec(name.toLowerCase())?.[1] ?? 'bin'
}
