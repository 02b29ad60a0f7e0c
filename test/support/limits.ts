import type { Config } from '../../src/config.ts'
import { type RateSettings, readRates } from '../../src/throttling.ts'
import { listeningApp, type TestApp } from './app.ts'

export type LimitedPod = TestApp & { url: string }

/** A pod that listens and limits, with these rates in place of the usual; it believes proxies on this machine. */
export async function limitedPod(rates = '', changes: Partial<Config> = {}): Promise<LimitedPod> {
  const limits = { throttlingEnabled: true, throttlingRates: ratesOf(rates) }
  return listeningApp({ ...limits, trustedProxies: ['127.0.0.1'], ...changes })
}

function ratesOf(text: string): RateSettings {
  const read = readRates(text)
  if ('problem' in read) throw new Error(read.problem)
  return read.rates
}

let lastAddress = 0

/** An address that nobody has come from before. */
export function newAddress(): string {
  lastAddress += 1
  return `198.18.${lastAddress >> 8}.${lastAddress & 255}`
}

export interface AskOptions {
  method?: string
  /** Where the request comes from, as a proxy says. */
  from?: string
  headers?: Record<string, string>
  body?: string | URLSearchParams
}

/** One request over the network; redirects are not followed. */
export async function ask({ url }: LimitedPod, path: string, options: AskOptions = {}): Promise<Response> {
  const { method = 'GET', from, headers = {}, body } = options
  const response = await fetch(url + path, {
    method,
    redirect: 'manual',
    headers: { ...(from !== undefined && { 'x-forwarded-for': from }), ...headers },
    ...(body !== undefined && { body }),
  })
  return response
}

/** What an answer says of the limit. */
export function limitOf({ status, headers }: Response) {
  const number = (name: string) => Number(headers.get(name) ?? Number.NaN)
  return {
    status,
    scope: headers.get('x-ratelimit-scope'),
    limit: number('x-ratelimit-limit'),
    remaining: number('x-ratelimit-remaining'),
    retryAfter: number('retry-after'),
  }
}
