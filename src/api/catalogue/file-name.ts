interface NamedTrack {
  title: string
  artist: { name: string }
  album: { title: string } | null
}

/** What a track's file is called when it is downloaded. */
export function fileNameOf({ title, artist, album }: NamedTrack, extension: string): string {
  return `${[artist.name, album?.title, title].filter((part) => part !== undefined).join(' - ')}.${extension}`
}
