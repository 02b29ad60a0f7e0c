import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'

/** What is counted while requests are answered. All labels have few values: no address, name or id is one. */
export interface Metrics {
  readonly registry: Registry
  readonly requests: Counter<'method' | 'route' | 'status'>
  readonly durations: Histogram<'method' | 'route'>
  readonly tokens: Counter<'grant_type'>
  readonly oauthErrors: Counter<'route' | 'error'>
  readonly throttled: Counter<'scope'>
  readonly securityEvents: Counter<'kind'>
}

export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  return {
    registry,
    requests: new Counter({
      name: 'baleen_http_requests_total',
      help: 'Requests answered, by the pattern of their route',
      labelNames: ['method', 'route', 'status'],
      registers,
    }),
    durations: new Histogram({
      name: 'baleen_http_request_duration_seconds',
      help: 'From the first byte of a request to the end of its answer',
      labelNames: ['method', 'route'],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers,
    }),
    tokens: new Counter({
      name: 'baleen_oauth_tokens_issued_total',
      help: 'Answers of the token endpoint that held a token',
      labelNames: ['grant_type'],
      registers,
    }),
    oauthErrors: new Counter({
      name: 'baleen_oauth_errors_total',
      help: 'Refusals of the OAuth endpoints, by their error code',
      labelNames: ['route', 'error'],
      registers,
    }),
    throttled: new Counter({
      name: 'baleen_throttled_requests_total',
      help: 'Requests beyond a limit, by the scope of the limit',
      labelNames: ['scope'],
      registers,
    }),
    securityEvents: new Counter({
      name: 'baleen_security_events_total',
      help: 'What happened to accounts: logins, failures, consents, revocations',
      labelNames: ['kind'],
      registers,
    }),
  }
}
