import { createHmac } from 'node:crypto'
import { unixSeconds } from '../http/wire.ts'
import { sameBytes } from '../lib/secrets.ts'

/** As long as Funkwhale's. */
const lifetimeSeconds = 3 * 24 * 60 * 60

export interface ListenTokenOwner {
  id: number
  /** Changes with the password, and ends all listen tokens of the user. */
  secretKey: Uint8Array
}

/**
 * A value that lets a media element fetch audio for this user: `id.expiry.signature`, URL-safe. It works for nothing else.
 * @param podKey the pod's key for listen tokens
 */
export function signListenToken(podKey: Uint8Array, owner: ListenTokenOwner, now: Date): string {
  const payload = `${owner.id}.${unixSeconds(now) + lifetimeSeconds}`
  return `${payload}.${signature(podKey, owner, payload).toString('base64url')}`
}

/** Whose listen token this claims to be; to be checked with `isListenTokenOf`. */
export function ownerOfListenToken(token: string): number | undefined {
  const id = /^(\d{1,10})\.\d{1,12}\.[\w-]{43}$/.exec(token)?.[1]
  return id === undefined ? undefined : Number(id)
}

export function isListenTokenOf(podKey: Uint8Array, owner: ListenTokenOwner, token: string, now: Date): boolean {
  const [id = '', expiry = '', given = ''] = token.split('.')
  const expected = signature(podKey, owner, `${id}.${expiry}`)
  const isGenuine = sameBytes(Buffer.from(given, 'base64url'), expected)
  return isGenuine && Number(id) === owner.id && Number(expiry) > unixSeconds(now)
}

function signature(podKey: Uint8Array, { secretKey }: ListenTokenOwner, payload: string): Buffer {
  return createHmac('sha256', podKey).update(secretKey).update(payload).digest()
}
