import { licenses } from '../../licenses/licenses.ts'

const byAddress = new Map(licenses.map(({ id, code }) => [addressKey(id), code]))

/** The code of the license whose address stands in one of these texts; undefined = in none. */
export function licenseIn(texts: readonly (string | undefined)[]): string | undefined {
  const addresses = texts.flatMap((text) => text?.match(/https?:\/\/[^\s"'<>()]+/gi) ?? [])
  return addresses.map((address) => byAddress.get(addressKey(address))).find((code) => code !== undefined)
}

/** Without what different spellings of one address differ in. */
function addressKey(address: string): string {
  const path = address.toLowerCase().replace(/^https?:\/\/(www\.)?/, '')
  return path.replace(/(deed|legalcode)(\.[a-z-]+)?$/, '').replace(/[/.,;]+$/, '')
}
