/** Text that somebody else chose. `bdi` keeps its writing direction from reordering the words around it. */
export const Name = ({ children }: { children: string }) => <bdi class="name">{children}</bdi>

/** A link that an app gave: shown only if it is http(s), and told nothing about this pod. */
export function ForeignLink({ url }: { url: string }) {
  const host = webHost(url)
  if (host === undefined) return null
  return (
    <a href={url} rel="noopener noreferrer nofollow" referrerpolicy="no-referrer">
      <Name>{host}</Name>
    </a>
  )
}

/** The host of an http(s) URL, undefined for anything else. */
export function webHost(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined
  const { protocol, host } = new URL(url)
  return protocol === 'https:' || protocol === 'http:' ? host : undefined
}

/** The first character people see of a name, for a badge. */
export function initialOf(name: string): string {
  const [first] = new Intl.Segmenter().segment(name.trim())
  return first?.segment.toUpperCase() ?? '?'
}
