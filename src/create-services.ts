import type { FastifyRequest } from 'fastify'
import { loadGuessLimits } from './access/rate-limits/guess-limits.ts'
import { loadRateLimits } from './access/rate-limits/rate-limits.ts'
import { accountMails } from './accounts/account-mails.ts'
import { namedSessionKey } from './accounts/sessions.ts'
import { createSudo } from './accounts/sudo.ts'
import { createSecurityTrail } from './audit/security-trail.ts'
import { createTokenUsage } from './audit/token-usage.ts'
import { createUserActivity } from './audit/user-activity.ts'
import type { Config } from './config.ts'
import type { DatabaseClient } from './db/database.ts'
import { createListCounts } from './db/list-counts.ts'
import { loadPodSecrets } from './db/pod-secrets.ts'
import { createReadiness } from './health/readiness.ts'
import { assetAddresses } from './http/assets.ts'
import { type CookieRules, cookieRules } from './http/cookies.ts'
import { createCsrf } from './http/csrf.ts'
import { createPages } from './http/pages.ts'
import { createJobQueue } from './jobs/job-queue.ts'
import { createPasswordHasher } from './lib/password-hasher.ts'
import { createMailer } from './mail/mailer.ts'
import { openTransport } from './mail/transport.ts'
import { createMaintenance } from './maintenance/maintenance.ts'
import { maintenanceTasks } from './maintenance-tasks.ts'
import { createAudioReader } from './media/audio/audio-reader.ts'
import { mediaFiles } from './media/media-files.ts'
import { createMediaUsage } from './media/media-usage.ts'
import { pictureFiles } from './media/picture-files.ts'
import { createTranscoder } from './media/transcoding/transcoder.ts'
import { addFigures } from './metrics/figures.ts'
import { createMetrics, type Metrics } from './metrics/metrics.ts'
import { knownClients } from './oauth/clients/known-clients.ts'
import type { Services } from './services.ts'
import { podNameOf } from './settings/pod-name.ts'
import { loadSettings } from './settings/settings.ts'

/**
 * Makes what features are handed.
 * @param clock milliseconds that never go back, for rate limits
 */
export async function createServices(config: Config, db: DatabaseClient, clock?: () => number): Promise<Services> {
  const { publicUrl } = config
  db.listener?.start()
  const podSecrets = await loadPodSecrets(db)
  const cookies = cookieRules(publicUrl)
  const csrf = createCsrf({
    key: podSecrets.csrf,
    cookies,
    publicUrl,
    bindingsOf: (request) => csrfBindings(request, cookies),
  })
  const hasher = createPasswordHasher()
  const settings = await loadSettings(db, { common__api_authentication_required: config.apiAuthenticationRequired })
  const podName = () => podNameOf(settings, publicUrl)
  const pages = createPages({ podName, csrf, assets: assetAddresses(), accountOf: sessionOf })
  const rateLimits = await loadRateLimits({ db, config, clock })
  const guesses = await loadGuessLimits({ db, limits: rateLimits, key: podSecrets.login, cookies })
  const metrics = metricsOf(config, db)
  const pictures = pictureFiles(config.dataDir)
  const media = mediaFiles(config.dataDir)
  return {
    config,
    db,
    podSecrets,
    counts: createListCounts(),
    clients: knownClients(db),
    rateLimits,
    guesses,
    cookies,
    csrf,
    pages,
    settings,
    hasher,
    mailer: createMailer({ db, config, podName, transport: openTransport(config), writer: accountMails(db) }),
    trail: createSecurityTrail(db, (kind) => metrics?.securityEvents.inc({ kind })),
    usage: createTokenUsage(db),
    activity: createUserActivity(db),
    pictures,
    media,
    mediaUsage: createMediaUsage(db),
    transcoder: createTranscoder(db, { media, ffmpegPath: config.ffmpegPath }),
    audio: createAudioReader(),
    jobs: createJobQueue(db),
    readiness: createReadiness(db),
    metrics,
    maintenance: createMaintenance(db, maintenanceTasks({ db, config, podSecrets, settings, media, pictures })),
    sudo: createSudo({ db, hasher, guesses }),
  }
}

function metricsOf({ metricsPort, metricsToken }: Config, db: DatabaseClient): Metrics | undefined {
  if (metricsPort === undefined && metricsToken === undefined) return undefined
  const metrics = createMetrics()
  addFigures(metrics, db)
  return metrics
}

/** Who was signed in until the session ended still holds its token, and logs in with that. */
function csrfBindings(request: FastifyRequest, cookies: CookieRules): [string, ...string[]] {
  const session = sessionOf(request)
  if (session !== undefined) return [session.key]
  const named = namedSessionKey(cookies, request)
  return named === undefined ? [''] : ['', named]
}

function sessionOf({ principal }: FastifyRequest) {
  // Before the guard has run, and on errors of the framework, nobody is known.
  return principal?.kind === 'user' ? principal.session : undefined
}

/** For when nothing asks any more: stops what goes on by itself, and writes what is not written yet. */
export async function closeServices(services: Services): Promise<void> {
  services.settings.stop()
  await services.mailer.stop()
  await services.jobs.stop()
  await services.maintenance.stop()
  await services.rateLimits.stop()
  await services.guesses.flush()
  await services.trail.flush()
  await services.usage.flush()
  await services.activity.flush()
  await services.mediaUsage.flush()
  await services.audio.close()
  await services.media.close()
}
