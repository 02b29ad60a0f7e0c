import type { FastifyRequest } from 'fastify'
import { type DestinationStream, destination, type LoggerOptions } from 'pino'
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

/** A line waits so long at most for others to be written with, as each write costs as much as making ten lines. */
const writeAfterMs = 200

/** Standard output, written to in large parts. What waits is written when the process ends, unless it is killed. */
export function logFile(): DestinationStream {
  const file = destination({ dest: 1, sync: false, minLength: 4096 })
  setInterval(() => file.flush(), writeAfterMs).unref()
  return file
}

function describeRequest({ method, url, ip }: FastifyRequest) {
  return { method, path: url.split('?', 1)[0], remoteAddress: ip }
}
