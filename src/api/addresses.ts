/** What has an address that names it for good. */
export type Federated = 'artists' | 'albums' | 'tracks' | 'libraries' | 'uploads' | 'playlists'

/** The wire's `fid`. */
export function fidOf(kind: Federated, uuid: string, publicUrl: string): string {
  return `${publicUrl}/federation/music/${kind}/${uuid}`
}

export { subjectOf as actorFidOf } from '../oauth/issuer.ts'

/** The part of `name@domain` after the sign. @param publicUrl an origin */
export function domainOf(publicUrl: string): string {
  return publicUrl.slice(publicUrl.indexOf('//') + 2)
}
