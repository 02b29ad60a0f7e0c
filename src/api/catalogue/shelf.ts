import type { z } from 'zod'
import { representAttachment } from '../../media/representation.ts'
import { representActor } from '../actors/representation.ts'
import type { actor } from '../actors/schemas.ts'
import { fidOf } from '../addresses.ts'
import type { trackAlbum } from '../albums/schemas.ts'
import type { simpleArtist } from '../artists/schemas.ts'
import { representContent } from '../content.ts'
import type { AlbumRow, ArtistRow, CoverRow, UserRow } from './rows.ts'

interface ShelfRows {
  artists?: ArtistRow[]
  albums?: AlbumRow[]
  covers: CoverRow[]
  users: UserRow[]
}

type Cover = ReturnType<typeof representAttachment>

/** What the objects of one page share, each turned into its wire shape once. */
export class Shelf {
  readonly #publicUrl: string
  readonly #artists: (id: number) => z.output<typeof simpleArtist>
  readonly #albums: (id: number) => z.output<typeof trackAlbum>
  readonly #covers: (id: number) => Cover
  readonly #users: (id: number) => z.output<typeof actor>

  constructor(rows: ShelfRows, publicUrl: string) {
    this.#publicUrl = publicUrl
    this.#artists = onceEach(rows.artists ?? [], (row) => this.#representArtist(row))
    this.#albums = onceEach(rows.albums ?? [], (row) => this.#representAlbum(row))
    this.#covers = onceEach(rows.covers, (row) => representAttachment(dated(row), publicUrl))
    this.#users = onceEach(rows.users, (row) => representActor(dated(row), publicUrl))
  }

  artist(id: number): z.output<typeof simpleArtist> {
    return this.#artists(id)
  }

  album(id: number): z.output<typeof trackAlbum> {
    return this.#albums(id)
  }

  cover(id: number | null): Cover | null {
    return id === null ? null : this.#covers(id)
  }

  actor(id: number | null): z.output<typeof actor> | null {
    return id === null ? null : this.#users(id)
  }

  #representArtist(row: ArtistRow): z.output<typeof simpleArtist> {
    return {
      id: row.id,
      fid: fidOf('artists', row.uuid, this.#publicUrl),
      mbid: row.mbid,
      name: row.name,
      creation_date: new Date(row.createdAt),
      modification_date: new Date(row.modifiedAt),
      is_local: true,
      content_category: row.contentCategory,
      description: representContent(row.descriptionText, row.descriptionContentType),
      attachment_cover: this.cover(row.coverId),
      channel: null,
    }
  }

  #representAlbum(row: AlbumRow): z.output<typeof trackAlbum> {
    return {
      id: row.id,
      fid: fidOf('albums', row.uuid, this.#publicUrl),
      mbid: row.mbid,
      title: row.title,
      artist: this.artist(row.artistId),
      release_date: row.releaseDate,
      cover: this.cover(row.coverId),
      creation_date: new Date(row.createdAt),
      is_local: true,
      tracks_count: row.tracksCount,
    }
  }
}

function dated<Row extends { createdAt: string }>(row: Row): Omit<Row, 'createdAt'> & { createdAt: Date } {
  return { ...row, createdAt: new Date(row.createdAt) }
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
