import type { FastifyRequest } from 'fastify'
import type { LoggerOptions } from 'pino'
import type { Config } from './config.ts'

/**
 * What the log says of a request: never its query string, headers or body, where codes, tokens and passwords are.
 * On a terminal it is written for people, elsewhere as one JSON object a line.
 */
export function loggerOptions({ logLevel }: Config, { terminal }: { terminal: boolean }): LoggerOptions {
  return {
    level: logLevel,
    serializers: { req: describeRequest },
    redact: ['req.headers', '*.password', '*.token', '*.secret', '*.code'],
    ...(terminal && {
      transport: {
        target: 'pino-pretty',
        options: { translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname,reqId,req.host' },
      },
    }),
  }
}

function describeRequest({ method, url, ip }: FastifyRequest) {
  return { method, path: url.split('?', 1)[0], remoteAddress: ip }
}
