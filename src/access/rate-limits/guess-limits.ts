import { createHmac, randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { DatabaseClient } from '../../db/database.ts'
import type { CookieRules } from '../../http/cookies.ts'
import { sameBytes } from '../../lib/secrets.ts'
import type { GuessLimits } from '../../services.ts'
import type { LimitedCaller, Rate, RateLimits, ThrottleScope } from '../../throttling.ts'
import { limitOf, throttled } from './headers.ts'
import { addressOf } from './identity.ts'
import { loadLoginFailures, longestSeconds } from './login-failures.ts'

export interface GuessLimitOptions {
  db: DatabaseClient
  limits: RateLimits
  /** HMAC key, kept with the pod. */
  key: Uint8Array
  cookies: CookieRules
}

/** Wrong secrets of one client from one address, and of all clients from one address. */
const wrongSecrets = { ofClient: { limit: 30, windowSeconds: 3600 }, ofAddress: { limit: 100, windowSeconds: 3600 } }

const deviceCookie = 'known-device'
const deviceSeconds = 365 * 24 * 60 * 60
const nonceLength = 22

/** Limits on wrong passwords and client secrets, beside those on requests, whichever door they are tried at. */
export async function loadGuessLimits({ db, limits, key, cookies }: GuessLimitOptions): Promise<GuessLimits> {
  const { logs } = limits
  const rateOf = (scope: ThrottleScope, caller: LimitedCaller = {}) =>
    limits.isEnabled ? limits.limitFor(scope, caller).limit?.rate : undefined
  const sign = (text: string) => createHmac('sha256', key).update(text).digest()
  const loginRate = atMostAnHour(rateOf('login'))
  const failures =
    loginRate === undefined ? undefined : await loadLoginFailures(db, logs, { keyOf: strangersLog, rate: loginRate })
  const devices = knownDevices(sign, cookies)

  return {
    async login(request, reply, name, verify) {
      if (loginRate === undefined || failures === undefined) return verify()
      const account = sign(`account ${name.toLowerCase()}`).toString('base64url')
      const device = devices.read(request, account)
      const log = device === undefined ? strangersLog(account) : `login ${account} with ${device}`
      const found = await reserve({ scope: 'login', log, rate: loginRate }, verify)
      if (found !== undefined) devices.remember(reply, account)
      else if (device === undefined) failures.note(account)
      return found
    },
    async password(userId, verify) {
      const rate = atMostAnHour(rateOf('password-change', { userId }))
      if (rate === undefined) return verify()
      const verifyOrNothing = async () => (await verify()) || undefined
      const log = `password of ${userId}`
      return (await reserve({ scope: 'password-change', log, rate }, verifyOrNothing)) ?? false
    },
    async clientSecret(request, clientId, verify) {
      if (rateOf('oauth-token') === undefined) return verify()
      const address = addressOf(request)
      const counted = [
        { log: `secret ${clientId.slice(0, 200)} at ${address}`, rate: wrongSecrets.ofClient },
        { log: `secrets at ${address}`, rate: wrongSecrets.ofAddress },
      ]
      for (const { log, rate } of counted) refuseIfExhausted('oauth-token', log, rate)
      const client = await verify()
      if (client === undefined) for (const { log, rate } of counted) logs.consume(log, rate)
      return client
    },
    flush: async () => failures?.flush(),
  }

  /** Counts before the costly look, as many may look at the same time; what was right is taken back. */
  async function reserve<Found>(
    { scope, log, rate }: { scope: ThrottleScope; log: string; rate: Rate },
    verify: () => Promise<Found | undefined>,
  ): Promise<Found | undefined> {
    const usage = logs.consume(log, rate)
    if (usage.isRefused) throw throttled(limitOf(scope, rate), usage)
    let isWrong = false
    try {
      const found = await verify()
      isWrong = found === undefined
      return found
    } finally {
      if (!isWrong) logs.refund(log)
    }
  }

  function refuseIfExhausted(scope: ThrottleScope, log: string, rate: Rate): void {
    const usage = logs.peek(log, rate)
    if (usage.isRefused) throw throttled(limitOf(scope, rate), usage)
  }
}

function strangersLog(account: string): string {
  return `login ${account}`
}

function atMostAnHour(rate: Rate | undefined): Rate | undefined {
  return rate && { limit: rate.limit, windowSeconds: Math.min(rate.windowSeconds, longestSeconds) }
}

/**
 * A browser that has logged in to an account keeps a signed note of it, and its tries are counted apart: strangers who
 * guess can slow each other down, but not the owner.
 */
function knownDevices(sign: (text: string) => Buffer, cookies: CookieRules) {
  const name = cookies.serverOnlyName(deviceCookie)
  const signatureOf = (nonce: string, account: string) => sign(`device ${nonce} ${account}`)
  return {
    read(request: FastifyRequest, account: string): string | undefined {
      const value = request.cookies[name] ?? ''
      const nonce = value.slice(0, nonceLength)
      const given = Buffer.from(value.slice(nonceLength), 'base64url')
      return sameBytes(given, signatureOf(nonce, account)) ? nonce : undefined
    },
    remember(reply: FastifyReply, account: string): void {
      const nonce = randomBytes(16).toString('base64url')
      const value = nonce + signatureOf(nonce, account).toString('base64url')
      reply.setCookie(name, value, { ...cookies.serverOnly, maxAge: deviceSeconds })
    },
  }
}
