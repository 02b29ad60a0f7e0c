import { isListenTokenOf, ownerOfListenToken } from '../access/listen-tokens.ts'
import type { Authenticate, Principal } from '../access/principal.ts'
import type { Leaf } from '../access/scopes.ts'
import type { Database } from '../db/database.ts'
import { isSecretOf } from '../lib/secrets.ts'
import { disabled, mediaTokenOf, refused, type TokenReader, unconfirmed } from './bearer.ts'

export interface MediaTokenOptions {
  db: Database
  /** The pod's key for listen tokens. */
  podKey: Uint8Array
  readToken: TokenReader
  /** Nobody may act before having confirmed an e-mail address. */
  confirmedOnly: boolean
}

/**
 * Recognises `?token=` where media elements may send it: a listen token or an access token. One that is worth nothing is
 * refused even where no credentials are needed.
 * @throws Problem `invalid_token`, `account_disabled`, `unverified_email`
 */
export function mediaTokenAuthenticator(options: MediaTokenOptions): Authenticate {
  return (request) => {
    const token = mediaTokenOf(request)
    return token === undefined ? undefined : readMediaToken(options, token)
  }
}

async function readMediaToken(options: MediaTokenOptions, token: string): Promise<Principal> {
  const principal = isSecretOf('access', token) ? await options.readToken(token) : await listener(options, token)
  if (principal.kind === 'anonymous' && principal.refusal !== undefined) throw principal.refusal
  return principal
}

const listening: ReadonlySet<Leaf> = new Set(['read:libraries'])

async function listener({ db, podKey, confirmedOnly }: MediaTokenOptions, token: string): Promise<Principal> {
  const id = ownerOfListenToken(token)
  const owner = id === undefined || id >= 2 ** 31 ? null : await db.user.findUnique({ where: { id } })
  if (owner === null || !isListenTokenOf(podKey, owner, token, new Date())) {
    return refused('The token is invalid or has expired.')
  }
  if (!owner.isActive) return disabled()
  if (confirmedOnly && !owner.isSuperuser && owner.emailVerifiedAt === null) return unconfirmed()
  return {
    kind: 'user',
    userId: owner.id,
    credential: 'listen-token',
    scopes: listening,
    listenKey: Uint8Array.from(owner.secretKey),
  }
}
