/** node-oidc-provider on PostgreSQL, with opaque tokens, its checks and signatures as they are by default, and no log. */
import pg from 'pg'
import { adapterOn } from './peer-adapter.mjs'

// Called by the provider, and younger than the oldest Node that Baleen runs on.
URL.parse ??= (text, base) => (URL.canParse(text, base) ? new URL(text, base) : null)
const { default: Provider } = await import('oidc-provider')

const port = Number(process.env.PORT)
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 })
const issuer = `http://127.0.0.1:${port}`

const provider = new Provider(issuer, {
  adapter: await adapterOn(pool),
  cookies: { keys: ['a key for cookies'] },
  jwks: JSON.parse(process.env.JWKS),
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    registration: { enabled: true },
    revocation: { enabled: true },
    introspection: { enabled: true },
    resourceIndicators: { enabled: false },
  },
  scopes: ['openid', 'offline_access', 'read'],
  issueRefreshToken: async () => true,
  rotateRefreshToken: true,
  findAccount: async (_context, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
  interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
  ttl: { Session: 86_400, Interaction: 3600, Grant: 86_400 },
})
provider.on('server_error', (_context, error) => console.error(error))

provider.use(async (context, next) => {
  const uid = /^\/interaction\/([\w-]+)$/.exec(context.path)?.[1]
  if (uid === undefined) return next()
  const { prompt, params, session, grantId } = await provider.interactionDetails(context.req, context.res)
  if (context.method === 'GET') {
    context.body = `<!doctype html><title>${params.client_id}</title><form method="post"><button>${prompt.name}</button></form>`
    return
  }
  context.respond = false
  const result =
    prompt.name === 'login'
      ? { login: { accountId: 'alice' } }
      : { consent: { grantId: await consent(params, session, grantId) } }
  await provider.interactionFinished(context.req, context.res, result, { mergeWithLastSubmission: true })
})

/** A user who has allowed something before keeps that grant, as the provider's documentation has it. */
async function consent({ client_id: clientId, scope }, { accountId }, grantId) {
  const known = grantId === undefined ? undefined : await provider.Grant.find(grantId)
  const grant = known ?? new provider.Grant({ accountId, clientId })
  grant.addOIDCScope(scope)
  return grant.save()
}

provider.listen(port, '127.0.0.1')
