import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FolderFile } from '../../api/uploads/import/folder-files.ts'
import type { DemoAlbum } from './catalogue.ts'
import { coverOf, side } from './cover.ts'
import { encodeFlac } from './flac.ts'
import { melodyOf, rate } from './melody.ts'

export interface DemoSong {
  /** What its file is called. */
  name: string
  album: DemoAlbum
  title: string
  position: number
}

export function songsOf(albums: readonly DemoAlbum[]): DemoSong[] {
  return albums.flatMap((album) =>
    album.tracks.map((title, index) => {
      return { name: `${album.artist} - ${title}.flac`.replaceAll(/[/:]/g, '_'), album, title, position: index + 1 }
    }),
  )
}

/** Makes the sound and writes it down, with tags and cover. */
export async function recordSong(folder: string, { name, album, title, position }: DemoSong): Promise<FolderFile> {
  const path = join(folder, name)
  const bytes = await coverOf(`${album.artist} ${album.title}`)
  const file = encodeFlac({
    samples: melodyOf(`${album.artist} ${title}`),
    rate,
    cover: { mimetype: 'image/jpeg', bytes, side },
    comments: {
      TITLE: title,
      ARTIST: album.artist,
      ALBUMARTIST: album.artist,
      ALBUM: album.title,
      TRACKNUMBER: `${position}/${album.tracks.length}`,
      DATE: String(album.year),
      GENRE: album.genre,
      LICENSE: 'https://creativecommons.org/publicdomain/zero/1.0/',
    },
  })
  await writeFile(path, file)
  return { path, name, extension: 'flac' }
}
