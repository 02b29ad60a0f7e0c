import { setTimeout } from 'node:timers/promises'
import type { FastifyPluginCallback } from 'fastify'
import type { Config } from './config.ts'
import { readSoftware } from './nodeinfo/software.ts'

export interface Tracing {
  /** For the app, before its routes. */
  plugin: FastifyPluginCallback
  /** Sends what was not sent yet. */
  stop(): Promise<void>
}

/** A collector that is away must not keep the pod from ending. */
const finishWithinMs = 2_000

/**
 * Traces of requests, sent to where the admin collects them. Its libraries are loaded only then.
 * @returns undefined where nobody wants them
 */
export async function startTracing({ otelEndpoint }: Pick<Config, 'otelEndpoint'>): Promise<Tracing | undefined> {
  if (otelEndpoint === undefined) return undefined
  const [{ FastifyOtelInstrumentation }, { OTLPTraceExporter }, { resourceFromAttributes }, node] = await Promise.all([
    import('@fastify/otel'),
    import('@opentelemetry/exporter-trace-otlp-proto'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/sdk-trace-node'),
  ])
  const exporter = new OTLPTraceExporter({ url: `${otelEndpoint.replace(/\/$/, '')}/v1/traces` })
  const provider = new node.NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'baleen', 'service.version': readSoftware().version }),
    spanProcessors: [new node.BatchSpanProcessor(exporter)],
  })
  provider.register()
  const instrumentation = new FastifyOtelInstrumentation({
    // What is thrown may hold what was sent.
    recordExceptions: false,
    instrumentHooks: false,
    ignorePaths: ({ url }) => url.startsWith('/health/'),
    // Codes and tokens are in queries (S94).
    requestHook: (span, { url, id }) => {
      span.setAttributes({ 'url.path': url.split('?', 1)[0] ?? '', 'baleen.request_id': id })
    },
  })
  instrumentation.setTracerProvider(provider)
  const stop = () => Promise.race([provider.shutdown(), setTimeout(finishWithinMs, undefined, { ref: false })])
  return { plugin: instrumentation.plugin() as FastifyPluginCallback, stop }
}
