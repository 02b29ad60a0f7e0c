import type { Multipart } from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import { Problem } from '../lib/problem.ts'

/** For `@fastify/multipart`; the body as a whole is bounded by `longest`. */
export const multipartLimits = { fields: 200, parts: 200, files: 1, fieldNameSize: 200 }

/**
 * The fields of a multipart body; one that is given twice becomes a list. A file stands as an object, which no text field
 * takes.
 * @throws Problem `malformed`, `too_large`
 */
export async function readMultipart(request: FastifyRequest, longest: number): Promise<Record<string, unknown>> {
  if (Number(request.headers['content-length']) > longest) throw tooLarge()
  const fields: Record<string, unknown> = {}
  let length = 0
  try {
    for await (const part of request.parts()) {
      const value = await readPart(part)
      length += part.fieldname.length + (typeof value === 'string' ? value.length : 0)
      if (length > longest) throw tooLarge()
      add(fields, part.fieldname, value)
    }
  } catch (error) {
    // The parser's own errors carry no status.
    throw error instanceof Error && ('statusCode' in error || error instanceof Problem) ? error : malformed(error)
  }
  return fields
}

async function readPart(part: Multipart): Promise<unknown> {
  if (part.type === 'file') {
    await part.toBuffer()
    return {}
  }
  if (part.fieldnameTruncated || part.valueTruncated) throw tooLarge()
  if (typeof part.value === 'string' && part.value.includes('\uFFFD')) throw malformed()
  return part.value
}

function add(fields: Record<string, unknown>, name: string, value: unknown): void {
  const before = fields[name]
  if (before === undefined) fields[name] = value
  else fields[name] = Array.isArray(before) ? [...before, value] : [before, value]
}

function tooLarge(): Problem {
  return new Problem('too_large', 'The request body is too large.')
}

function malformed(cause?: unknown): Problem {
  return new Problem('malformed', 'The multipart body is broken or not UTF-8.', { cause })
}
