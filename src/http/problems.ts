import type { FastifyBaseLogger, FastifyError } from 'fastify'
import { isDatabaseUnavailable, isForeignKeyViolation } from '../db/database.ts'
import { Problem, type ProblemKind } from '../lib/problem.ts'

/** Seconds after which a caller may try again when the database or the password hasher has no room. */
const retryAfterSeconds = 5

/** A request that cannot be answered now but may be soon. */
function unavailable(cause: unknown): Problem {
  return new Problem('unavailable', 'The server cannot answer this right now. Please try again in a few seconds.', {
    headers: { 'retry-after': String(retryAfterSeconds) },
    cause,
  })
}

/**
 * What was thrown, as a refusal the caller may read; undefined = a defect, whose text stays in the log.
 * Logs defects and trouble with the database.
 */
export function toProblem(error: unknown, log: FastifyBaseLogger): Problem | undefined {
  if (error instanceof Problem) {
    if (error.cause !== undefined) log.debug({ kind: error.kind, cause: error.cause }, error.message)
    return error
  }
  if (isDatabaseUnavailable(error)) {
    log.error({ err: error }, 'The database cannot be used')
    return unavailable(error)
  }
  if (isStorageFull(error)) {
    log.error({ err: error }, 'The disk takes nothing more')
    return unavailable(error)
  }
  if (isForeignKeyViolation(error)) {
    log.warn({ err: error }, 'Something was deleted while a request was about to use it')
    return new Problem('conflict', 'Something that this request needs has just been deleted.')
  }
  const refused = problemOfFramework(error)
  if (refused === undefined) log.error({ err: error }, 'A defect')
  return refused
}

/** Of the system, when a disk is full, a quota is used up, or a disk has become read-only. */
const fullCodes = new Set<string | undefined>(['ENOSPC', 'EDQUOT', 'EROFS'])

function isStorageFull(error: unknown): boolean {
  return error instanceof Error && fullCodes.has((error as NodeJS.ErrnoException).code)
}

const kindByStatus = new Map<number, [ProblemKind, string]>([
  [400, ['malformed', 'The request is malformed.']],
  [403, ['forbidden', 'You do not have permission to perform this action.']],
  [404, ['not_found', 'Not found.']],
  [413, ['too_large', 'The request body is too large.']],
  [414, ['malformed', 'The address is too long.']],
  [415, ['unsupported_media_type', 'Unsupported media type in request.']],
  [503, ['unavailable', 'The server cannot answer this right now. Please try again in a few seconds.']],
])

/** Fastify and its plugins refuse with errors that carry a 4xx status; their texts are not ours to send. */
function problemOfFramework(error: unknown): Problem | undefined {
  if (!(error instanceof Error)) return undefined
  const { statusCode, code } = error as FastifyError
  if (statusCode === undefined) return undefined
  const [kind, message] =
    kindByStatus.get(statusCode) ?? (statusCode < 500 ? ['malformed', 'The request is malformed.'] : [])
  if (kind === undefined || message === undefined) return undefined
  return new Problem(kind, message, { cause: code ?? error.message })
}
