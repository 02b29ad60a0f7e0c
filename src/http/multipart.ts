import type { Readable } from 'node:stream'
import type { Multipart, MultipartFile } from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { Problem } from '../lib/problem.ts'

/** For `@fastify/multipart`; the body as a whole is bounded by `longest`. */
export const multipartLimits = { fields: 200, parts: 200, files: 1, fieldNameSize: 200 }

/** A file in a multipart body. Its bytes are out of reach for what walks through bodies. */
export class UploadedFile {
  readonly #bytes: Buffer
  readonly #name: string

  constructor(bytes: Buffer, name: string) {
    this.#bytes = bytes
    this.#name = name
  }

  get bytes(): Buffer {
    return this.#bytes
  }

  /** As the sender calls it. */
  get name(): string {
    return this.#name
  }
}

/** A file as it arrives, to be read to its end. */
export interface ArrivingFile {
  content: Readable
  /** As the sender calls it. */
  name: string
  /** Known once the content was read: it was longer than it may be, and what was read is its beginning. */
  isCut(): boolean
}

/** Takes the files of one request in place of memory. */
export interface FileTaker {
  /** Bytes of a file. */
  largest: number
  /** @returns what stands for the file in the body */
  take(file: ArrivingFile): Promise<unknown>
}

/** How API descriptions show a field that holds a file. */
export const fileOnTheWire = { type: 'string', format: 'binary', description: 'A file.' }

/** A field of a body that holds a file, for which this class stands. */
export function fileField<File>(kind: new (...given: never[]) => File, sizeOf: (file: File) => number) {
  return z
    .custom<File>((value) => value instanceof kind, {
      error: ({ input }) => (input === undefined ? 'No file was submitted.' : 'The submitted data was not a file.'),
      abort: true,
    })
    .refine((file) => sizeOf(file) > 0, 'The submitted file is empty.')
    .meta(fileOnTheWire)
}

export const uploadedFile = fileField(UploadedFile, ({ bytes }) => bytes.length)

interface MultipartRules {
  /** Of all that is not the file. */
  longest: number
  /** Where the route takes one into memory. */
  largestFile?: number | undefined
  /** Where the route puts it elsewhere. */
  taker?: FileTaker | undefined
}

/**
 * The fields of a multipart body; one that is given twice becomes a list. A file stands as an object, which no text field
 * takes.
 * @throws Problem `malformed`, `too_large`
 */
export async function readMultipart(
  request: FastifyRequest,
  { longest, largestFile = 0, taker }: MultipartRules,
): Promise<Record<string, unknown>> {
  // A taker says itself what is wrong with a file that is too large.
  if (taker === undefined && Number(request.headers['content-length']) > longest + largestFile) throw tooLarge()
  const fileSize = taker?.largest ?? Math.max(longest, largestFile)
  const fields: Record<string, unknown> = {}
  let length = 0
  try {
    for await (const part of request.parts({ limits: { fileSize }, ...(taker && { throwFileSizeLimit: false }) })) {
      const value = await readPart(part, taker)
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

async function readPart(part: Multipart, taker: FileTaker | undefined): Promise<unknown> {
  if (part.type === 'file') {
    if (taker !== undefined) return taker.take(arriving(part))
    return new UploadedFile(await part.toBuffer(), part.filename)
  }
  if (part.fieldnameTruncated || part.valueTruncated) throw tooLarge()
  if (typeof part.value === 'string' && part.value.includes('\uFFFD')) throw malformed()
  return part.value
}

function arriving({ file, filename }: MultipartFile): ArrivingFile {
  return { content: file, name: filename, isCut: () => file.truncated }
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
