import type { FastifyRateLimitStore, FastifyRateLimitStoreCtor } from '@fastify/rate-limit'
import type { RequestLogs, Usage } from '../../throttling.ts'

type Callback = Parameters<FastifyRateLimitStore['incr']>[1]

/** The sliding logs as a store of `@fastify/rate-limit`. Its `ttl` is the time until one more request may be sent. */
export function pluginStore(logs: RequestLogs): FastifyRateLimitStoreCtor {
  return class implements FastifyRateLimitStore {
    incr(key: string, callback: Callback, windowMs: number, limit: number): void {
      callback(null, standing(logs.consume(key, { limit, windowSeconds: windowMs / 1000 }), limit))
    }

    read(key: string, callback: Callback, windowMs: number, limit: number): void {
      callback(null, standing(logs.peek(key, { limit, windowSeconds: windowMs / 1000 }), limit))
    }

    child(): FastifyRateLimitStore {
      return this
    }
  }
}

/** The plugin refuses what is beyond the limit. */
function standing({ isRefused, remaining, nextMs }: Usage, limit: number): { current: number; ttl: number } {
  return { current: isRefused ? limit + 1 : limit - remaining, ttl: nextMs }
}
