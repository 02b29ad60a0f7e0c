import { isIPv4, isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'

/**
 * What a client address counts as: an IPv4 address as itself, also when it is mapped into IPv6; IPv6 by its /64, which is
 * what one customer has at least. Undefined = no address.
 */
export function bucketAddress(address: string): string | undefined {
  if (isIPv4(address)) return address
  const text = withoutPort(address)
  if (!isIPv6(text)) return isIPv4(text) ? text : undefined
  // Two usual spellings, as parsing takes far longer.
  const network = /^((?:(?:0|[1-9a-f][\da-f]{0,3}):){3}[1-9a-f][\da-f]{0,3}):/.exec(text)?.[1]
  if (network !== undefined) return `${network}::/64`
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(text)?.[1]
  if (mapped !== undefined) return mapped
  const parsed = ipaddr.process(text)
  return parsed instanceof ipaddr.IPv6 ? `${networkOf(parsed, 4)}/64` : parsed.toString()
}

/** The network that newcomers share when there is no room for one log each: /16, of IPv6 /32. */
export function widerNetwork(bucket: string): string {
  if (isIPv4(bucket)) return `${bucket.split('.').slice(0, 2).join('.')}.0.0/16`
  return `${networkOf(ipaddr.IPv6.parse(bucket.replace('/64', '')), 2)}/32`
}

function networkOf(address: ipaddr.IPv6, groups: number): string {
  const kept = address.parts.map((part, index) => (index < groups ? part : 0))
  return new ipaddr.IPv6(kept).toString()
}

/** Some proxies write the port too: `192.0.2.1:5678`, `[2001:db8::1]:5678`. */
function withoutPort(address: string): string {
  return /^\[(.*)\](?::\d+)?$/.exec(address)?.[1] ?? /^([\d.]+):\d+$/.exec(address)?.[1] ?? address
}
