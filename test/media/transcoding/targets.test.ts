import { describe, expect, test } from 'vitest'
import { chooseTarget } from '../../../src/media/transcoding/targets.ts'

const mp3 = (bitrate: number | null) => ({ mimetype: 'audio/mpeg', bitrate })
const flac = { mimetype: 'audio/flac', bitrate: 900_000 }

describe('what is served as it is', () => {
  test.each([
    ['nothing is wished for', mp3(320_000), {}],
    ['the format is the stored one', mp3(320_000), { to: 'mp3' }],
    ['the format is another name of the stored one', { mimetype: 'audio/x-m4a', bitrate: 128_000 }, { to: 'aac' }],
    ['the format is unknown', mp3(320_000), { to: 'wma' }],
    ['the format is the name of a property', mp3(320_000), { to: 'constructor' }],
    ['the stored format is unknown', { mimetype: null, bitrate: null }, { to: 'mp3' }],
    ['the bit rate is low enough', mp3(192_000), { maxBitrate: 320_000 }],
    ['the bit rate is as low', mp3(192_000), { maxBitrate: 192_000 }],
    ['the bit rate is not known', mp3(null), { maxBitrate: 64_000 }],
    ['it cannot become smaller in its format', flac, { maxBitrate: 128_000 }],
  ])('%s', (_, source, wish) => {
    expect(chooseTarget(source, wish)).toBeUndefined()
  })
})

describe('what is converted', () => {
  test.each([
    ['another format, no better than 320 kbit/s', flac, { to: 'mp3' }, ['mp3', 'audio/mpeg', 320_000]],
    ['another format, no better than the source', mp3(128_000), { to: 'ogg' }, ['ogg', 'audio/ogg', 128_000]],
    ['another format, a lower bit rate', flac, { to: 'opus', maxBitrate: 96_000 }, ['opus', 'audio/opus', 96_000]],
    ['a lower bit rate in the same format', mp3(320_000), { maxBitrate: 128_000 }, ['mp3', 'audio/mpeg', 128_000]],
    [
      'the stored format, a lower bit rate',
      mp3(320_000),
      { to: 'mp3', maxBitrate: 64_000 },
      ['mp3', 'audio/mpeg', 64_000],
    ],
    [
      'an unknown format, a lower bit rate',
      mp3(320_000),
      { to: 'wma', maxBitrate: 64_000 },
      ['mp3', 'audio/mpeg', 64_000],
    ],
    ['a source of unknown bit rate', mp3(null), { to: 'm4a' }, ['m4a', 'audio/x-m4a', 320_000]],
    ['aac comes in MP4', flac, { to: 'aac' }, ['m4a', 'audio/x-m4a', 320_000]],
    ['aif is aiff', flac, { to: 'aif' }, ['aiff', 'audio/x-aiff', undefined]],
    [
      'a format that loses nothing has no bit rate',
      mp3(320_000),
      { to: 'flac', maxBitrate: 64_000 },
      ['flac', 'audio/flac', undefined],
    ],
    ['less than the encoder takes', flac, { to: 'mp3', maxBitrate: 8_000 }, ['mp3', 'audio/mpeg', 32_000]],
  ] as const)('%s', (_, source, wish, [format, mimetype, bitrate]) => {
    expect(chooseTarget(source, wish)).toEqual({ format, mimetype, bitrate })
  })
})
