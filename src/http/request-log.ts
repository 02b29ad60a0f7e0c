import { type FastifyBaseLogger, type FastifyReply, type FastifyRequest, LogController } from 'fastify'

/** One line for each request, once it is answered; that one has come in is for whoever looks for a fault. */
export class RequestLog extends LogController {
  #log: FastifyBaseLogger | undefined

  override incomingRequest(request: FastifyRequest): void {
    request.log.debug({ req: request }, 'incoming request')
  }

  override requestCompleted(error: Error | null | undefined, request: FastifyRequest, reply: FastifyReply): void {
    const line = { reqId: request.id, req: request, res: reply, responseTime: reply.elapsedTime }
    if (error) request.log.error({ ...line, err: error }, 'request errored')
    else this.#plain(request).info(line, 'request completed')
  }

  /** What this line holds is chosen by serializers, and looking for secrets in it would take as long as writing it. */
  #plain({ server }: FastifyRequest): FastifyBaseLogger {
    this.#log ??= server.log.child({}, { redact: [] })
    return this.#log
  }
}
