import { z } from 'zod'
import { textFilter, wordFilter } from '../listing/parameters.ts'

/** As in `stream/<uuid>.mp3`. */
export const streamPath = z.object({ file: z.string().transform((file) => file.toLowerCase().replace(/\.mp3$/, '')) })

const mostKilobits = 320

/** Kilobits per second on the wire, bits in code; what is no such number is no limit. */
const maxBitrate = textFilter.transform((text) => {
  const kilobits = /^\d{1,9}$/.test(text ?? '') ? Math.min(Number(text), mostKilobits) : 0
  return kilobits === 0 ? undefined : kilobits * 1000
})

export const listenQuery = z.object({
  upload: textFilter.transform((uuid) => uuid?.toLowerCase()),
  to: textFilter.transform((extension) => extension?.toLowerCase()),
  max_bitrate: maxBitrate,
  download: wordFilter,
  token: textFilter,
})

export const streamQuery = z.object({ token: textFilter })

/** For the description of the API. */
export const audio = z.string().meta({ format: 'binary' })
