/** The issuer identifier (RFC 8414 §2): the origin with a slash, as clients of Mastodon expect it and as URL parsers write it. */
export function issuerOf(publicUrl: string): string {
  return `${publicUrl}/`
}

/**
 * Who a user is to those who go by this issuer, wherever `sub` stands (RFC 7519 §4.1.2): an address that stays theirs and that
 * no other issuer gives to anybody, which is the one of their actor.
 */
export function subjectOf(username: string, publicUrl: string): string {
  return `${publicUrl}/federation/actors/${username}`
}
