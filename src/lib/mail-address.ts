export interface MailAddress {
  /** Empty = none. */
  name: string
  address: string
}

const address = /^[^\s<>@,;:"()[\]\\\p{C}]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/u

/** Reads `noreply@example.org` or `Example <noreply@example.org>`; undefined = neither. */
export function parseMailAddress(text: string): MailAddress | undefined {
  const match = /^(?<name>[^<>"\p{C}]*)<(?<address>[^<>]*)>$/u.exec(text)?.groups
  const found = { name: match?.name?.trim() ?? '', address: match?.address ?? text }
  return address.test(found.address) ? found : undefined
}
