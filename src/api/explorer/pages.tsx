import type { Routes } from '../../services.ts'
import { explorerClientId, explorerRedirectUri } from './explorer-client.ts'
import { explorerFiles } from './files.ts'
import { ExplorerPage } from './views.tsx'

/** Its address holds a code then, which no cache keeps. */
const codeComesTo = 'oauth2-redirect.html'

/** /api/docs */
export const explorerPages: Routes = async (app, { services: { db, config, pages } }) => {
  const { publicUrl } = config
  const redirectUri = explorerRedirectUri(publicUrl)

  app.get('/', { config: { access: 'public', throttle: 'wildcard' } }, async (request, reply) => {
    const page = pages.context(request, reply)
    const clientId = await explorerClientId(db, publicUrl)
    const view = <ExplorerPage page={page} clientId={clientId} redirectUri={redirectUri} />
    return pages.send(reply, view, { policy: explorerPolicy })
  })

  for (const { name, contentType, content } of explorerFiles()) {
    app.get(`/files/${name}`, { config: { access: 'public', throttle: 'none' } }, async (_request, reply) =>
      reply
        .type(contentType)
        .header('cache-control', name === codeComesTo ? 'no-store' : 'public, max-age=3600')
        .header('content-security-policy', explorerPolicy)
        .send(content),
    )
  }
}

/** Swagger UI asks the API, and draws some of its icons from `data:` addresses. */
const explorerPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "object-src 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')
