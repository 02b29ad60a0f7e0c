import type { z } from 'zod'
import { ownProfile } from '../../accounts/profile/schemas.ts'
import { attachment } from '../../media/representation.ts'
import { ownedClient, registeredClient } from '../../oauth/clients/schemas.ts'
import { tokenResponse } from '../../oauth/tokens/schemas.ts'
import { actor, userBasic } from '../actors/schemas.ts'
import { album, trackAlbum } from '../albums/schemas.ts'
import { artist, simpleArtist } from '../artists/schemas.ts'
import { library } from '../libraries/schemas.ts'
import { trackEvent } from '../listeners/schemas.ts'
import { playlist, playlistTrack } from '../playlists/schemas.ts'
import { rateLimitStatus } from '../rate-limit/schemas.ts'
import { tag } from '../tags/schemas.ts'
import { track } from '../tracks/schemas.ts'
import { upload } from '../uploads/schemas.ts'

/** What the description says once and refers to: the objects that clients want a type of. */
export const objectNames: Record<string, z.ZodType> = {
  Actor: actor,
  Album: album,
  Artist: artist,
  Attachment: attachment,
  Client: ownedClient,
  Library: library,
  Playlist: playlist,
  PlaylistTrack: playlistTrack,
  Profile: ownProfile,
  RateLimitStatus: rateLimitStatus,
  RegisteredClient: registeredClient,
  SimpleArtist: simpleArtist,
  Tag: tag,
  Tokens: tokenResponse,
  Track: track,
  TrackAlbum: trackAlbum,
  TrackEvent: trackEvent,
  Upload: upload,
  UserBasic: userBasic,
}
