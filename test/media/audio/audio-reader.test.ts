import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AudioReader, createAudioReader, UnreadableAudio } from '../../../src/media/audio/audio-reader.ts'
import { anMp3, audioFixture } from '../../support/audio.ts'

let reader: AudioReader
let folder: string
beforeAll(async () => {
  reader = createAudioReader()
  folder = await mkdtemp(join(tmpdir(), 'baleen-audio-'))
})
afterAll(async () => {
  await reader.close()
  await rm(folder, { recursive: true })
})

describe('reading', () => {
  test.each([
    ['mp3', 1],
    ['aiff', 1],
    ['flac', 1],
    ['ogg', 1],
    ['opus', 1],
    ['m4a', 1],
  ])('finds all tags, the length and the picture of a %s', async (extension, duration) => {
    const file = await reader.read(audioFixture(`tagged.${extension}`))
    expect(file).toMatchObject({ extension, duration, bitrate: expect.any(Number) })
    expect(file.tags).toEqual({
      title: 'Tide',
      artists: [{ name: 'The Whales', mbid: '33333333-3333-4333-8333-333333333333' }],
      album: 'Deep Water',
      albumArtists: [{ name: 'Various Whales', mbid: '44444444-4444-4444-8444-444444444444' }],
      albumMbid: '22222222-2222-4222-8222-222222222222',
      releaseDate: '2019-05-01',
      position: 3,
      discNumber: 1,
      mbid: '11111111-1111-4111-8111-111111111111',
      copyright: '2019 The Whales',
      license: 'http://creativecommons.org/licenses/by-sa/4.0/',
      comment: 'Recorded under water.',
      tags: ['PostRock', 'Ambient'],
    })
    expect(file.picture).toMatchObject({ mimetype: 'image/png', type: 3 })
    expect(Buffer.from(file.picture?.bytes ?? []).toString('latin1', 1, 4)).toBe('PNG')
  })

  test('goes by the content where the name says something else', async () => {
    const path = join(folder, 'song.mp3')
    await writeFile(path, await readFile(audioFixture('tagged.flac')))
    expect(await reader.read(path)).toMatchObject({ extension: 'flac', tags: { title: 'Tide' } })
  })

  test('finds sound behind what is none', async () => {
    const path = join(folder, 'late.mp3')
    await writeFile(path, Buffer.concat([Buffer.alloc(500), await readFile(audioFixture('tone.mp3'))]))
    expect(await reader.read(path)).toMatchObject({ extension: 'mp3' })
  })

  test.each(['mp3', 'aac'])('takes a %s without any tags', async (extension) => {
    const file = await reader.read(audioFixture(`tone.${extension}`))
    expect(file).toMatchObject({ extension, duration: 1, picture: undefined })
    expect(file.tags).toMatchObject({ title: undefined, artists: [], album: undefined, tags: [] })
  })

  test.each([
    ['text', 'This is not music.'],
    ['nothing', ''],
    ['half a FLAC', 'fLaC\0\0'],
  ])('refuses %s', async (name, content) => {
    const path = join(folder, name.replaceAll(' ', '-'))
    await writeFile(path, content)
    await expect(reader.read(path)).rejects.toThrow(UnreadableAudio)
  })

  test('goes on after a refusal, and after it was closed', async () => {
    await expect(reader.read(join(folder, 'missing'))).rejects.toThrow(UnreadableAudio)
    await reader.close()
    expect(await reader.read(audioFixture('tone.mp3'))).toMatchObject({ extension: 'mp3' })
  })
})

describe('tags that are made to be a burden', () => {
  test('a list of artists without end is cut, and holds nothing that cannot be stored', async () => {
    const path = join(folder, 'artists.mp3')
    await writeFile(path, await anMp3({ TIT2: 'Tide', 'TXXX:ARTISTS': `Or\u0001ca;${'Beluga;'.repeat(50_000)}` }))
    const { tags } = await reader.read(path)
    expect(tags.artists).toHaveLength(100)
    expect(tags.artists[0]?.name).toBe('Or ca')
  })

  test('a tag as long as a large file is not read into memory', async () => {
    const path = join(folder, 'long.mp3')
    // 100 MB, seven bits a byte (ID3v2.4 §6.2), most of them not even on the disk.
    await writeFile(path, Buffer.concat([Buffer.from('ID3\x04\x00\x00', 'latin1'), Buffer.from([0x2f, 0x57, 0x42, 0])]))
    await truncate(path, 120_000_000)
    await expect(reader.read(path)).rejects.toMatchObject({ message: 'BufferSizeError' })
  })

  test('a picture that is far too large is none', async () => {
    const path = join(folder, 'picture.mp3')
    await writeFile(path, await anMp3({ TIT2: 'Tide' }, Buffer.alloc(17_000_000, 1)))
    const file = await reader.read(path)
    expect(file.tags.title).toBe('Tide')
    expect(file.picture).toBeUndefined()
  })
})
