import type { z } from 'zod'
import { writeMoment } from '../../http/wire.ts'
import type { attachment } from '../../media/representation.ts'
import { representAttachment } from '../../media/representation.ts'
import { representActor } from '../actors/representation.ts'
import type { actor } from '../actors/schemas.ts'
import { fidOf } from '../addresses.ts'
import type { trackAlbum } from '../albums/schemas.ts'
import type { simpleArtist } from '../artists/schemas.ts'
import { representContent } from '../content.ts'
import type { AlbumRow, ArtistRow, CoverColumns, UserRow } from './rows.ts'

interface ShelfRows {
  artists?: ArtistRow[]
  albums?: AlbumRow[]
  users: UserRow[]
}

/** What the objects of one page share, each turned into its wire shape once. */
export class Shelf {
  readonly #publicUrl: string
  readonly #artists: (id: number) => z.output<typeof simpleArtist>
  readonly #albums: (id: number) => z.output<typeof trackAlbum>
  readonly #users: (id: number) => z.output<typeof actor>

  constructor(rows: ShelfRows, publicUrl: string) {
    this.#publicUrl = publicUrl
    this.#artists = onceEach(rows.artists ?? [], (row) => this.#representArtist(row))
    this.#albums = onceEach(rows.albums ?? [], (row) => this.representAlbum(row))
    this.#users = onceEach(rows.users, (row) => representActor(row, publicUrl))
  }

  artist(id: number): z.output<typeof simpleArtist> {
    return this.#artists(id)
  }

  album(id: number): z.output<typeof trackAlbum> {
    return this.#albums(id)
  }

  actor(id: number | null): z.output<typeof actor> | null {
    return id === null ? null : this.#users(id)
  }

  coverOf(row: CoverColumns): z.output<typeof attachment> | null {
    return representCover(row, this.#publicUrl)
  }

  representAlbum(row: AlbumRow): z.output<typeof trackAlbum> {
    return {
      id: row.id,
      fid: fidOf('albums', row.uuid, this.#publicUrl),
      mbid: row.mbid,
      title: row.title,
      artist: this.artist(row.artistId),
      release_date: row.releaseDate,
      cover: this.coverOf(row),
      creation_date: writeMoment(row.createdAt),
      is_local: true,
      tracks_count: row.tracksCount,
    }
  }

  #representArtist(row: ArtistRow): z.output<typeof simpleArtist> {
    return {
      id: row.id,
      fid: fidOf('artists', row.uuid, this.#publicUrl),
      mbid: row.mbid,
      name: row.name,
      creation_date: writeMoment(row.createdAt),
      modification_date: writeMoment(row.modifiedAt),
      is_local: true,
      content_category: row.contentCategory,
      description: representContent(row.descriptionText, row.descriptionContentType),
      attachment_cover: this.coverOf(row),
      channel: null,
    }
  }
}

/** The picture of a row. */
export function representCover(row: CoverColumns, publicUrl: string): z.output<typeof attachment> | null {
  const { coverUuid: uuid, coverSize: size, coverMimetype: mimetype, coverCreatedAt: createdAt } = row
  return uuid === null ? null : representAttachment({ uuid, size, mimetype, createdAt }, publicUrl)
}

/** Represents a row when it is first asked for. */
function onceEach<Row extends { id: number }, Shown>(rows: Row[], represent: (row: Row) => Shown) {
  const byId = new Map(rows.map((row) => [row.id, row]))
  const shown = new Map<number, Shown>()
  return (id: number): Shown => {
    const known = shown.get(id)
    if (known !== undefined) return known
    const row = byId.get(id)
    if (row === undefined) throw new Error(`Row ${id} was not read`)
    const made = represent(row)
    shown.set(id, made)
    return made
  }
}
