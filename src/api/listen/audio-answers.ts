import type { FastifyReply, FastifyRequest } from 'fastify'
import { addressOf } from '../../access/rate-limits/identity.ts'
import { standingOf } from '../../access/standing.ts'
import { answerPart } from '../../http/partial-content.ts'
import { chooseTarget, type Target, type Wish } from '../../media/transcoding/targets.ts'
import type { Services } from '../../services.ts'
import { fileNameOf } from '../catalogue/file-name.ts'
import { viewerOf } from '../viewer.ts'
import { openStreams } from './open-streams.ts'
import { findPlayableFile, type PlayableFile } from './playable-file.ts'
import { type ServedFile, transcodedFile, uploadedFile } from './served-file.ts'

/** What somebody wants to hear, and how. */
export interface Asked {
  /** uuids */
  track: string
  upload?: string | undefined
  wish: Wish
  /** Browsers are to keep it rather than play it. */
  isDownload: boolean
}

/** Answers requests for sound. */
export interface AudioAnswers {
  /** @throws Problem `not_found`, those of `answerPart` and those of the transcoder */
  send(request: FastifyRequest, reply: FastifyReply, asked: Asked): Promise<void>
  /** Ends what is being sent. */
  stop(): Promise<void>
}

export function audioAnswers(services: Services): AudioAnswers {
  const { db, media, mediaUsage, settings, transcoder } = services
  const streams = openStreams(db)

  async function copyOf(request: FastifyRequest, reply: FastifyReply, { id, fileKey }: PlayableFile, target: Target) {
    const source = { uploadId: id, fileKey }
    // To make a copy in order to tell its length would be work for nothing (RFC 9110 §9.3.2).
    const isAsked = request.method === 'HEAD'
    const copy = isAsked ? transcoder.find(source, target) : transcoder.copy(source, target, whenGone(reply))
    return transcodedFile(media, target, await copy)
  }

  async function deliver(request: FastifyRequest, reply: FastifyReply, file: PlayableFile, served: ServedFile) {
    const range = answerPart(request, reply, served)
    const content = range && (await media.open(served.fileKey, range))
    if (content === undefined) return void reply.send()
    const { id: uploadId, duration, track } = file
    const { transcodedId } = served
    mediaUsage.note({ uploadId, trackId: track.id, duration, transcodedId, listener: listenerOf(request) })
    streams.add(content, standingOf(request))
    reply.send(content)
  }

  return {
    async send(request, reply, { wish, isDownload, ...asked }) {
      const file = await findPlayableFile(db, viewerOf(request), asked)
      const target = settings.get('music__transcoding_enabled') ? chooseTarget(file, wish) : undefined
      const served = target === undefined ? await uploadedFile(media, file) : await copyOf(request, reply, file, target)
      const { mimetype, extension } = served ?? { mimetype: target?.mimetype, extension: target?.format }
      // Who may listen can change: a copy that a browser has is good only while the pod says so.
      reply.headers({ 'content-type': mimetype, 'cache-control': 'private, no-cache' })
      if (isDownload) reply.header('content-disposition', attachmentNamed(fileNameOf(file.track, extension ?? '')))
      if (served === undefined) reply.send()
      else await deliver(request, reply, file, served)
    },
    stop: () => streams.stop(),
  }
}

function whenGone({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController()
  if (raw.destroyed) gone.abort()
  raw.once('close', () => gone.abort())
  return gone.signal
}

function listenerOf(request: FastifyRequest): string {
  const { principal } = request
  return principal.kind === 'user' ? `user ${principal.userId}` : `from ${addressOf(request)}`
}

/** RFC 6266 §4.1, RFC 8187 §3.2.1. */
function attachmentNamed(fileName: string): string {
  const encoded = encodeURIComponent(fileName).replace(/['()*]/g, (one) => `%${one.charCodeAt(0).toString(16)}`)
  return `attachment; filename*=UTF-8''${encoded.replace(/%[\da-f]{2}/gi, (one) => one.toUpperCase())}`
}
