import { sizes } from './data.mjs'

/** What is measured: a name, and the paths that are asked for in turns. */
export function requestsFor({ libraries, words, frequent, listeningPages }) {
  const pages = (first, count) => Array.from({ length: count }, (_, index) => first + index)
  const lastPage = sizes.tracks / 50
  const of = (template, values) => values.map((value) => template.replace('*', encodeURIComponent(value)))
  const tracks = (query, values) => of(`/api/v1/tracks/?${query}`, values)
  const albums = (query, values) => of(`/api/v1/albums/?${query}`, values)
  const artists = (query, values) => of(`/api/v1/artists/?${query}`, values)
  const ids = pages(1000, 50)
  const popular = ['Tag1', 'Tag2', 'tag7', 'Tag30']
  return {
    track: of('/api/v1/tracks/*/', ids),
    album: of('/api/v1/albums/*/', ids),
    artist: of('/api/v1/artists/*/', ids),
    tracks: tracks('page=*', pages(1, 10)),
    'tracks, middle': tracks('page=*', pages(lastPage / 2, 10)),
    'tracks, last': tracks('page=*', pages(lastPage - 9, 10)),
    'tracks playable': tracks('playable=true&page=*', pages(1, 10)),
    'tracks playable, middle': tracks('playable=true&page=*', pages(900, 10)),
    'tracks not playable': tracks('playable=false&page=*', pages(1, 10)),
    'tracks of a tag': tracks('tag=*', popular),
    'tracks of two tags': tracks('tag=Tag1,*', popular.slice(1)),
    'tracks of an artist': tracks('artist=*', ids),
    'tracks of an album': tracks('album=*&ordering=disc_number,position', ids),
    'tracks scope=me': tracks('scope=me&page=*', pages(1, 10)),
    'tracks of an actor': tracks('scope=actor:*', ['user3@HOST', 'user40@HOST', 'user700@HOST']),
    'tracks of a library': tracks('library=*', libraries),
    'tracks related': tracks('related=*&ordering=-related', ids),
    'tracks favorites': tracks('favorites=*', ['true']),
    'tracks q': tracks('q=*', words),
    'tracks q, frequent words': tracks('q=*', frequent),
    'tracks q, two words': tracks(
      'q=*',
      words.slice(1).map((word, index) => `${words[index]} ${word}`),
    ),
    'tracks q, playable': tracks('playable=true&q=*', words),
    'tracks by title': tracks('ordering=title&page=*', pages(1, 10)),
    'tracks by -album__title': tracks('ordering=*', ['-album__title', 'album__title']),
    'tracks by album__release_date': tracks('ordering=*', ['-album__release_date', 'album__release_date']),
    'tracks by artist__name': tracks('ordering=*', ['artist__name', '-artist__name']),
    'tracks by artist__modification_date': tracks('ordering=*', ['-artist__modification_date']),
    'tracks by position': tracks('ordering=*', ['position', '-disc_number']),
    'tracks random': tracks('ordering=*', ['random']),
    'tracks random, playable': tracks('ordering=random&playable=*', ['true']),
    albums: albums('page=*', pages(1, 10)),
    'albums, last': albums('page=*', pages(sizes.albums / 50 - 9, 10)),
    'albums playable': albums('playable=true&page=*', pages(1, 10)),
    'albums of a tag': albums('tag=*', popular),
    'albums of an artist': albums('artist=*', ids),
    'albums scope=me': albums('scope=*', ['me']),
    'albums of a library': albums('library=*', libraries),
    'albums q': albums('q=*', words),
    'albums by title, release date': albums('ordering=*', ['title', '-release_date', '-artist__modification_date']),
    'albums random': albums('ordering=*', ['random']),
    artists: artists('page=*', pages(1, 10)),
    'artists, last': artists('page=*', pages(sizes.artists / 50 - 9, 10)),
    'artists playable': artists('playable=true&ordering=name&page=*', pages(1, 10)),
    'artists of a tag': artists('tag=*', popular),
    'artists scope=me': artists('scope=*', ['me']),
    'artists of a library': artists('library=*', libraries),
    'artists q': artists('q=*', words),
    'artists random': artists('ordering=*', ['random']),
    search: of('/api/v1/search?q=*', words),
    tags: of('/api/v1/tags/?page=*', pages(1, 5)),
    favorites: of('/api/v1/favorites/tracks/?page=*', pages(1, 10)),
    'favorites scope=me': of('/api/v1/favorites/tracks/?scope=*', ['me']),
    listenings: of('/api/v1/history/listenings/?page=*', pages(1, 10)),
    'listenings, far': of('/api/v1/history/listenings/?page=*', pages(2800, 10)),
    'listenings, last': of('/api/v1/history/listenings/?page=*', pages(listeningPages - 9, 10)),
    'listenings scope=me': of('/api/v1/history/listenings/?scope=*', ['me']),
  }
}
