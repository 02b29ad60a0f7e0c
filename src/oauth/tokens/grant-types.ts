import { narrowScopes } from '../../access/permission-rows.ts'
import { expandScopes, grantableScopes, parseScopeNames } from '../../access/scopes.ts'
import type { SecurityTrail } from '../../audit/security-trail.ts'
import type { Config } from '../../config.ts'
import type { DatabaseClient } from '../../db/database.ts'
import type { Client } from '../../db/generated/client.ts'
import { missingParameters } from '../../http/oauth-errors.ts'
import { Problem } from '../../lib/problem.ts'
import { readScopes } from '../authorization/request.ts'
import { deviceCodeGrant } from '../clients/clients.ts'
import { redeemDeviceCode } from '../device/redeem.ts'
import type { GrantHandler, TokenParameters } from '../server.ts'
import { exchangeCode, verifierRequired } from './exchange-code.ts'
import { issueClientToken } from './issue-tokens.ts'
import { findRefreshToken, rotateRefreshToken } from './rotate-refresh-token.ts'
import { type IssuedTokens, lifetimesOf } from './token-pair.ts'

/** What the token endpoint can do, by `grant_type`. */
export function grantHandlers(db: DatabaseClient, config: Config, trail: SecurityTrail): Record<string, GrantHandler> {
  return {
    authorization_code: async (client, parameters, origin) => {
      requireAll(parameters, client.origin === 'mastodon' ? ['code', 'redirect_uri'] : ['code'])
      const { code = '', redirect_uri: redirectUri, code_verifier: codeVerifier } = parameters
      // Nothing else proves that this is the client that asked (RFC 9700 §2.1.1).
      if (client.secretHash === null && codeVerifier === undefined) throw verifierRequired()
      const onReuse = (userId: number) => trail.record(origin, { userId, kind: 'code-reused', client: client.name })
      return (await exchangeCode(db, { client, code, redirectUri, codeVerifier, onReuse }, lifetimesOf(client, config)))
        .tokens
    },
    refresh_token: async (client, parameters, origin) => {
      const onReuse = (userId: number) =>
        trail.record(origin, { userId, kind: 'refresh-token-reused', client: client.name })
      return refresh(db, config, { client, parameters, onReuse })
    },
    client_credentials: async (client, { scope }) => {
      if (client.secretHash === null) {
        throw new Problem('unauthorized_client', 'Only clients with a secret may act for themselves (RFC 6749 §4.4).')
      }
      return issueClientToken(
        db,
        { clientId: client.id, scopes: clientScopes(client, scope) },
        lifetimesOf(client, config),
      )
    },
    [deviceCodeGrant]: async (client, parameters) => {
      requireAll(parameters, ['device_code'])
      return redeemDeviceCode(db, { client, deviceCode: parameters.device_code ?? '' }, config)
    },
  }
}

async function refresh(
  db: DatabaseClient,
  config: Config,
  refreshing: { client: Client; parameters: TokenParameters; onReuse: (userId: number) => void },
): Promise<IssuedTokens> {
  const { client, parameters, onReuse } = refreshing
  requireAll(parameters, ['refresh_token'])
  const presented = parameters.refresh_token ?? ''
  const stored = await findRefreshToken(db, presented)
  if (stored === undefined || stored.clientId !== client.id) {
    throw new Problem('invalid_grant', 'The refresh token is not valid.')
  }
  const now = new Date()
  const isOver = stored.familyExpiresAt !== null && stored.familyExpiresAt <= now
  if (isOver || (stored.rotatedAt === null && stored.expiresAt <= now)) {
    throw new Problem('invalid_grant', 'The refresh token has expired.')
  }
  const scopes = narrowed(stored.scopes, parameters.scope)
  try {
    return await rotateRefreshToken(db, { stored, presented, scopes, onReuse }, config)
  } finally {
    // The access token before has ended. Other pods learn it within seconds, when they look again.
    db.changes.note(`token_families ${stored.familyId}`)
  }
}

/** @throws Problem `invalid_scope` for anything that was not granted (RFC 6749 §6) */
function narrowed(granted: string[], text: string | undefined): string[] {
  if (text === undefined) return granted
  const asked = parseScopeNames(text)
  const held = expandScopes(granted)
  const isHeld = (name: string) => granted.includes(name) || leavesWithin(name, held)
  if (asked.length === 0 || !asked.every(isHeld)) {
    throw new Problem('invalid_scope', 'A refresh cannot give more than was granted.')
  }
  return narrowScopes(asked, held)
}

function leavesWithin(name: string, held: ReadonlySet<string>): boolean {
  const leaves = [...expandScopes([name])]
  return leaves.length > 0 && leaves.every((leaf) => held.has(leaf))
}

/** A client that acts for itself may not be given less than it asks for without saying so, except what nobody gets. */
function clientScopes(client: Client, text: string | undefined): string[] {
  const scopes = readScopes(client, text)
  const asked = text === undefined ? scopes : grantableScopes(parseScopeNames(text))
  if (asked.every((name) => scopes.includes(name))) return scopes
  throw new Problem('invalid_scope', 'The application has not registered all of these scopes.')
}

/** @throws Problem `invalid_request` naming all that are missing */
function requireAll(parameters: TokenParameters, names: string[]): void {
  const missing = names.filter((name) => parameters[name] === undefined)
  if (missing.length > 0) throw missingParameters(missing)
}
