import type { FastifyReply, FastifyRequest } from 'fastify'
import { userOf } from '../../access/principal.ts'
import type { Services } from '../../services.ts'
import { isOutOfBand } from './answer.ts'
import { findOwnCode } from './codes.ts'
import { CodePage, RequestOverPage } from './views.tsx'

/** Shows a code that its user has to carry to the client, as long as it works; reloading makes no other. */
export async function showCode({ db, pages }: Services, code: string, request: FastifyRequest, reply: FastifyReply) {
  const page = pages.context(request, reply)
  const own = await findOwnCode(db, userOf(request).userId, code)
  const found = own !== undefined && isOutOfBand(own) ? own : undefined
  const validSeconds = found === undefined ? 0 : (found.expiresAt.getTime() - Date.now()) / 1000
  if (found === undefined || found.usedAt !== null || validSeconds <= 0) {
    const reason = found?.usedAt ? 'answered' : 'expired'
    const client = found && { client: found.client }
    return pages.send(reply, <RequestOverPage page={page} reason={reason} {...client} />, { status: 400 })
  }
  const codeInTitle = found.redirectUri.endsWith(':auto')
  const view = (
    <CodePage page={page} client={found.client} code={code} validSeconds={validSeconds} codeInTitle={codeInTitle} />
  )
  return pages.send(reply, view, { hideAddress: true })
}
