import fastifyRateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Problem } from '../../lib/problem.ts'
import type { Limit, RateLimits, ThrottleScope, Usage } from '../../throttling.ts'
import { anonymous } from '../principal.ts'
import { isForStrangers, throttleScopeOf } from '../throttle-buckets.ts'
import { bucketAddress } from './addresses.ts'
import { type Counting, claimedClient, countingOf } from './counting.ts'
import { asIso, limitHeaders, type ResetFormat, resetFormatOf, throttled, writeLimit } from './headers.ts'
import { addressOf, type Identity, identify } from './identity.ts'
import { pluginStore } from './plugin-store.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** `later` = once the body has told the client. Undefined = not counted; the answer says how its sender stands. */
    counting: Counting | 'unlimited' | 'later' | undefined
  }
  interface FastifyContextConfig {
    /** How this route writes `X-RateLimit-Reset`; follows from its path unless it is given. */
    rateLimitReset?: ResetFormat
  }
}

/** Counts requests and refuses those beyond a limit; every answer says how its receiver stands. */
export interface RequestLimiter {
  /** Adds the hooks; before any route. */
  register(app: FastifyInstance): Promise<void>
  /**
   * For the hook that has found out who is calling.
   * @throws Problem `throttled`
   */
  limit(request: FastifyRequest, reply: FastifyReply): Promise<void> | undefined
  /** For requests that the framework refuses before any hook: the refusal that comes first, if there is one. */
  limitUnrouted(request: FastifyRequest, reply: FastifyReply): Problem | undefined
  /** What to tell somebody who does not speak HTTP. */
  headersFor(address: string | undefined): Record<string, string>
}

export function createRequestLimiter(limits: RateLimits): RequestLimiter {
  return limits.isEnabled ? new ActiveLimiter(limits) : inactive
}

const inactive: RequestLimiter = {
  register: async () => undefined,
  limit: () => undefined,
  limitUnrouted: () => undefined,
  headersFor: () => ({}),
}

type Count = ReturnType<FastifyInstance['createRateLimit']>

class ActiveLimiter implements RequestLimiter {
  readonly #limits: RateLimits
  #count: Count = async () => {
    throw new Error('The limiter is not registered')
  }

  constructor(limits: RateLimits) {
    this.#limits = limits
  }

  async register(app: FastifyInstance): Promise<void> {
    app.decorateRequest('counting', undefined)
    await app.register(fastifyRateLimit, { global: false, store: pluginStore(this.#limits.logs) })
    this.#count = app.createRateLimit({
      keyGenerator: (request) => counted(request).key,
      max: (request) => counted(request).limit.rate.limit,
      timeWindow: (request) => counted(request).limit.rate.windowSeconds * 1000,
    })
    app.addHook('onRoute', ({ url, config }) => {
      if (config !== undefined) config.rateLimitReset ??= resetFormatOf(url)
    })
    app.addHook('preValidation', (request, reply, done) => {
      if (request.counting === 'later') this.#limitClient(request, reply).then(() => done(), done)
      else done()
    })
    app.addHook('onSend', (request, reply, payload, done) => {
      if (request.counting === undefined || request.counting === 'later') this.#tell(request, reply)
      if (reply.statusCode === 429) correctFormat(request, reply)
      done(null, payload)
    })
  }

  limit(request: FastifyRequest, reply: FastifyReply): Promise<void> | undefined {
    const { config } = request.routeOptions
    const identity = identify(request.principal, request)
    const scope = throttleScopeOf(config.throttle ?? 'wildcard', identity.type)
    if (scope === undefined) return undefined
    if (config.access === 'client' && this.#limits.hasLimitedClients(scope)) {
      request.counting = 'later'
      return undefined
    }
    return this.#consume(scope, identity, request, reply)
  }

  limitUnrouted(request: FastifyRequest, reply: FastifyReply): Problem | undefined {
    const counting = countingOf(this.#limits, 'anonymous-wildcard', { type: 'anonymous', id: addressOf(request) })
    if (counting === undefined) return undefined
    const usage = this.#limits.logs.consume(counting.key, counting.limit.rate)
    tell(counting.limit, usage, request, reply)
    return usage.isRefused ? throttled(counting.limit, usage) : undefined
  }

  headersFor(address: string | undefined): Record<string, string> {
    const id = bucketAddress(address ?? '') ?? 'unknown'
    const counting = countingOf(this.#limits, 'anonymous-wildcard', { type: 'anonymous', id })
    if (counting === undefined) return {}
    return limitHeaders(
      counting.limit,
      this.#limits.logs.consume(counting.key, counting.limit.rate),
      Date.now(),
      'unix',
    )
  }

  /** A client that has a rate of its own is known once it has said who it is. */
  async #limitClient(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const identity = identify(request.principal, request)
    const scope = throttleScopeOf(request.routeOptions.config.throttle ?? 'wildcard', identity.type)
    if (scope === undefined) return
    const clientId = this.#limits.limitedClient(scope, claimedClient(request) ?? '')
    await this.#consume(scope, { ...identity, clientId: clientId ?? identity.clientId }, request, reply)
  }

  async #consume(
    scope: ThrottleScope,
    identity: Identity,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const counting = countingOf(this.#limits, scope, identity)
    request.counting = counting ?? 'unlimited'
    if (counting === undefined) {
      reply.headers({ 'x-ratelimit-scope': scope, 'retry-after': '0' })
      return
    }
    const ofAddress =
      identity.type === 'authenticated' && isForStrangers(scope) ? this.#consumeAddress(scope, request) : undefined
    const standing = await this.#count(request)
    if (standing.isAllowed) return
    const { logs } = this.#limits
    if (standing.isExceeded) {
      if (ofAddress !== undefined) logs.refund(ofAddress.key)
      throw throttled(counting.limit, logs.peek(counting.key, counting.limit.rate))
    }
    const { remaining, ttl, timeWindow } = standing
    tell(counting.limit, { isRefused: false, remaining, nextMs: ttl, resetMs: timeWindow }, request, reply)
  }

  /** Where anybody may try, being signed in gives no further tries. */
  #consumeAddress(scope: ThrottleScope, request: FastifyRequest): Counting | undefined {
    const counting = countingOf(this.#limits, scope, { type: 'anonymous', id: addressOf(request) })
    if (counting === undefined) return undefined
    const usage = this.#limits.logs.consume(counting.key, counting.limit.rate)
    if (usage.isRefused) throw throttled(counting.limit, usage)
    return counting
  }

  /** For answers of routes without a limit, and for those that came before the limit was looked at. */
  #tell(request: FastifyRequest, reply: FastifyReply): void {
    const identity = identify(request.principal ?? anonymous, request)
    const isCounted = request.counting === 'later'
    const { throttle = 'wildcard' } = request.routeOptions.config
    const scope = throttleScopeOf(isCounted ? throttle : 'wildcard', identity.type)
    const counting = scope === undefined ? undefined : countingOf(this.#limits, scope, identity)
    if (counting === undefined) return
    const { logs } = this.#limits
    const { key, limit } = counting
    tell(limit, isCounted ? logs.consume(key, limit.rate) : logs.peek(key, limit.rate), request, reply)
  }
}

function counted({ counting }: FastifyRequest): Counting {
  if (typeof counting === 'object') return counting
  throw new Error('A request is counted without a limit')
}

function formatOf(request: FastifyRequest): ResetFormat {
  return request.routeOptions.config?.rateLimitReset ?? resetFormatOf(request.url)
}

function tell(limit: Limit, usage: Usage, request: FastifyRequest, reply: FastifyReply): void {
  const { raw } = reply
  // Set on the raw answer, as so many on the reply would slow down all of its headers. What the reply says comes later: an
  // answer that names its own time, like 503, knows better.
  writeLimit((name, value) => raw.setHeader(name, value), limit, usage, {
    nowMs: Date.now(),
    format: formatOf(request),
  })
}

/** A refusal does not know where it is sent. */
function correctFormat(request: FastifyRequest, reply: FastifyReply): void {
  const reset = String(reply.getHeader('x-ratelimit-reset'))
  if (formatOf(request) === 'iso' && /^\d+$/.test(reset)) reply.header('x-ratelimit-reset', asIso(reset))
}
