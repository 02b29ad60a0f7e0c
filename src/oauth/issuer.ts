/** The issuer identifier (RFC 8414 §2): the origin with a slash, as clients of Mastodon expect it and as URL parsers write it. */
export function issuerOf(publicUrl: string): string {
  return `${publicUrl}/`
}
