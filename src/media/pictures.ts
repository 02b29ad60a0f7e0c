import pLimit from 'p-limit'
import sharp, { type Sharp, type SharpOptions } from 'sharp'
import { invalidField, Problem } from '../lib/problem.ts'

/** Bytes of an upload. */
export const largestUploadBytes = 5 * 1000 * 1000

/** More than the cameras of most telephones have; decoded, they are what a small file may cost in memory. */
const mostPixels = 50_000_000
/** Larger pictures are made smaller before they are kept. */
const longestSide = 3000
const decodingSeconds = 15
/** Waiting to be decoded; beyond it callers are told to come back. */
const queueLimit = 20

const squares = { medium_square_crop: 200, large_square_crop: 600 } as const

export type PictureVersion = 'original' | keyof typeof squares

export const pictureVersions: readonly PictureVersion[] = ['original', 'medium_square_crop', 'large_square_crop']

const formats = {
  jpeg: { mimetype: 'image/jpeg', encode: (picture: Sharp) => picture.jpeg({ quality: 88 }) },
  png: { mimetype: 'image/png', encode: (picture: Sharp) => picture.png() },
  webp: { mimetype: 'image/webp', encode: (picture: Sharp) => picture.webp({ quality: 88 }) },
} as const

/** What pictures are kept as; a GIF becomes a PNG of its first frame. */
export type PictureFormat = keyof typeof formats

const keptAs = new Map<string, PictureFormat>([
  ['jpeg', 'jpeg'],
  ['png', 'png'],
  ['webp', 'webp'],
  ['gif', 'png'],
])

const extensions = new Set(['jpg', ...keptAs.keys()])

/** Clients know pictures by their extension. A name without one says nothing, as that of what a browser has drawn. */
export function mayNamePicture(fileName: string): boolean {
  const [, extension] = /\.([^./\\]*)$/.exec(fileName) ?? []
  return extension === undefined || extensions.has(extension.toLowerCase())
}

/** A picture that was decoded and drawn anew, so that nothing of the uploaded file is left but what can be seen. */
export interface Picture {
  format: PictureFormat
  versions: Record<PictureVersion, Buffer>
}

export function mimetypeOf(format: PictureFormat): string {
  return formats[format].mimetype
}

export function formatOf(mimetype: string): PictureFormat | undefined {
  return (Object.keys(formats) as PictureFormat[]).find((format) => mimetypeOf(format) === mimetype)
}

// Decoders of other formats are never reached, whatever a file claims to be.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: ['VipsForeignLoadJpeg', 'VipsForeignLoadPng', 'VipsForeignLoadWebp', 'VipsForeignLoadNsgif'],
})
sharp.cache(false)
sharp.concurrency(1)

const queue = pLimit(1)

/**
 * Decodes a JPEG, PNG, WebP or GIF, upright and without metadata, and cuts its squares.
 * @throws Problem `invalid` naming `field`, `unavailable` when too many wait
 */
export async function readPicture(bytes: Uint8Array, field: string): Promise<Picture> {
  if (queue.pendingCount >= queueLimit) throw tooBusy()
  return queue(async () => {
    const format = await inspect(bytes, field)
    const pixels = await decode(bytes, field)
    const encode = async (picture: Sharp) => formats[format].encode(picture).toBuffer()
    const square = (side: number) => encode(pixels().resize(side, side, { fit: 'cover' }))
    return {
      format,
      versions: {
        original: await encode(pixels()),
        medium_square_crop: await square(squares.medium_square_crop),
        large_square_crop: await square(squares.large_square_crop),
      },
    }
  })
}

async function inspect(bytes: Uint8Array, field: string): Promise<PictureFormat> {
  const header = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch(() => undefined)
  const format = keptAs.get(header?.format ?? '')
  if (header === undefined || format === undefined) throw unreadable(field)
  if (header.width * header.height > mostPixels) {
    throw invalidField(field, `This picture has more than ${mostPixels / 1_000_000} million pixels.`)
  }
  return format
}

/** Decodes once; each call of the result begins with the same pixels. */
async function decode(bytes: Uint8Array, field: string): Promise<() => Sharp> {
  const options: SharpOptions = { failOn: 'error', limitInputPixels: mostPixels }
  const { data, info } = await sharp(bytes, options)
    .timeout({ seconds: decodingSeconds })
    .autoOrient()
    .resize(longestSide, longestSide, { fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((cause: unknown) => {
      throw unreadable(field, cause)
    })
  const { width, height, channels } = info
  return () => sharp(data, { raw: { width, height, channels } })
}

function unreadable(field: string, cause?: unknown): Problem {
  const message = 'Upload a valid image. The file you uploaded was either not an image or a corrupted image.'
  return new Problem('invalid', message, { fields: { [field]: [message] }, cause })
}

function tooBusy(): Problem {
  return new Problem('unavailable', 'Too many pictures are being uploaded right now. Please try again in a moment.', {
    headers: { 'retry-after': '5' },
    cause: 'the picture queue is full',
  })
}
