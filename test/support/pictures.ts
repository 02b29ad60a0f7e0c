import sharp, { type FormatEnum } from 'sharp'

interface PictureChoices {
  format?: keyof FormatEnum
  width?: number
  height?: number
  background?: string
}

/** The bytes of a picture in one colour. */
export async function aPicture(choices: PictureChoices = {}): Promise<Buffer> {
  const { format = 'png', width = 80, height = 60, background = '#336699' } = choices
  return sharp({ create: { width, height, channels: 3, background } })
    .toFormat(format)
    .toBuffer()
}

/** A multipart body with a file, as a browser sends it. */
export async function fileBody(
  file: Uint8Array,
  { field = 'file', name = 'picture.png', type = 'image/png', fields = {} as Record<string, string> } = {},
): Promise<{ payload: Buffer; headers: Record<string, string> }> {
  const form = new FormData()
  for (const [key, value] of Object.entries(fields)) form.set(key, value)
  form.set(field, new Blob([Uint8Array.from(file)], { type }), name)
  const request = new Request('http://pod.invalid', { method: 'POST', body: form })
  const payload = Buffer.from(await request.arrayBuffer())
  return { payload, headers: { 'content-type': request.headers.get('content-type') ?? '' } }
}
