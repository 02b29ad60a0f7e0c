/** What the demo has: small enough to look through, with something of every kind. */
export interface DemoUser {
  username: string
  library: { name: string; description: string; privacyLevel: 'me' | 'instance' | 'everyone' }
  albums: DemoAlbum[]
  playlist: { name: string; privacyLevel: 'me' | 'instance' | 'everyone' }
}

export interface DemoAlbum {
  artist: string
  title: string
  year: number
  genre: string
  tracks: string[]
}

export const demoUsers: readonly DemoUser[] = [
  {
    username: 'alice',
    library: { name: 'Open sea', description: 'For everyone who comes along.', privacyLevel: 'everyone' },
    albums: [
      {
        artist: 'Slow Tides',
        title: 'Moonrise',
        year: 2021,
        genre: 'Ambient',
        tracks: ['Low Water', 'First Light on the Mudflats', 'Herring Gulls', 'The Bell Buoy', 'Moonrise'],
      },
      {
        artist: 'Harbour Ensemble',
        title: 'Ferry Timetable',
        year: 2023,
        genre: 'Chamber; Minimal',
        tracks: ['06:10', '07:40', '12:05 (Sundays Only)', 'Last Boat'],
      },
    ],
    playlist: { name: 'Morning watch', privacyLevel: 'everyone' },
  },
  {
    username: 'bob',
    library: { name: 'Members’ shelf', description: 'For those who have an account here.', privacyLevel: 'instance' },
    albums: [
      {
        artist: 'Glass Kelp',
        title: 'Phosphor',
        year: 2019,
        genre: 'Electronic',
        tracks: ['Plankton', 'Blue Below', 'Wake', 'Afterglow'],
      },
      {
        artist: 'Slow Tides',
        title: 'Undertow',
        year: 2024,
        genre: 'Ambient; Drone',
        tracks: ['Pull', 'Groyne', 'Undertow'],
      },
    ],
    playlist: { name: 'Rowing', privacyLevel: 'instance' },
  },
  {
    username: 'carol',
    library: { name: 'Private tapes', description: 'Not finished.', privacyLevel: 'me' },
    albums: [
      {
        artist: 'Kitchen Radio',
        title: 'Tape Two',
        year: 2024,
        genre: 'LoFi',
        tracks: ['Kettle', 'Rain on the Skylight', 'Humming (Take 3)'],
      },
    ],
    playlist: { name: 'Late', privacyLevel: 'me' },
  },
]
