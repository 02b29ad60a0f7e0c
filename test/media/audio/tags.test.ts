import { describe, expect, test } from 'vitest'
import { splitArtists } from '../../../src/media/audio/artist-tags.ts'
import { recogniseAudio } from '../../../src/media/audio/formats.ts'
import { readPartialDate } from '../../../src/media/audio/partial-date.ts'
import { tagNamesIn } from '../../../src/media/audio/tag-names.ts'

const [a, b] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222']

describe('artists', () => {
  test.each([
    ['one', { name: 'Orca' }, [['Orca', null]]],
    ['a name with a comma', { name: 'Earth, Wind & Fire', mbids: [a] }, [['Earth, Wind & Fire', a]]],
    [
      'several ids in one text',
      { name: 'Orca; Beluga', mbids: [`${a}; ${b}`] },
      [
        ['Orca', a],
        ['Beluga', b],
      ],
    ],
    [
      'several ids',
      { name: 'Orca, Beluga', mbids: [a, b] },
      [
        ['Orca', a],
        ['Beluga', b],
      ],
    ],
    ['ids with a slash', { name: 'Orca', mbids: [`${a}/${b}`] }, [['Orca', null]]],
    [
      'a list in one text',
      { name: 'Orca feat. Beluga', names: ['Orca; Beluga'] },
      [
        ['Orca', null],
        ['Beluga', null],
      ],
    ],
    [
      'a list',
      { name: 'Orca feat. Beluga', names: ['Orca', 'Beluga'], mbids: [a, b] },
      [
        ['Orca', a],
        ['Beluga', b],
      ],
    ],
    [
      'more names than ids',
      { names: ['Orca', 'Beluga'], mbids: [a] },
      [
        ['Orca', a],
        ['Beluga', null],
      ],
    ],
    ['what is no id', { name: 'Orca', mbids: ['nonsense'] }, [['Orca', null]]],
    ['nobody', { name: ' ; ' }, [[';', null]]],
    ['nothing', {}, []],
  ])('%s', (_what, fields, expected) => {
    const given = { name: undefined, names: [], mbids: undefined, ...fields }
    expect(splitArtists(given).map(({ name, mbid }) => [name, mbid])).toEqual(expected)
  })
})

describe('dates', () => {
  test.each([
    ['2017', '2017-01-01'],
    ['2017-05', '2017-05-01'],
    ['2017-05-31', '2017-05-31'],
    ['2017-5-3', '2017-05-03'],
    ['2017-05-31T10:00:00Z', '2017-05-31'],
    ['2018-26-04 00:00', '2018-04-26'],
    ['2017-02-30', null],
    ['2017-13', null],
    ['0000', null],
    ['nonsense', null],
    ['', null],
    [undefined, null],
  ])('%s is %s', (text, expected) => {
    expect(readPartialDate(text)).toBe(expected)
  })
})

describe('genres', () => {
  test.each([
    [['Rock'], ['Rock']],
    [['pop rock'], ['PopRock']],
    [['Post-Rock - Ambient, Drone; Noise/Tape'], ['PostRock', 'Ambient', 'Drone', 'Noise', 'Tape']],
    [['R&B', 'Soul'], ['Soul']],
    [['rock', 'Rock'], ['rock']],
    [['Música popular'], ['MúsicaPopular']],
    [Array.from({ length: 40 }, (_, index) => `g${index}`), Array.from({ length: 30 }, (_, index) => `g${index}`)],
    [[''], []],
  ])('%j are the tags %j', (genres, tags) => {
    expect(tagNamesIn(genres)).toEqual(tags)
  })
})

describe('the beginning of a file', () => {
  test.each([
    ['fLaC\0\0\0\x22', 'flac'],
    [`OggS${'\0'.repeat(24)}OpusHead`, 'opus'],
    [`OggS${'\0'.repeat(24)}\x01vorbis`, 'ogg'],
    [`OggS${'\0'.repeat(24)}Speex`, undefined],
    ['\0\0\0\x1cftypM4A ', 'm4a'],
    ['FORM\0\0\0\x10AIFF', 'aiff'],
    ['FORM\0\0\0\x10AIFC', 'aiff'],
    ['ID3\x04', 'mp3'],
    ['\xff\xfb\x90', 'mp3'],
    ['\xff\xf1\x50', 'aac'],
    ['<html>', undefined],
    ['', undefined],
  ])('%j is %s', (text, extension) => {
    expect(recogniseAudio(Buffer.from(text, 'latin1'))).toBe(extension)
  })
})
