import cookie from '@fastify/cookie'
import type { FastifyInstance, FastifyPluginCallback, FastifyServerOptions, RouteOptions } from 'fastify'
import { type GuardOptions, guard } from './access/guard.ts'
import { createRequestLimiter, type RequestLimiter } from './access/rate-limits/request-limiter.ts'
import { routeRules } from './access/route-rules.ts'
import { deletionPages } from './accounts/deletion/pages.tsx'
import { deletionRoutes } from './accounts/deletion/routes.ts'
import { emailPages } from './accounts/email-address/pages.tsx'
import { emailChangeRoutes } from './accounts/email-address/routes.ts'
import { confirmationPages } from './accounts/email-confirmation/pages.tsx'
import { confirmationRoutes } from './accounts/email-confirmation/routes.ts'
import { invitationRoutes } from './accounts/invitations/routes.ts'
import { loginPages } from './accounts/login/pages.tsx'
import { loginRoutes } from './accounts/login/routes.ts'
import { passwordChangePages } from './accounts/password-change/pages.tsx'
import { passwordChangeRoutes } from './accounts/password-change/routes.ts'
import { passwordResetPages } from './accounts/password-reset/pages.tsx'
import { passwordResetRoutes } from './accounts/password-reset/routes.ts'
import { profilePages } from './accounts/profile/pages.tsx'
import { profileRoutes } from './accounts/profile/routes.ts'
import { publicProfilePages } from './accounts/public-profile/pages.tsx'
import { sessionPages } from './accounts/session-list/pages.tsx'
import { sessionRoutes } from './accounts/session-list/routes.ts'
import { sessionAuthenticator } from './accounts/sessions.ts'
import { signUpPages } from './accounts/signup/pages.tsx'
import { signUpRoutes } from './accounts/signup/routes.ts'
import { activityRoutes } from './api/activity/routes.ts'
import { actorRoutes, domainRoutes } from './api/actors/routes.ts'
import { albumRoutes } from './api/albums/routes.ts'
import { artistRoutes } from './api/artists/routes.ts'
import { attachmentRoutes, pictureFileRoutes } from './api/attachments/routes.ts'
import { openApi } from './api/explorer/openapi.ts'
import { explorerPages } from './api/explorer/pages.tsx'
import { descriptionRoutes } from './api/explorer/routes.ts'
import { favoriteRoutes } from './api/favorites/routes.ts'
import { adminSettingsRoutes } from './api/instance/admin-settings/routes.ts'
import { clientConfigurationRoutes, instanceRoutes } from './api/instance/routes.ts'
import { libraryRoutes } from './api/libraries/routes.ts'
import { licenseRoutes } from './api/licenses/routes.ts'
import { listenRoutes } from './api/listen/routes.ts'
import { listeningRoutes } from './api/listenings/routes.ts'
import { entryRoutes } from './api/playlists/entry-routes.ts'
import { playlistRoutes } from './api/playlists/routes.ts'
import { publicLibraryRoutes } from './api/public-libraries/routes.ts'
import { rateLimitRoutes } from './api/rate-limit/routes.ts'
import { searchRoutes } from './api/search/routes.ts'
import { tagRoutes } from './api/tags/routes.ts'
import { textPreviewRoutes } from './api/text-preview/routes.ts'
import { trackRoutes } from './api/tracks/routes.ts'
import { uploadRoutes } from './api/uploads/routes.ts'
import { bareApp } from './bare-app.ts'
import { closeServices } from './create-services.ts'
import { documentationPages } from './documentation/pages.tsx'
import { healthRoutes } from './health/routes.ts'
import { homePages } from './home/pages.tsx'
import { answerApiError } from './http/api-errors.ts'
import { assetRoutes } from './http/assets.ts'
import { bodyDeadlines } from './http/body-deadlines.ts'
import { bodyParsers, wellFormedQueries } from './http/body-parsers.ts'
import { lastAnswers } from './http/closing.ts'
import { crossOrigin } from './http/cors.ts'
import { answerMastodonError } from './http/mastodon-errors.ts'
import { answerOAuthError } from './http/oauth-errors.ts'
import { oddRequests } from './http/odd-requests.ts'
import { overload } from './http/overload.ts'
import { pageErrors } from './http/page-errors.tsx'
import { answerRequestIds } from './http/request-ids.ts'
import { securityHeaders } from './http/security-headers.ts'
import { registerSurface } from './http/surface.ts'
import { unknownRoutes } from './http/unknown-routes.ts'
import { accountRoutes, userInfoRoutes } from './mastodon/accounts/routes.ts'
import { appRoutes } from './mastodon/apps/routes.ts'
import { mastodonInstanceRoutes } from './mastodon/instance/routes.ts'
import { managedAppRoutes } from './mastodon/managed-apps/routes.ts'
import { notificationRoutes } from './mastodon/notifications/routes.ts'
import { oauthRoutes } from './mastodon/oauth/routes.ts'
import { userTokenRoutes } from './mastodon/tokens/routes.ts'
import { metricsRoute } from './metrics/metrics-server.ts'
import { requestMetrics } from './metrics/request-metrics.ts'
import { nodeinfoRoutes } from './nodeinfo/routes.ts'
import { readSoftware } from './nodeinfo/software.ts'
import { authorizationPages } from './oauth/authorization/pages.tsx'
import { authorizationRoutes } from './oauth/authorization/routes.ts'
import { bearerAuthenticator, tokenReader } from './oauth/bearer.ts'
import { applicationPages } from './oauth/clients/application-pages/pages.tsx'
import { registrationRoutes } from './oauth/clients/registration/routes.ts'
import { clientRoutes } from './oauth/clients/routes.ts'
import { devicePages } from './oauth/device/pages.tsx'
import { deviceRoutes } from './oauth/device/routes.ts'
import { authorizedAppPages } from './oauth/grants/pages.tsx'
import { grantRoutes } from './oauth/grants/routes.ts'
import { mediaTokenAuthenticator } from './oauth/media-tokens.ts'
import { metadataRoutes } from './oauth/metadata/routes.ts'
import { tokenRoutes } from './oauth/tokens/routes.ts'
import type { Services } from './services.ts'
import { podNameOf } from './settings/pod-name.ts'

export interface AppOptions {
  logger: FastifyServerOptions['logger']
  /** Turns requests away while there are too many. */
  shedsLoad?: boolean
  /** Answers are checked against their schemas: slower, for tests. */
  checkAnswers?: boolean
  /** Sees every request, before anything else does. */
  tracing?: FastifyPluginCallback | undefined
  /** Told of every route, for whoever lists them. */
  onRoute?: (route: RouteOptions) => void
}

/** The whole pod, ready to listen. */
export async function buildApp(services: Services, options: AppOptions): Promise<FastifyInstance> {
  const { config, metrics } = services
  const answerPageError = pageErrors(services.pages)
  const limiter = createRequestLimiter(services.rateLimits)
  const app = bareApp({ ...options, trustedProxies: config.trustedProxies, limiter, dialects })
  if (options.onRoute !== undefined) app.addHook('onRoute', options.onRoute)
  // Before the first route, as routes keep the error handler they find.
  unknownRoutes(app, dialects, answerPageError)
  if (options.tracing !== undefined) await app.register(options.tracing)
  await app.register(lastAnswers)
  await app.register(answerRequestIds)
  if (metrics !== undefined) await app.register(requestMetrics, { metrics })
  await app.register(securityHeaders, { publicUrl: config.publicUrl })
  // Adds a route of its own, so it comes before the rules for ours.
  await app.register(crossOrigin)
  if (options.shedsLoad === true) await app.register(overload, { pool: services.db.pool })
  await app.register(routeRules)
  await app.register(openApi, {
    publicUrl: config.publicUrl,
    podName: () => podNameOf(services.settings, config.publicUrl),
    version: readSoftware().version,
  })
  if (metrics !== undefined && config.metricsToken !== undefined) {
    await app.register(metricsRoute, { metrics, token: config.metricsToken })
  }
  await registerChecks(app, services, limiter)

  await registerSurface(app, answerPageError, (scope) => registerPages(scope, services))
  await registerSurface(app, answerOAuthError, (scope) => registerOAuth(scope, services))
  await registerSurface(app, answerMastodonError, (scope) => registerMastodon(scope, services))
  await registerSurface(app, answerApiError, (scope) => registerApi(scope, services))

  app.addHook('preClose', async () => services.readiness.close())
  // Before what is being answered is waited for.
  app.addHook('preClose', () => services.transcoder.stop())
  app.addHook('onClose', () => closeServices(services))
  return app
}

const dialects = { api: answerApiError, oauth: answerOAuthError, mastodon: answerMastodonError }

/** What a request has to pass before its route does anything, in this order. */
async function registerChecks(app: FastifyInstance, services: Services, limiter: RequestLimiter): Promise<void> {
  await app.register(cookie)
  await app.register(bodyDeadlines)
  await app.register(bodyParsers)
  await limiter.register(app)
  await app.register(guard, rulesFor(services, limiter))
  await app.register(oddRequests)
  await app.register(wellFormedQueries)

  app.addHook('onRequest', ({ principal }, _reply, done) => {
    if (principal.kind === 'user') services.activity.note(principal.userId)
    done()
  })
}

/** How callers prove who they are, in the order in which they are asked, and what is asked of them. */
function rulesFor(services: Services, limiter: RequestLimiter): GuardOptions {
  const { config, db, settings, usage, podSecrets, cookies, csrf } = services
  const confirmedOnly = config.accountEmailVerificationEnforce
  const defaultPermissions = () => settings.get('users__default_permissions')
  const readToken = tokenReader({ db, usage, defaultPermissions, confirmedOnly })
  return {
    authenticators: [
      bearerAuthenticator(readToken),
      mediaTokenAuthenticator({ db, podKey: podSecrets.listen, readToken, confirmedOnly }),
      sessionAuthenticator({ db, cookies, defaultPermissions, confirmedOnly }),
    ],
    authenticationRequired: () => settings.get('common__api_authentication_required'),
    limit: (request, reply) => limiter.limit(request, reply),
    checkCsrf: csrf.check,
  }
}

async function registerPages(scope: FastifyInstance, services: Services): Promise<void> {
  await scope.register(homePages, { services })
  await scope.register(loginPages, { services })
  await scope.register(signUpPages, { services })
  await scope.register(confirmationPages, { prefix: '/auth/email', services })
  await scope.register(passwordResetPages, { prefix: '/auth/password/reset', services })
  for (const prefix of ['', '/oauth']) await scope.register(authorizationPages, { prefix, services })
  await scope.register(devicePages, { services })
  await scope.register(deletionPages, { services })
  await scope.register(publicProfilePages, { services })
  await scope.register(profilePages, { prefix: '/settings', services })
  await scope.register(emailPages, { prefix: '/settings', services })
  await scope.register(passwordChangePages, { prefix: '/settings', services })
  await scope.register(sessionPages, { prefix: '/settings', services })
  await scope.register(authorizedAppPages, { prefix: '/settings/authorized-apps', services })
  await scope.register(applicationPages, { prefix: '/settings/applications', services })
  await scope.register(assetRoutes, { prefix: '/assets' })
  await scope.register(documentationPages, { prefix: '/docs', services })
  await scope.register(explorerPages, { prefix: '/api/docs', services })
}

async function registerOAuth(scope: FastifyInstance, services: Services): Promise<void> {
  await scope.register(tokenRoutes, { prefix: '/api/v1/oauth', services })
  await scope.register(deviceRoutes, { prefix: '/api/v1/oauth', services })
  await scope.register(registrationRoutes, { prefix: '/api/v1/oauth', services })
  await scope.register(metadataRoutes, { prefix: '/.well-known', services })
  await scope.register(oauthRoutes, { prefix: '/oauth', services })
  await scope.register(userInfoRoutes, { prefix: '/oauth', services })
}

async function registerMastodon(scope: FastifyInstance, services: Services): Promise<void> {
  await scope.register(appRoutes, { prefix: '/api/v1/apps', services })
  await scope.register(managedAppRoutes, { prefix: '/api/v1/apps', services })
  await scope.register(accountRoutes, { prefix: '/api/v1/accounts', services })
  await scope.register(notificationRoutes, { prefix: '/api/v1/notifications', services })
  await scope.register(userTokenRoutes, { prefix: '/api/v1/tokens', services })
  await scope.register(mastodonInstanceRoutes, { services })
}

async function registerApi(scope: FastifyInstance, services: Services): Promise<void> {
  await scope.register(authorizationRoutes, { prefix: '/api/v1/oauth', services })
  await scope.register(clientRoutes, { prefix: '/api/v1/oauth/apps', services })
  await scope.register(grantRoutes, { prefix: '/api/v1/oauth/grants', services })
  await scope.register(healthRoutes, { prefix: '/health', services })
  await scope.register(nodeinfoRoutes, { services })
  await scope.register(descriptionRoutes, { services })
  await scope.register(instanceRoutes, { prefix: '/api/v1/instance', services })
  await scope.register(adminSettingsRoutes, { prefix: '/api/v1/instance/admin/settings', services })
  await scope.register(clientConfigurationRoutes, { services })
  await scope.register(textPreviewRoutes, { prefix: '/api/v1/text-preview', services })
  await scope.register(libraryRoutes, { prefix: '/api/v1/libraries', services })
  await scope.register(artistRoutes, { prefix: '/api/v1/artists', services })
  await scope.register(albumRoutes, { prefix: '/api/v1/albums', services })
  await scope.register(trackRoutes, { prefix: '/api/v1/tracks', services })
  await scope.register(tagRoutes, { prefix: '/api/v1/tags', services })
  await scope.register(licenseRoutes, { prefix: '/api/v1/licenses', services })
  await scope.register(searchRoutes, { prefix: '/api/v1/search', services })
  await scope.register(uploadRoutes, { prefix: '/api/v1/uploads', services })
  await scope.register(attachmentRoutes, { prefix: '/api/v1/attachments', services })
  await scope.register(listenRoutes, { prefix: '/api/v1', services })
  await scope.register(pictureFileRoutes, { prefix: '/media/attachments', services })
  await scope.register(favoriteRoutes, { prefix: '/api/v1/favorites/tracks', services })
  await scope.register(listeningRoutes, { prefix: '/api/v1/history/listenings', services })
  await scope.register(playlistRoutes, { prefix: '/api/v1/playlists', services })
  await scope.register(entryRoutes, { prefix: '/api/v1/playlists', services })
  await scope.register(activityRoutes, { prefix: '/api/v1/activity', services })
  await scope.register(actorRoutes, { prefix: '/api/v1/federation/actors', services })
  await scope.register(domainRoutes, { prefix: '/api/v1/federation/domains', services })
  await scope.register(publicLibraryRoutes, { prefix: '/api/v1', services })
  await scope.register(rateLimitRoutes, { prefix: '/api/v1/rate-limit', services })
  await scope.register(passwordChangeRoutes, { prefix: '/api/v1/auth', services })
  await scope.register(passwordResetRoutes, { prefix: '/api/v1/auth/password/reset', services })
  await scope.register(signUpRoutes, { prefix: '/api/v1/auth/registration', services })
  await scope.register(confirmationRoutes, { prefix: '/api/v1/auth/registration', services })
  await scope.register(invitationRoutes, { prefix: '/api/v1/manage/users/invitations', services })
  for (const prefix of ['/api/v1/users', '/api/v1/users/users']) {
    await scope.register(loginRoutes, { prefix, services })
    await scope.register(profileRoutes, { prefix, services })
    await scope.register(deletionRoutes, { prefix, services })
    await scope.register(sessionRoutes, { prefix, services })
    await scope.register(emailChangeRoutes, { prefix, services })
  }
}
